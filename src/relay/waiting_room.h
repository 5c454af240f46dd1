// Who stands at the door of a room: bounded, in order of arrival.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "relay/limits.h"
#include "transport/server.h"

namespace conclave::relay {

/// Somebody whose knock passed the gate.
struct Knocker {
  std::uint64_t knock_id = 0;
  transport::ConnectionId connection = 0;
  std::uint64_t peer = 0;  ///< opaque id of the connection in the room
  Bytes sealed;
  Time expires{};

  /// A Welcome that waits because its commit was not the first for its epoch.
  struct Held {
    std::uint64_t index = 0;  ///< of the commit in the log, where the Welcome is
    Time release{};
  };
  std::optional<Held> held;
  bool in_lane = false;  ///< of personal invitations
};

class WaitingRoom {
 public:
  explicit WaitingRoom(const Limits& limits) : limits_(limits) {}

  /// Ids are given from here on.
  void begin_at(std::uint64_t first_id) { next_id_ = first_id; }
  /// Gives it an id and a time. Null when its lane is full: those without a personal invitation leave room for those with one. Valid until it is taken.
  const Knocker* add(Knocker knocker, Time now);
  [[nodiscard]] Knocker* find(std::uint64_t knock_id);
  [[nodiscard]] const Knocker* find_connection(transport::ConnectionId connection) const;
  std::optional<Knocker> take(std::uint64_t knock_id);

  [[nodiscard]] const std::map<std::uint64_t, Knocker>& all() const { return knockers_; }
  /// Whose time is up.
  [[nodiscard]] std::vector<std::uint64_t> expired(Time now) const;
  /// Whose held Welcome is due.
  [[nodiscard]] std::vector<std::uint64_t> released(Time now) const;
  [[nodiscard]] Time next_deadline() const;

 private:
  const Limits& limits_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, Knocker> knockers_;
};

}  // namespace conclave::relay
