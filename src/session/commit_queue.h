// Commits of our own that wait for their turn: one at a time, and again when another member's was first.
#pragma once

#include <deque>
#include <functional>
#include <variant>

#include "session/room_group.h"

namespace conclave::session {

/// Intents remember people by identity, never by leaf: a leaf is given to somebody else once its member has left.
class CommitQueue {
 public:
  void admit(std::uint64_t request, Bytes key_package);
  void remove(Bytes identity_key);
  /// The same for good.
  void ban(Bytes identity_key);
  /// Changes the policy as it is when the turn comes; `voices` of heirs as `RoomGroup::change` takes them.
  using PolicyEdit = std::function<void(room::RoomPolicy&)>;
  void change(PolicyEdit edit, Bytes voices = {});
  /// Makes us owner as an heir by `voices`; leaders named by `vanished` (identity keys) lose their seat by it.
  void inherit(Bytes voices, std::vector<Bytes> vanished);
  /// Vouches for those for whom that is due.
  void vouch();
  void rotate();
  /// Forgets an admission that is not under way.
  void withdraw(std::uint64_t request, bool commit_pending);
  /// The one under way was merged.
  void done();
  [[nodiscard]] bool empty() const { return intents_.empty(); }

  /// Makes the next commit, if none of ours is pending.
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
  static Result<CommitToLog> change_policy(const Change& change, RoomGroup& group, Moment at, crypto::Random& random);

  static Result<CommitToLog> commit_for(const Intent& intent, RoomGroup& group, Moment at, crypto::Random& random);

  std::deque<Intent> intents_;  ///< the first is under way while a commit is pending
};

}  // namespace conclave::session
