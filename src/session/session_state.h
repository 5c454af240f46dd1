// The inside of `Session`.
#pragma once

#include <deque>
#include <set>

#include "crypto/hash.h"
#include "room/message.h"
#include "room/transcript.h"
#include "session/commit_queue.h"
#include "session/organisations.h"
#include "session/succession.h"
#include "session/vigil.h"

namespace conclave {

struct Session::State {
  State(SessionConfig configuration, std::unique_ptr<crypto::SeededRandom> source, session::RoomGroup room_group, Moment at);

  SessionConfig config;
  std::unique_ptr<crypto::SeededRandom> seeded;  ///< of a simulation
  session::RoomGroup group;
  session::CommitQueue queue;
  session::Vigil vigil;
  session::Succession succession;
  session::Organisations organisations{config.trusted};
  Time next_rotation;
  UnixSeconds latest;    ///< the wall's time, as last handed in
  Time next_vouching{};  ///< looked at with whatever else is due
  std::vector<SessionMember> roster;
  std::set<room::IdentityHash> verified;
  std::set<room::IdentityHash> hands;  ///< who asks for the floor
  room::Transcript record;
  std::deque<session::TraceHash> spoken;  ///< messages of ours that have not come back from the log
  std::deque<std::optional<std::uint64_t>> spoken_heartbeat;  ///< which of them are heartbeats, and of which epoch
  bool suspended = false;
  bool ended = false;

  [[nodiscard]] crypto::Random& random() const { return seeded ? static_cast<crypto::Random&>(*seeded) : crypto::system_random(); }
  [[nodiscard]] bool alone() const { return group.members().size() < 2; }
  [[nodiscard]] Time next_deadline() const;

  void read_roster(UnixSeconds now);
  void on_commit(ByteView message, Moment at, SessionStep& step);
  void adopt(const session::CommitOutcome& outcome, Moment at, SessionStep& step);
  void on_application(ByteView message, Moment at, SessionStep& step);
  void on_room_message(MemberId sender, ByteView content, SessionStep& step);
  void on_statement(const session::OpenedMessage& opened, ByteView content, SessionStep& step);
  /// Where frames are signed: that somebody who may send has spoken, which is what its listeners measure its statements by.
  void note_speaker(const session::OpenedMessage& opened, Bytes statement, SessionStep& step) const;
  void note_hand(MemberId member, bool raised);
  Result<void> on_voice(const SessionMember& sender, const room::Endorsement& voice, SessionStep& step);
  /// Says our voice, and claims the room once enough heirs have spoken for us.
  void succeed(Moment at, SessionStep& step);
  /// Identity keys of the members who are not heard.
  [[nodiscard]] std::vector<Bytes> vanished() const;
  Result<ToLog> say_in_room(const room::RoomMessage& message);
  void refuse_commit(const Error& error, Moment at, SessionStep& step);
  void record_commit(const session::CommitOutcome& outcome, Moment at);
  void record_policy(const room::RoomPolicy& before, const room::RoomPolicy& after, const room::IdentityHash& actor, Moment at);
  void note(room::TranscriptEvent event, const room::IdentityHash& actor, const room::IdentityHash& subject, ByteView detail, Moment at);
  void on_content(const session::OpenedMessage& opened, Moment at, SessionStep& step);
  bool is_echo(ByteView message, Moment at);
  Result<ToLog> say(ByteView content, session::ContentKind kind);
  void expire(Moment at, SessionStep& step);
  void report_doubts(SessionStep& step);
  void end(Error error, SessionStep& step);
  SessionStep finish(SessionStep step, Moment at);
};

}  // namespace conclave
