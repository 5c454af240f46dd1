// A room that is none: made by whoever wants newcomers to take it for the one that their link names.
#pragma once

#include "session/raider.h"

namespace conclave::test {

/// A group that somebody makes up under the room's id, with any policy, and a Welcome into it for `victim`.
inline Bytes ghost_room(const SessionConfig& config, const room::Identity& maker, const room::RoomPolicy& policy, ByteView victim) {
  crypto::SeededRandom random(99);
  const crypto::CipherSuite& suite = *crypto::find_suite(config.suite);
  mls::GroupConfig ghost;
  ghost.suite = suite.id;
  ghost.group_id = to_bytes(config.room_id);
  ghost.signer = *crypto::SignaturePrivateKey::generate(suite.signature, random);
  ghost.profile.credential = mls::BasicCredential{*maker.credential(config.room_id, ghost.signer.public_key().bytes(), "Ada")};
  ghost.profile.leaf_extensions.set(session::FrameSuites{{static_cast<std::uint16_t>(config.frame_suites.front())}});
  ghost.profile.leaf_extensions.set(session::SigningKey{to_bytes(ghost.signer.public_key().bytes())});
  ghost.profile.capabilities = mls::Capabilities::of_library(suite.id);
  for (const auto type : {session::SigningKey::type, session::FrameSuites::type, session::policy_extension}) ghost.profile.capabilities.extensions.push_back(type);
  ghost.profile.lifetime = {Meeting::wall.value - 3600, Meeting::wall.value + 7200};
  ghost.extensions.set(session::FrameSuites{{static_cast<std::uint16_t>(config.frame_suites.front())}});
  ghost.extensions.set(session::policy_extension, wire::encode(policy));
  auto group = *mls::Group::create(std::move(ghost), random);
  std::vector<mls::Proposal> proposals;
  proposals.emplace_back(mls::Add{std::make_shared<const mls::KeyPackage>(*wire::decode<mls::KeyPackage>(victim))});
  return *group.commit(std::move(proposals), {}, Meeting::wall, random)->welcome;
}

/// Somebody with the link who waits at the door.
struct Victim {
  Identity identity = std::move(*Identity::from_seed(Bytes(32, 77)));
  Joining joining;
  explicit Victim(Meeting& meeting) : joining(std::move(*Joining::begin(meeting.seeded(), identity, "Vera", meeting.at()))) {}

  [[nodiscard]] ErrorCode fault(const Meeting& meeting, ByteView welcome) const {
    const auto session = joining.complete(welcome, meeting.owner_hash, meeting.at());
    REQUIRE_FALSE(session.ok());
    return session.error().code;
  }
};

}  // namespace conclave::test
