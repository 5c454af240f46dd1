// A call that is about its members, not about its media.
#pragma once

#include <catch2/catch.hpp>

#include "conference/call_simulation.h"

namespace conclave::test {

/// Guests send nothing, the host little.
inline SimulationConfig quiet_room() {
  SimulationConfig config;
  config.path.delay = std::chrono::milliseconds(20);
  config.guests_send = false;
  config.width = 64;
  config.height = 48;
  config.frames_per_second = 2;
  config.bitrate = 60'000;
  return config;
}

inline MemberId number_of(Party& observer, const std::string& name) {
  for (const RosterEntry& entry : observer.conference->report().roster) {
    if (entry.display_name == name) return entry.member;
  }
  FAIL("nobody is called " << name);
  return 0;
}

/// The founder Ada and these, in the room.
inline std::vector<Party*> gather(CallSimulation& call, const std::vector<std::string>& names) {
  REQUIRE(call.run_until([&] { return call.host().in_room; }, std::chrono::seconds(10)));
  std::vector<Party*> guests;
  for (const std::string& name : names) {
    guests.push_back(&call.add_guest(name));
    REQUIRE(call.run_until([&] { return guests.back()->in_room; }, std::chrono::seconds(10)));
  }
  call.run_for(std::chrono::seconds(2));
  return guests;
}

}  // namespace conclave::test
