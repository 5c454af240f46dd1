// A founder and a guest who hold the keys of one room, without a relay between them.
#pragma once

#include <catch2/catch.hpp>

#include "session/room_group.h"

namespace conclave::test {

struct RoomOfTwo {
  static constexpr UnixSeconds wall{1'700'000'000};
  crypto::SeededRandom random;
  SessionConfig config;
  room::Identity founder_identity = *room::Identity::generate(random);
  room::Identity guest_identity = *room::Identity::generate(random);
  Time now{std::chrono::seconds(100)};
  session::RoomGroup founder;
  session::RoomGroup guest;
  FrameOpener founder_opener;
  FrameOpener guest_opener;

  explicit RoomOfTwo(std::uint64_t seed = 5)
      : random(seed), config(make_config(random)), founder(*session::RoomGroup::found(config, founder_identity, "Ada", wall, random)),
        guest(enter(guest_identity, "Bob")) {}

  /// Lets somebody in by the founder's commit.
  session::RoomGroup enter(const room::Identity& identity, std::string_view name) {
    auto joining = session::PendingSeat::begin(config, identity, name, wall, random);
    REQUIRE(joining.ok());
    auto commit = founder.admit(joining->key_package(), wall, random);
    REQUIRE(commit.ok());
    REQUIRE(commit->welcome);
    REQUIRE(founder.handle_commit(commit->message, wall, now).fate == session::CommitOutcome::Fate::own_merged);
    auto session = joining->complete(*commit->welcome, founder_identity.hash(), wall, random);
    if (!session.ok()) FAIL(session.error().detail);
    return std::move(*session);
  }

  /// What became of a frame, and the plaintext.
  struct Opened : OpenedFrame {
    Bytes plaintext;
  };
  Opened at_founder(const FrameInfo& info, ByteView sealed) { return open(founder, founder_opener, info, sealed); }
  Opened at_guest(const FrameInfo& info, ByteView sealed) { return open(guest, guest_opener, info, sealed); }

  /// Both read the same commit from the log.
  void deliver(const session::CommitToLog& commit) {
    (void)founder.handle_commit(commit.message, wall, now);
    (void)guest.handle_commit(commit.message, wall, now);
  }

 private:
  static Opened open(const session::RoomGroup& group, FrameOpener& opener, const FrameInfo& info, ByteView sealed) {
    opener.update(group.keys().snapshot());
    Bytes plaintext(sealed.size());
    const OpenedFrame frame = opener.open(info, sealed, plaintext);
    plaintext.resize(frame.opened() ? frame.size : 0);
    return {frame, std::move(plaintext)};
  }

  static SessionConfig make_config(crypto::Random& random) {
    SessionConfig config;
    random.fill(config.room_id);
    return config;
  }
};

/// A frame's visible part that differs from the default in every field.
inline FrameInfo sample_info() { return {0x1234, 0x5678, true, false, true, 2, 1, 3, 9}; }

}  // namespace conclave::test
