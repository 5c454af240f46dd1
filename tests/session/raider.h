// A member gone bad: it holds the group's keys and keeps none of the rules.
#pragma once

#include "mls/support/insider.h"
#include "session/codec_frame.h"
#include "session/commit_description.h"
#include "session/frame_keys.h"
#include "session/frame_metadata.h"
#include "session/frame_signature.h"
#include "session/frame_suites.h"
#include "session/heartbeat.h"
#include "session/meeting.h"
#include "session/signing_key.h"
#include "room/message.h"
#include "sframe/sealer.h"

namespace conclave::test {

class Raider {
 public:
  explicit Raider(const SessionConfig& config, std::uint64_t seed, std::string_view name = "Eve") : Raider(config, seed, seed, name, {}) {}

  /// An identity of its own seed; `invitation` is a TicketUse, or empty.
  Raider(const SessionConfig& config, std::uint64_t seed, std::uint64_t identity_seed, std::string_view name, Bytes invitation)
      : random_(seed), identity_(identity_of(identity_seed)) {
    const crypto::CipherSuite& suite = *crypto::find_suite(config.suite);
    const auto signer = *crypto::SignaturePrivateKey::generate(suite.signature, random_);
    mls::ClientProfile profile;
    profile.credential = mls::BasicCredential{*identity_.credential(config.room_id, signer.public_key().bytes(), name, {std::move(invitation), {}})};
    profile.leaf_extensions.set(*session::offer_of(config.frame_suites));
    profile.leaf_extensions.set(session::SigningKey{to_bytes(signer.public_key().bytes())});
    profile.capabilities = mls::Capabilities::of_library(suite.id);
    profile.capabilities.extensions.push_back(session::SigningKey::type);
    profile.capabilities.extensions.push_back(session::FrameSuites::type);
    profile.capabilities.extensions.push_back(session::policy_extension);
    profile.lifetime = {Meeting::wall.value - 3600, Meeting::wall.value + 7200};
    bundle_.emplace(*mls::KeyPackageBundle::generate(suite, signer, std::move(profile), {}, random_));
    key_package = wire::encode(bundle_->key_package);
  }

  /// Takes the seat that the meeting's owner gives it; false when it gets none.
  bool enter(Meeting& meeting) {
    const std::uint64_t request = 100'000 + meeting.log.size();
    auto step = meeting.parties[0].session.admit(request, key_package, meeting.at());
    if (!step.ok()) return false;
    meeting.take(0, std::move(*step));
    meeting.settle();
    const auto admission = meeting.admissions.find(request);
    if (admission == meeting.admissions.end()) return false;
    group_.emplace(std::move(*mls::Group::join({.welcome = admission->second.welcome, .bundle = *bundle_, .ratchet_tree = {}, .psks = nullptr,
                                                .predecessor = nullptr, .options = {}}, random_)));
    read_ = admission->second.behind;
    return true;
  }

  /// Reads the log as everybody does, and merges whatever comes.
  void follow(const Meeting& meeting) {
    for (; read_ < meeting.log.size(); ++read_) {
      auto staged = group_->stage(meeting.log[read_].message, Meeting::wall);
      if (staged.ok()) (void)group_->merge(std::move(*staged));
    }
  }

  /// A commit of any proposals, as it goes to the log. The group stays where it is.
  Bytes commit(std::vector<mls::Proposal> proposals) {
    mls::CommitOptions options;
    options.with_proposals = false;
    auto made = group_->commit(std::move(proposals), std::move(options), Meeting::wall, random_);
    REQUIRE(made.ok());
    welcome = made->welcome.value_or(Bytes());
    group_->discard_pending();
    return made->commit;
  }

  template <class Change>
  Bytes commit_policy(Change change, std::vector<mls::Proposal> more = {}) {
    mls::Extensions extensions = group_->extensions();
    room::RoomPolicy policy = *session::read_policy(extensions);
    change(policy);
    extensions.set(session::policy_extension, wire::encode(policy));
    more.emplace_back(mls::GroupContextExtensions{std::move(extensions)});
    return commit(std::move(more));
  }

  /// What another member signed, sealed once more as that member seals it: every member knows the keys for that.
  Bytes sealed_again(ByteView message) {
    return mls::Insider(*group_, random_).seal_again(message);
  }

  Bytes say(const room::RoomMessage& message) {
    return *group_->protect(wire::encode(session::ContentKind::room, wire::Raw{room::encode_message(message)}), {}, random_);
  }

  /// A frame under the keys of the epoch, as whichever member and stream.
  Bytes seal(MemberId as, std::uint8_t stream, const FrameInfo& info, ByteView content, std::uint64_t counter = 0,
             FrameMode mode = FrameMode::whole) {
    const auto suite = sframe::CipherSuite::aes_128_gcm_sha256_128;
    const SecretBuffer exported = *group_->exporter("SFrame 1.0 Base Key", {}, sframe::parameters_of(suite).key_size);
    auto epoch = *sframe::EpochKeys::create(suite, group_->epoch(), sframe::EpochSecret::copy_of(exported.expose()), {.epoch_size = 4, .sender_size = 16});
    auto sealer = *epoch.sealing.make_sealer(as, session::kid_context(stream, mode), counter);
    Bytes out(max_sealed_size(content.size(), mode));
    const Bytes metadata = to_bytes(session::frame_metadata(info));
    const auto size = mode == FrameMode::whole ? sealer.seal(content, metadata, out) : session::seal_codec_frame(sealer, mode, content, metadata, out);
    REQUIRE(size.ok());
    out.resize(*size);
    return out;
  }

  [[nodiscard]] session::FrameHistory history() const {
    session::FrameHistory history{};
    const SecretBuffer exported = *group_->exporter("conclave frame signing", {}, history.size());
    std::ranges::copy(exported.expose(), history.begin());
    return history;
  }

  static room::Identity identity_of(std::uint64_t seed) {
    return *room::Identity::from_seed(Bytes(32, static_cast<std::uint8_t>(seed)));
  }

  [[nodiscard]] mls::Group& group() { return *group_; }
  [[nodiscard]] crypto::Random& random() { return random_; }
  [[nodiscard]] MemberId id() const { return group_->own_leaf().value; }
  [[nodiscard]] room::IdentityHash hash() const { return identity_.hash(); }

  Bytes key_package;
  Bytes welcome;  ///< of the latest commit

 private:
  crypto::SeededRandom random_;
  room::Identity identity_;
  std::optional<mls::KeyPackageBundle> bundle_;
  std::optional<mls::Group> group_;
  std::size_t read_ = 0;
};

}  // namespace conclave::test
