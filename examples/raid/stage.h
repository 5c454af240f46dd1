// A public meeting in virtual time: members, a log between them, and a relay that may be hostile.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "conclave/room.h"

namespace conclave::raid {

/// One member: its session, its opener, and what it heard.
struct Attendee {
  std::unique_ptr<Session> session;
  FrameOpener opener{};
  std::size_t read = 0;         ///< of the log
  std::vector<SessionStep> done{};  ///< in this moment, not yet in the log
  std::optional<Time> deadline{};   ///< of its session, unless that has heard or done something since
  Duration delay{};             ///< from the relay
  std::uint64_t honest_heard = 0;
  std::uint64_t raiders_heard = 0;
  std::map<MemberId, Time> last_heard{};
  bool ended = false;
};

/// A message in the room's log, and when the relay had it.
struct Logged {
  ToLog entry;
  Time at{};
};

class Stage {
 public:
  Stage(std::uint64_t seed, bool hostile);

  [[nodiscard]] Moment at() const { return {now, UnixSeconds{1'700'000'000 + static_cast<std::uint64_t>((now - Time{}) / std::chrono::seconds(1))}}; }
  Attendee& host() { return attendees.front(); }

  /// Somebody knocks with a personal invitation or without; the host's own queue admits. The request's number.
  std::uint64_t knock(const Identity& who, const std::string& name, Bytes invitation);
  /// The joiner's seat, once its Welcome is there.
  bool take_seat(std::uint64_t request);
  void send(std::size_t from, SessionStep step);
  /// Something of a raider's making, in the room's log as if a member had sent it.
  void smuggle(Bytes message) { log.push_back({ToLog{std::move(message), true, 0, {}}, now}); }

  /// Time passes: everybody reads what has arrived.
  void pass(Duration time);
  /// The relay hands a frame to everybody but its sender; `raider`: it is counted as one of theirs.
  void carry(ByteView sealed, const FrameInfo& info, bool raider, std::size_t from);

  Time now{std::chrono::seconds(100)};
  std::mt19937_64 random;
  bool hostile;
  SessionConfig config;
  std::deque<Attendee> attendees;
  std::deque<Logged> log;
  std::map<std::uint64_t, Joining> waiting;
  struct Sent {
    Bytes welcome;
    std::size_t read_from = 0;
    Time arrives{};
  };
  std::map<std::uint64_t, Sent> welcomes;
  std::array<std::uint8_t, 32> owner{};
  Identity owner_identity;
  std::uint64_t refused_messages = 0;
  std::size_t peak_bytes = 0;  ///< of the log that members have not read, and of who waits

 private:
  void read_on(Attendee& attendee) const;
  void take(std::size_t number, SessionStep step);
  void lie();
  std::uint64_t next_request_ = 1;
};

}  // namespace conclave::raid
