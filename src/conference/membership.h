// Who is in the room: the log's commits and messages, the knocks, and commits of our own, one at a time.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <variant>

#include "conference/context.h"
#include "conference/door.h"
#include "conference/waiting_knocks.h"
#include "transport/messages.h"

namespace conclave::conference {

/// What a message of the relay changed, for the media side.
struct MembershipChange {
  bool new_epoch = false;
  std::vector<MemberId> gone;  ///< their media end now
  bool joined = false;         ///< somebody came: send a keyframe
  std::optional<ConferenceEnded> ended;
};

/// Members are remembered by identity, never by leaf: a leaf is given to somebody else once its member has left.
class Membership {
 public:
  Membership(const Context& context, Entered entered, Time now);

  [[nodiscard]] session::Session& session() { return session_; }
  [[nodiscard]] const session::Session& session() const { return session_; }
  [[nodiscard]] std::uint64_t bad_messages() const { return bad_messages_; }
  [[nodiscard]] const std::optional<room::SafetyCode>& safety_code() const { return safety_code_; }
  [[nodiscard]] bool alone() const { return session_.members().size() < 2; }

  /// Announces the seat that we have.
  void begin(ConferenceOutputs& out);

  MembershipChange on_message(const transport::RelayMessage& message, Time now, ConferenceOutputs& out);

  void admit(const AdmitKnock& input, Time now, ConferenceOutputs& out);
  void refuse(const RefuseKnocker& input, ConferenceOutputs& out);
  void remove(const RemoveMember& input, Time now, ConferenceOutputs& out);
  void rotate(Time now, ConferenceOutputs& out);
  /// Says goodbye, signed; a founder ends the room for all.
  void leave(ConferenceOutputs& out);

  MembershipChange expire(Time now, ConferenceOutputs& out);
  [[nodiscard]] Time next_deadline() const;

 private:
  /// Intents of ours, each to become a commit when its turn comes. The first is under way while a commit is pending.
  struct Admission {
    WaitingKnock knock;
  };
  struct Removal {
    room::IdentityHash identity;
  };
  struct Rotation {};
  using Intent = std::variant<Admission, Removal, Rotation>;

  /// How long a member whose connection broke, or who never spoke after it was let in, keeps its seat.
  static constexpr Duration lost_peer_grace = std::chrono::seconds(10);
  static constexpr Duration silent_newcomer_grace = std::chrono::seconds(15);
  /// How often a newcomer says that it is here: a word sealed in an epoch that the others have left is not heard.
  static constexpr int introductions = 8;

  MembershipChange on_entry(const transport::LogEntry& entry, Time now, ConferenceOutputs& out);
  MembershipChange on_commit(const transport::LogEntry& entry, Time now, ConferenceOutputs& out);
  MembershipChange on_broadcast(const transport::LogEntry& entry, Time now, ConferenceOutputs& out);
  MembershipChange on_welcome(const transport::KnockAnswered& answer, ConferenceOutputs& out);
  MembershipChange on_room_closed();
  void on_knock(const transport::KnockArrived& knock, Time now, ConferenceOutputs& out);
  void on_withdrawn(const transport::KnockWithdrawn& withdrawn, ConferenceOutputs& out);
  void on_peer_gone(const transport::PeerGone& gone, Time now);
  MembershipChange adopt(session::CommitOutcome outcome, Time now, ConferenceOutputs& out);
  void introduce(const session::CommitOutcome& outcome, ConferenceOutputs& out);
  void report_roster(const session::CommitOutcome& outcome, ConferenceOutputs& out);
  void report_epoch(ConferenceOutputs& out);
  void report_safety_code(ConferenceOutputs& out);
  void want_removal(const room::IdentityHash& identity);
  void pursue(Time now, ConferenceOutputs& out);
  void give_up(const Intent& intent, ConferenceOutputs& out);
  Result<session::CommitToLog> commit_for(const Intent& intent, Time now);
  [[nodiscard]] const session::Member* find(MemberId id) const;
  [[nodiscard]] const session::Member* find(const room::IdentityHash& identity) const;
  void say(std::string_view word, ConferenceOutputs& out);

  const Context* context_;
  session::Session session_;
  std::optional<session::Joining> joining_;  ///< until the group proved alive: a later Welcome may take its place
  std::optional<crypto::KemPrivateKey> admission_key_;
  std::uint64_t connection_;
  std::optional<std::uint64_t> next_index_;  ///< of the room's log
  WaitingKnocks knocks_;
  std::deque<Intent> intents_;
  std::map<std::uint64_t, room::IdentityHash> connections_;  ///< who speaks over which connection, as far as it was shown
  std::map<room::IdentityHash, Time> patience_;              ///< whose seat ends when, unless they are heard
  std::set<room::IdentityHash> leaving_;                     ///< said goodbye
  int introductions_left_ = introductions;
  Time next_rotation_;
  std::optional<room::SafetyCode> safety_code_;
  std::uint64_t bad_messages_ = 0;
};

}  // namespace conclave::conference
