// The raid: a public meeting that organised raiders try to break up.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace conclave::raid {

struct Plan {
  int members = 200;
  int raiders = 1500;
  std::uint64_t seed = 1;
  bool hostile_relay = false;
  std::function<void(std::string_view what, int done, int of)> progress;  ///< called as the raid goes on, if there is one
};

struct Report {
  std::uint64_t raider_frames_decoded = 0;   ///< of raiders without the floor, by any member
  std::uint64_t raiders_with_keys = 0;       ///< of those who were not admitted
  double honest_loss = 0;                    ///< share of honest frames that did not open
  double join_delay_p99_ms = 0;              ///< virtual time from an honest knock to the seat
  double removal_to_silence_p99_ms = 0;      ///< virtual time from the click to the last frame that any member opened
  std::uint64_t relay_peak_bytes = 0;        ///< of the log unread and of who waits
  std::uint64_t host_state_bytes = 0;        ///< the host's whole session at the end, serialised
  std::uint64_t members = 0;
  std::uint64_t raiders_removed = 0;         ///< of those who were let in by mistake
  std::uint64_t rejoins_refused = 0;         ///< attempts to come back: identity, invitation, somebody else with it
  std::uint64_t refused_messages = 0;
  double virtual_seconds = 0;
};

Report run(const Plan& plan);

}  // namespace conclave::raid
