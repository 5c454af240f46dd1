// What every part of one conference shares.
#pragma once

#include <memory>

#include "conclave/conference.h"
#include "crypto/random.h"
#include "room/invitation.h"
#include "session/identity.h"

namespace conclave::conference {

struct Context {
  ConferenceConfig config;
  Link link;
  bool hosting = false;
  UnixSeconds wall_start;
  Time start{};
  std::unique_ptr<crypto::SeededRandom> seeded;  ///< of a simulation
  std::shared_ptr<const Identity> identity;
  std::optional<room::InvitationKeys> invitation;

  [[nodiscard]] crypto::Random& random() const { return seeded ? *seeded : crypto::system_random(); }
  [[nodiscard]] UnixSeconds wall_time(Time now) const {
    const auto passed = std::chrono::duration_cast<std::chrono::seconds>(now - start).count();
    return {wall_start.value + static_cast<std::uint64_t>(passed)};
  }
  [[nodiscard]] Moment moment(Time now) const { return {now, wall_time(now)}; }
  [[nodiscard]] SessionConfig session_config() const {
    SessionConfig session;
    session.room_id = link.room_id;
    session.key_rotation = config.key_rotation;
    session.commit_interval = std::chrono::milliseconds(250);  // a relay takes five commits a second, and fifty at once
    session.admissions_at_once = 32;
    session.mode = config.mode;
    session.organisation = config.organisation;
    session.trusted = config.trusted;
    session.invitation = hosting ? Bytes() : link.personal;
    if (seeded) session.seed = *config.seed * 2 + (hosting ? 1 : 0);
    return session;
  }
};

}  // namespace conclave::conference
