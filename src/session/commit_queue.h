// Commits of our own that wait for their turn: one at a time, and again when another member's was first.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <variant>

#include "session/room_group.h"

namespace conclave::session {

/// Intents remember people by identity, never by leaf: a leaf is given to somebody else once its member has left.
class CommitQueue {
 public:
  explicit CommitQueue(const SessionConfig& config) : interval_(config.commit_interval), burst_(std::min<std::size_t>(config.commit_burst, 1'000)), at_once_(config.admissions_at_once) {}

  void admit(std::uint64_t request, Bytes key_package);
  void remove(Bytes identity_key);
  /// The same for good.
  void ban(Bytes identity_key);
  /// Changes the policy as it is when the turn comes; `voices` of heirs as `RoomGroup::change` takes them.
  using PolicyEdit = std::function<void(room::RoomPolicy&)>;
  void change(PolicyEdit edit, Bytes voices = {});
  /// What `policy` becomes by the changes that wait or are under way.
  [[nodiscard]] room::RoomPolicy after_changes(room::RoomPolicy policy) const;
  /// Makes us owner as an heir by `voices`; leaders named by `vanished` (identity keys) lose their seat by it.
  void inherit(Bytes voices, std::vector<Bytes> vanished);
  /// Vouches for those for whom that is due.
  void vouch();
  void rotate();
  /// Forgets an admission that is not under way.
  void withdraw(std::uint64_t request, bool commit_pending);
  /// The one under way was merged.
  void done();
  /// What was handed out last, while it is pending; else null.
  [[nodiscard]] const ToLog* under_way(const RoomGroup& group) const { return group.commit_pending() ? &last_ : nullptr; }
  /// After a restore: `entry` is pending, and handed out once more, since nobody knows how far it came. The log is free to have it twice.
  void resume(ToLog entry);
  [[nodiscard]] bool empty() const { return intents_.empty(); }

  /// When `pursue` has something to do that it has put off.
  [[nodiscard]] Time next_deadline(const RoomGroup& group) const;
  /// Makes the next commit, if none of ours is pending and its turn has come.
  void pursue(RoomGroup& group, Moment at, crypto::Random& random, SessionStep& step);

 private:
  struct Admission {
    std::uint64_t request = 0;
    Bytes key_package;
  };
  struct Removal {
    Bytes identity_key;
    bool for_good = false;
  };
  struct Change {
    PolicyEdit edit;
    Bytes voices;
  };
  struct Inheritance {
    Bytes voices;
    std::vector<Bytes> vanished;
  };
  struct Vouching {};
  struct Rotation {};
  using Intent = std::variant<Admission, Removal, Change, Inheritance, Vouching, Rotation>;

  template <class Kind>
  [[nodiscard]] bool waiting() const;
  /// Nothing where there is nothing to do any more.
  using Made = Result<std::optional<CommitToLog>>;
  static Made change_policy(const Change& change, RoomGroup& group, Moment at, crypto::Random& random);
  static Made removal(const Removal& removal, RoomGroup& group, Moment at, crypto::Random& random);

  void hurry(Intent intent);
  [[nodiscard]] bool patient() const;
  [[nodiscard]] std::size_t admissions_in_front() const;
  static void report(const Intent& intent, Error error, SessionStep& step);
  bool make(std::size_t admissions, RoomGroup& group, Moment at, crypto::Random& random, SessionStep& step);
  Made admit_first(std::size_t count, RoomGroup& group, Moment at, crypto::Random& random) const;
  static Made commit_for(const Intent& intent, RoomGroup& group, Moment at, crypto::Random& random);

  /// Removals and changes of the room beyond `burst_`, at once.
  static constexpr std::size_t urgent_burst = 24;

  Duration interval_;
  std::size_t burst_;
  std::size_t at_once_;
  Time next_slot_{};            ///< when the pace is used up to here (GCRA: the theoretical arrival time)
  std::deque<Intent> intents_;
  std::size_t under_way_ = 0;   ///< of the first, in the commit that is pending, or was the last to be made
  ToLog last_;                  ///< that commit
  bool again_ = false;          ///< it is to be handed out once more
};

}  // namespace conclave::session
