// Those who are no members any more try what they can with the state that they kept.
#include "mls/sim/history.h"

namespace conclave::mls::test {
namespace {

/// The same message, as if it were of another epoch.
Bytes with_epoch(ByteView message, std::uint64_t epoch) {
  MlsMessage decoded = need(MlsMessage::decode(message));
  if (auto* sealed = std::get_if<PrivateMessage>(&decoded.body)) sealed->epoch = epoch;
  if (auto* open = std::get_if<PublicMessage>(&decoded.body)) open->content.epoch = epoch;
  return wire::encode(decoded);
}

}  // namespace

/// A commit neither fits their state nor does any key of theirs open one of its path secrets.
void History::trespass(ByteView commit, const GroupContext& before, const Group& now) {
  if (former_.empty()) return;
  Group& former = former_[roll(former_.size())];
  if (former.epoch() < before.epoch) {  // the others understand what removes them, and nothing of what follows
    REQUIRE_FALSE(former.stage(commit, noon).ok());
    REQUIRE_FALSE(former.stage(with_epoch(commit, former.epoch()), noon).ok());
  }
  REQUIRE_FALSE(equal(former.epoch_authenticator(), now.epoch_authenticator()));
  ++counts["trespass"];

  const MlsMessage decoded = need(MlsMessage::decode(commit));
  const auto* open = std::get_if<PublicMessage>(&decoded.body);
  if (open == nullptr) return;
  const auto& path = std::get<CommitContent>(open->content.content).commit.path;
  if (!path) return;
  GroupContext context = now.context();
  context.confirmed_transcript_hash = before.confirmed_transcript_hash;
  const Bytes info = wire::encode(context);
  for (const auto& [node, key] : Insider(former, random_).epoch().keys) {
    for (const UpdatePathNode& step : path->nodes) {
      if (step.encrypted_path_secret.empty()) continue;
      const HpkeCiphertext& sealed = step.encrypted_path_secret[roll(step.encrypted_path_secret.size())];
      REQUIRE_FALSE(decrypt_with_label(now.suite(), *key, "UpdatePathNode", info, sealed).ok());
      ++counts["key tried"];
    }
  }
}

void History::eavesdrop(ByteView message) {
  for (Group& former : former_) {
    REQUIRE_FALSE(former.unprotect(message).ok());
    REQUIRE_FALSE(former.unprotect(with_epoch(message, former.epoch())).ok());
    ++counts["eavesdrop"];
  }
}

}  // namespace conclave::mls::test
