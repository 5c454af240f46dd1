// Those who are no members any more try what they can with the state that they kept. What they try works for members: that is
// checked beside it.
#include <algorithm>

#include "mls/sim/history.h"

namespace conclave::mls::test {
namespace {

/// Whether who was told nothing by a commit, but has the secrets of the epoch before it, gets at the epoch after it.
bool enters(const EpochState& before, const Group& now) {
  const crypto::CipherSuite& suite = now.suite();
  const JoinerSecret joiner = derive_joiner_secret(suite, before.secrets.init_secret, CommitSecret(suite.hash_size), wire::encode(now.context()));
  const EpochState guessed = enter_epoch(suite, now.context(), joiner, PskSecret(suite.hash_size), now.tree().leaf_count());
  return equal(guessed.secrets.epoch_authenticator.expose(), now.epoch_authenticator());
}

/// How many of the path secrets in a commit these keys open.
std::size_t opens(const PrivateKeys& keys, const UpdatePath& path, const crypto::CipherSuite& suite, ByteView info) {
  std::size_t count = 0;
  for (const auto& each : keys) {
    const auto& key = each.second;
    for (const UpdatePathNode& step : path.nodes) {
      count += static_cast<std::size_t>(std::ranges::count_if(step.encrypted_path_secret, [&](const HpkeCiphertext& sealed) {
        return decrypt_with_label(suite, *key, "UpdatePathNode", info, sealed).ok();
      }));
    }
  }
  return count;
}

}  // namespace

/// The secrets of the epoch in which they left lead to none that follows, nor does any key of theirs open a path secret.
void History::trespass(ByteView commit, const GroupContext& before, const Group& now) {
  for (Group& former : former_) {
    const EpochState& kept = Insider(former, random_).epoch();
    if (former.epoch() != before.epoch || kept.secrets.init_secret.empty()) continue;  // the library left it nothing
    REQUIRE_FALSE(enters(kept, now));
    ++counts["trespass"];
  }
  if (former_.empty() || !chance(3)) return;
  const MlsMessage decoded = need(MlsMessage::decode(commit));
  const auto* open = std::get_if<PublicMessage>(&decoded.body);
  if (open == nullptr) return;
  const auto& path = std::get<CommitContent>(open->content.content).commit.path;
  if (!path) return;
  GroupContext context = now.context();
  context.confirmed_transcript_hash = before.confirmed_transcript_hash;
  const Bytes info = wire::encode(context);
  Group& former = former_[roll(former_.size())];
  REQUIRE(opens(Insider(former, random_).epoch().keys, *path, now.suite(), info) == 0);
  ++counts["keys tried"];
  Seat& member = anyone();
  if (member.since > before.epoch || &member.in() == &now) return;
  REQUIRE(opens(Insider(member.in(), random_).epoch().keys, *path, now.suite(), info) > 0);
  ++counts["keys of members tried"];
}

/// `message` was read by nobody; `member` could.
void History::eavesdrop(ByteView message, Seat& member) {
  const MlsMessage decoded = need(MlsMessage::decode(message));
  const auto& sealed = std::get<PrivateMessage>(decoded.body);
  REQUIRE(Insider(member.in(), random_).reads(sealed));
  for (Group& former : former_) {
    REQUIRE_FALSE(Insider(former, random_).reads(sealed));
    ++counts["eavesdrop"];
  }
}

}  // namespace conclave::mls::test
