// The inside of `Session`.
#pragma once

#include <deque>
#include <set>

#include "crypto/hash.h"
#include "session/commit_queue.h"
#include "session/vigil.h"

namespace conclave {

struct Session::State {
  State(SessionConfig configuration, std::unique_ptr<crypto::SeededRandom> source, session::RoomGroup room_group, Moment at);

  SessionConfig config;
  std::unique_ptr<crypto::SeededRandom> seeded;  ///< of a simulation
  session::RoomGroup group;
  session::CommitQueue queue;
  session::Vigil vigil;
  Time next_rotation;
  std::vector<SessionMember> roster;
  std::set<room::IdentityHash> verified;
  std::deque<session::TraceHash> spoken;  ///< messages of ours that have not come back from the log
  std::deque<bool> spoken_heartbeat;      ///< which of them are heartbeats
  bool suspended = false;
  bool ended = false;

  [[nodiscard]] crypto::Random& random() const { return seeded ? static_cast<crypto::Random&>(*seeded) : crypto::system_random(); }
  [[nodiscard]] bool alone() const { return group.members().size() < 2; }
  [[nodiscard]] Time next_deadline() const;

  void read_roster();
  void on_commit(ByteView message, Moment at, SessionStep& step);
  void adopt(const session::CommitOutcome& outcome, Moment at, SessionStep& step);
  void on_application(ByteView message, Moment at, SessionStep& step);
  void on_content(const session::OpenedMessage& opened, Moment at, SessionStep& step);
  bool is_echo(ByteView message, Moment at);
  Result<ToLog> say(ByteView content, session::ContentKind kind);
  void expire(Moment at, SessionStep& step);
  void report_doubts(SessionStep& step);
  void end(Error error, SessionStep& step);
  SessionStep finish(SessionStep step, Moment at);
};

}  // namespace conclave
