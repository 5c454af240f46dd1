// Who is in the room: the log's commits and messages, the knocks, and commits of our own, one at a time.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <variant>

#include "conference/context.h"
#include "conference/door.h"
#include "conference/door_keeping.h"
#include "conference/unconfirmed.h"
#include "conference/waiting_knocks.h"
#include "transport/messages.h"

namespace conclave::conference {

/// What a message of the relay changed, for the media side.
struct MembershipChange {
  bool new_epoch = false;
  bool other_room = false;     ///< of another history than the one before: a second Welcome
  bool keys_changed = false;   ///< who may be heard
  std::vector<MemberId> gone;  ///< their media end now
  bool joined = false;         ///< somebody came: send a keyframe
  std::vector<FramesStated> stated;  ///< by members, of their frames
  std::optional<ConferenceEnded> ended;
};

/// Members are remembered by identity, never by leaf: a leaf is given to somebody else once its member has left.
class Membership {
 public:
  Membership(const Context& context, Entered entered);

  [[nodiscard]] Session& session() { return session_; }
  [[nodiscard]] const Session& session() const { return session_; }
  [[nodiscard]] std::uint64_t bad_messages() const { return bad_messages_; }
  [[nodiscard]] const std::optional<SafetyCodes>& safety_code() const { return safety_code_; }
  [[nodiscard]] bool alone() const { return session_.roster().size() < 2; }

  /// Announces the seat that we have.
  void begin(ConferenceOutputs& out);

  MembershipChange on_message(const transport::RelayMessage& message, Time now, ConferenceOutputs& out);

  MembershipChange admit(const AdmitKnock& input, Time now, ConferenceOutputs& out);
  void refuse(const RefuseKnocker& input, ConferenceOutputs& out);
  MembershipChange remove(const RemoveMember& input, Time now, ConferenceOutputs& out);
  MembershipChange rotate(Time now, ConferenceOutputs& out);
  // ---- when the connection breaks ----
  /// What is said is written down, in an epoch that the others read.
  [[nodiscard]] bool in_step() const { return link_ == Link::whole; }
  /// From now on nothing is sent, and nobody loses a seat for not being heard.
  void go_offline() { link_ = Link::none; }
  /// The seat is ours again: the entries up to the one before `end_index` follow. What we said in vain is said again behind them.
  void come_back(std::uint64_t end_index, Time now, ConferenceOutputs& out);
  /// The first entry of the log that was not read.
  [[nodiscard]] std::uint64_t next_index() const { return next_index_; }

  /// With whom we have met, where contacts are kept.
  [[nodiscard]] const std::optional<ContactBook>& contacts() const { return contacts_; }
  /// What the member asks of the room; `CommandRefused` where it may not.
  MembershipChange command(const RoomCommand& command, Time now, ConferenceOutputs& out);
  [[nodiscard]] RoomSettings settings() const { return Room::settings_of(session_); }
  /// Says to all what we signed.
  void state_frames(const std::vector<Bytes>& statements, ConferenceOutputs& out);
  /// A member's frames were not as it stated: told, and written into the record, now and then.
  void on_doubt(const FrameDoubt& doubt, Time now, ConferenceOutputs& out);
  /// Takes the code that `begin` or a change of members asked for.
  void on_safety_code(const SafetyCodeComputed& computed, ConferenceOutputs& out);
  /// Says goodbye, signed; a founder ends the room for all.
  void leave(ConferenceOutputs& out);

  MembershipChange expire(Time now, ConferenceOutputs& out);
  [[nodiscard]] Time next_deadline() const;

 private:
  /// How long a member whose connection broke, or who never spoke after it was let in, keeps its seat.
  static constexpr Duration lost_peer_grace = std::chrono::seconds(10);
  static constexpr Duration silent_newcomer_grace = std::chrono::seconds(15);
  /// How long a room waits for an heir to take over from a founder whose connection is gone.
  static constexpr Duration leaderless_grace = std::chrono::minutes(5);
  static constexpr Duration between_doubts = std::chrono::seconds(10);
  /// How often a newcomer says that it is here: a word sealed in an epoch that the others have left is not heard.
  static constexpr int introductions = 8;

  MembershipChange on_entry(const transport::LogEntry& entry, Time now, ConferenceOutputs& out);
  /// What came of one call, and where it came from.
  struct Turn {
    Time now{};
    ConferenceOutputs& out;
    std::optional<std::uint64_t> connection;  ///< that the message came over
    MembershipChange change;
  };
  /// Carries out what the session says: sends, and reports to the owner.
  void take(SessionStep step, Turn& turn);
  void take(const std::vector<SessionEvent>& events, Turn& turn);
  void on(const EpochEntered& entered, Turn& turn);
  void on(const FrameKeysChanged&, Turn& turn) { turn.change.keys_changed = true; }
  void on(const MemberEntered& entered, Turn& turn);
  void on(const MemberGone& gone, Turn& turn);
  void on(const MessageOpened& word, Turn& turn);
  void on(const MessageRefused& refused, Turn& turn);
  void on(const RoomChanged& changed, Turn& turn);
  void on(const ChatReceived& chat, Turn& turn) { turn.out.emplace_back(chat); }
  void on(const ReactionReceived& reaction, Turn& turn) { turn.out.emplace_back(reaction); }
  void on(const HandChanged& hand, Turn& turn) { turn.out.emplace_back(hand); }
  void on(const HeirSpoke& spoke, Turn& turn) { turn.out.emplace_back(spoke); }
  void on(const AdmissionFailed& failed, Turn& turn);
  void on(const ChangeFailed& failed, Turn& turn);
  void on(const MemberDoubted& doubted, Turn& turn);
  void on(const MemberConfirmed& confirmed, Turn& turn) { turn.out.emplace_back(MemberReconfirmed{confirmed.member}); }
  void on(const SessionSuspended&, Turn& turn) { turn.out.emplace_back(MeetingSuspended{true}); }
  void on(const SessionResumed&, Turn& turn) { turn.out.emplace_back(MeetingSuspended{false}); }
  void on(const SessionEnded& ended, Turn& turn);
  void on(const FramesStated& stated, Turn& turn) { turn.change.stated.push_back(stated); }
  MembershipChange on_welcome(const transport::KnockAnswered& answer, Time now, ConferenceOutputs& out);
  enum class Link : std::uint8_t { none, catching_up, whole };
  void log(transport::ClientMessage message, ConferenceOutputs& out);
  void tell(const transport::ClientMessage& message, ConferenceOutputs& out) const;
  void finish_catching_up(ConferenceOutputs& out);
  MembershipChange on_room_closed();
  void on_knock(const transport::KnockArrived& knock, Time now, ConferenceOutputs& out);
  void refuse_unread(const transport::KnockArrived& knock, ErrorCode reason, ConferenceOutputs& out);
  void on_withdrawn(const transport::KnockWithdrawn& withdrawn, ConferenceOutputs& out);
  void read_waiting_knocks(Time now, ConferenceOutputs& out);
  /// Says what keeping the door asks for.
  void keep_door(DoorKeeping::Outcome outcome, Turn& turn);
  void review_door(Turn& turn);
  // ---- contacts, invitations, succession ----
  struct Carrier;
  void meet(const SessionMember& member, ConferenceOutputs& out);
  void forget_stranger(const SessionMember& member);
  [[nodiscard]] Recognition recognise(ByteView identity_key, const std::string& name) const;
  /// True when enough heirs have a seat to take over from who leads.
  [[nodiscard]] bool heirs_suffice() const;
  void on_peer_gone(const transport::PeerGone& gone, Time now);
  void introduce(bool to_newcomers, ConferenceOutputs& out);
  void report_epoch(ConferenceOutputs& out);
  void ask_for_safety_code(ConferenceOutputs& out);
  void want_removal(const room::IdentityHash& identity, Turn& turn);
  [[nodiscard]] const SessionMember* find(MemberId id) const;
  [[nodiscard]] const SessionMember* find(const room::IdentityHash& identity) const;
  void say(std::string_view word, ConferenceOutputs& out);

  const Context* context_;
  Session session_;
  std::optional<Joining> joining_;  ///< until the group proved alive: a later Welcome may take its place
  DoorKeeping door_;
  std::vector<transport::KnockArrived> unread_knocks_;  ///< until we have the key and the right to admit
  std::optional<ContactBook> contacts_;
  bool contacts_full_ = false;                          ///< and said so
  std::map<std::uint64_t, Bytes> invitations_;          ///< ours, by number
  std::uint64_t next_invitation_ = 1;
  std::uint64_t connection_;
  std::uint64_t next_index_;  ///< of the room's log
  Link link_ = Link::whole;
  std::uint64_t catching_up_to_ = 0;
  Unconfirmed unconfirmed_;
  WaitingKnocks knocks_;
  std::map<std::uint64_t, room::IdentityHash> connections_;  ///< who speaks over which connection, as far as it was shown
  std::map<room::IdentityHash, Time> patience_;              ///< whose seat ends when, unless they are heard
  bool door_reviewed_ = false;
  bool leaderless_ = false;                                  ///< the founder's connection is gone, and an heir may take over
  std::set<room::IdentityHash> lost_;                        ///< to be removed because they were not heard
  std::set<room::IdentityHash> leaving_;                     ///< said goodbye
  std::map<std::pair<room::IdentityHash, FrameDoubt::Kind>, Time> doubts_told_;
  int introductions_left_ = introductions;
  std::optional<SafetyCodes> safety_code_;
  std::vector<Bytes> awaited_code_;  ///< whose code was asked for; empty when none is
  std::uint64_t bad_messages_ = 0;
};

}  // namespace conclave::conference
