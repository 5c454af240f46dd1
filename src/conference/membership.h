// Who is in the room: the log's commits and messages, the knocks, and commits of our own, one at a time.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <variant>

#include "conference/context.h"
#include "conference/door.h"
#include "transport/messages.h"

namespace conclave::conference {

/// What a message of the relay changed, for the media side.
struct MembershipChange {
  bool new_epoch = false;
  std::vector<MemberId> gone;             ///< their media end now
  bool joined = false;                    ///< somebody came: send a keyframe
  std::optional<ConferenceEnded> ended;
};

class Membership {
 public:
  Membership(const Context& context, Entered entered, Time now);

  [[nodiscard]] session::Session& session() { return session_; }
  [[nodiscard]] const session::Session& session() const { return session_; }
  [[nodiscard]] std::uint64_t bad_messages() const { return bad_messages_; }
  [[nodiscard]] const std::optional<room::SafetyCode>& safety_code() const { return safety_code_; }
  [[nodiscard]] bool alone() const { return session_.members().size() < 2; }

  /// Announces the seat that we have.
  void begin(Time now, ConferenceOutputs& out);

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
  /// Intents of ours, each to become a commit when its turn comes.
  struct Admission {
    std::uint64_t knock_id = 0;
  };
  struct Removal {
    MemberId member = 0;
  };
  struct Rotation {};
  using Intent = std::variant<Admission, Removal, Rotation>;

  static constexpr std::size_t max_knocks = 64;
  static constexpr Duration lost_peer_grace = std::chrono::seconds(10);

  MembershipChange on_commit(const transport::LogEntry& entry, Time now, ConferenceOutputs& out);
  MembershipChange on_broadcast(const transport::LogEntry& entry, Time now, ConferenceOutputs& out);
  MembershipChange on_room_closed(ConferenceOutputs& out);
  void on_knock(const transport::KnockArrived& knock, Time now, ConferenceOutputs& out);
  void on_peer_gone(const transport::PeerGone& gone, Time now);
  void report_roster(const session::CommitOutcome& outcome, ConferenceOutputs& out);
  void report_epoch(ConferenceOutputs& out);
  void report_safety_code(ConferenceOutputs& out);
  void pursue(Time now, ConferenceOutputs& out);
  Result<session::CommitToLog> commit_for(const Intent& intent, Time now);
  void say(std::string_view word, ConferenceOutputs& out);

  const Context* context_;
  session::Session session_;
  std::optional<crypto::KemPrivateKey> admission_key_;
  std::map<std::uint64_t, Bytes> knocks_;             ///< key packages at the door
  std::deque<Intent> intents_;
  std::map<std::uint64_t, MemberId> connections_;     ///< who speaks over which connection, as far as it was shown
  std::map<MemberId, Time> lost_;                     ///< whose connection broke, and when patience ends
  std::set<MemberId> leaving_;                        ///< said goodbye
  bool founder_ended_ = false;
  Time next_rotation_;
  std::optional<room::SafetyCode> safety_code_;
  std::uint64_t bad_messages_ = 0;
};

}  // namespace conclave::conference
