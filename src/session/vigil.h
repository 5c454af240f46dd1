// Watches over the members' signs of life, and over their being signs of the same room.
#pragma once

#include <deque>
#include <map>

#include "conclave/session.h"
#include "session/heartbeat.h"

namespace conclave::session {

/// Who said what of the log. Single-threaded; pure but for its own memory. Doubts are reported once, and taken back when a
/// heartbeat agrees again.
class Vigil {
 public:
  /// `heartbeat`: how often members speak, in rooms of up to `budget` members; in larger ones only owners do, the others more rarely.
  Vigil(Duration heartbeat, MemberId self, std::uint64_t epoch, ByteView epoch_authenticator, ByteView transcript_hash);

  /// A new epoch and its roster. Who is new has its first heartbeat due after a grace.
  void enter(std::uint64_t epoch, ByteView epoch_authenticator, ByteView transcript_hash, const std::vector<SessionMember>& roster, Time now);
  /// A message of the log, all but the commit that ends the epoch.
  void add(ByteView message) { trace_.add(message); }

  /// What a member said, in the epoch that its message was sealed in: it is `sound` there. Of an epoch that is long over only what it tells of those before counts.
  void hear(MemberId member, std::uint64_t epoch, const Heartbeat& heartbeat, Time now);
  /// Our own heartbeat, said in this epoch, has come back from the log.
  void hear_self(std::uint64_t epoch, Time now);
  /// Another member has told the same history as ours.
  [[nodiscard]] bool met() const { return met_; }

  /// The heartbeat that we say now.
  [[nodiscard]] Heartbeat speak(Time now);
  [[nodiscard]] bool due(Time now) const { return now >= next_beat_; }

  /// Doubts those who were not heard in time.
  void expire(Time now);
  [[nodiscard]] Time next_deadline() const;

  /// Changes since the last call.
  struct Change {
    MemberId member = 0;
    std::optional<Doubt> doubt;  ///< nothing: confirmed
  };
  std::vector<Change> take_changes() { return std::exchange(changes_, {}); }
  [[nodiscard]] bool doubted(MemberId member) const;
  /// Cut off: from the owner, from more than half of the others, or from hearing ourselves.
  [[nodiscard]] bool cut_off() const;

  [[nodiscard]] const LogTrace& trace() const { return trace_; }
  /// Goes on where a saved state ended.
  void resume(LogTrace trace) { trace_ = std::move(trace); }

 private:
  struct Watch {
    Role role = Role::speaker;
    Time due = never;
    std::optional<Doubt> doubt;
    std::optional<std::uint64_t> apart;  ///< in which epoch we heard that it has read others differently: nothing takes that back before the next
    std::optional<Heartbeat> ahead;  ///< said of messages that we have not read
    Time ahead_until = never;
  };
  struct Past {
    std::uint64_t epoch = 0;
    Time left_at{};
    LogTrace trace;
    Bytes transcript_hash;
  };

  void confirm(MemberId member, Time now);
  void doubt(MemberId member, Doubt doubt);
  void compare(MemberId member, const LogTrace& trace, ByteView transcript_hash, const Heartbeat& heartbeat, Time now);
  [[nodiscard]] Duration interval(Role role) const;
  [[nodiscard]] Duration patience(Role role) const { return 3 * interval(role); }

  static constexpr Duration newcomer_grace = std::chrono::seconds(15);
  static constexpr std::size_t max_past = 4;

  Duration heartbeat_;
  MemberId self_;
  std::uint64_t epoch_;
  EpochEnds ends_;
  std::uint64_t told_to_;  ///< how the epochs before this one ended, a heartbeat of ours has told that is in the log
  bool met_ = false;
  LogTrace trace_;
  Bytes transcript_hash_;
  std::deque<Past> past_;  ///< the latest at the front
  std::map<MemberId, Watch> watched_;  ///< ourselves too
  std::map<MemberId, Bytes> identities_;
  std::vector<Change> changes_;
  Time next_beat_{};
};

}  // namespace conclave::session
