// Members of one room with a log between them, in virtual time: what an app with a relay of its own would be.
#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>

#include "base/bytes.h"
#include "conclave/session.h"

namespace conclave::test {

/// One member, its opener, and what happened to it.
struct Party {
  Session session;
  FrameOpener opener{};
  std::vector<SessionEvent> events{};
  std::size_t read = 0;  ///< of the log
  std::function<bool(const ToLog&)> withheld{};  ///< what the relay keeps from this member
  bool gone = false;                             ///< it neither reads nor speaks

  template <class Event>
  [[nodiscard]] std::vector<Event> all() const {
    std::vector<Event> found;
    for (const SessionEvent& event : events) {
      if (const auto* each = std::get_if<Event>(&event)) found.push_back(*each);
    }
    return found;
  }
  template <class Event>
  [[nodiscard]] bool saw() const { return !all<Event>().empty(); }
};

class Meeting {
 public:
  static constexpr UnixSeconds wall{1'700'000'000};

  explicit Meeting(SessionConfig with = {}, std::uint64_t seed = 7) : config(std::move(with)), seed_(seed) {
    config.room_id.fill(0x5A);
    owner_hash = identity().hash();
    const Identity& founder = identities_.back();
    auto session = Session::found(seeded(), founder, "Ada", at());
    REQUIRE(session.ok());
    parties.push_back(Party{std::move(*session)});
    settle();
  }

  /// Lets somebody in by this party; returns its number.
  std::size_t enter(std::string_view name, std::size_t by = 0) {
    const Identity& who = identity();
    auto joining = Joining::begin(seeded(), who, name, at());
    REQUIRE(joining.ok());
    const std::uint64_t request = 1000 + parties.size();
    auto step = parties[by].session.admit(request, joining->key_package(), at());
    REQUIRE(step.ok());
    take(by, std::move(*step));
    settle();
    const auto& admission = admissions.at(request);
    auto session = joining->complete(admission.welcome, owner_hash, at());
    if (!session.ok()) FAIL(session.error().detail);
    Party party{std::move(*session)};
    party.read = admission.behind;
    parties.push_back(std::move(party));
    settle();
    return parties.size() - 1;
  }

  void take(std::size_t number, SessionStep step) {
    Party& party = parties[number];
    for (SessionEvent& event : step.events) {
      const bool keys = std::holds_alternative<EpochEntered>(event) || std::holds_alternative<FrameKeysChanged>(event) ||
                        std::holds_alternative<SessionSuspended>(event);
      if (keys) party.opener.update(party.session.frame_keys());
      party.events.push_back(std::move(event));
    }
    for (ToLog& entry : step.send) append(std::move(entry));
  }
  void append(ToLog entry) {
    const bool again = std::ranges::any_of(log, [&](const ToLog& before) { return before.message == entry.message; });
    if (entry.admission && !again) admissions[entry.admission->request] = {entry.admission->welcome, log.size() + 1};
    log.push_back(std::move(entry));
  }

  /// Everybody reads the log to its end, and does what is due.
  void settle() {
    for (bool busy = true; busy;) {
      busy = false;
      for (std::size_t i = 0; i < parties.size(); ++i) busy = read_on(i) || busy;
    }
    for (Party& party : parties) party.opener.update(party.session.frame_keys());
  }
  /// Time passes, in steps of 100 ms.
  void pass(Duration time) {
    for (const Time end = now + time; now < end;) {
      now += std::chrono::milliseconds(100);
      settle();
    }
  }

  [[nodiscard]] Moment at() const { return {now, UnixSeconds{wall.value + static_cast<std::uint64_t>((now - Time{}) / std::chrono::seconds(1))}}; }
  [[nodiscard]] SessionConfig seeded() {
    SessionConfig copy = config;
    copy.seed = ++seed_;
    return copy;
  }
  const Identity& identity() {
    Bytes secret(32, static_cast<std::uint8_t>(++seed_));
    identities_.push_back(std::move(*Identity::from_seed(secret)));
    return identities_.back();
  }

  struct Admission {
    Bytes welcome;
    std::size_t behind = 0;
  };

  SessionConfig config;
  Time now{std::chrono::seconds(100)};
  std::deque<Party> parties;
  std::deque<ToLog> log;
  std::map<std::uint64_t, Admission> admissions;
  std::array<std::uint8_t, 32> owner_hash{};

 private:
  bool read_on(std::size_t number) {
    bool busy = false;
    if (parties[number].gone) return false;
    for (; parties[number].read < log.size();) {
      const ToLog& entry = log[parties[number].read++];
      busy = true;
      if (parties[number].withheld && parties[number].withheld(entry)) continue;
      take(number, parties[number].session.handle(entry.message, at()));
    }
    if (now >= parties[number].session.next_deadline()) {
      SessionStep step = parties[number].session.tick(at());
      busy = busy || !step.send.empty();
      take(number, std::move(step));
    }
    return busy;
  }

  std::uint64_t seed_;
  std::deque<Identity> identities_;
};

}  // namespace conclave::test
