// What members state of the frames that they signed, and the proof against who signed others.
#include <algorithm>

#include "base/result.h"
#include "session/frame_statement.h"
#include "session/session_state.h"

namespace conclave {

namespace {

/// Whether the evidence is about whom the doubt names. Its signature was verified with the key of that epoch when the frame was heard.
bool speaks_of(const FrameDoubt& doubt, const room::RoomId& room_id) {
  const auto proof = wire::decode<session::FrameEvidence>(doubt.evidence);
  return proof.ok() && proof->epoch == doubt.epoch && proof->sender == doubt.member && proof->unit().digest(room_id) != proof->stated;
}

}  // namespace

void Session::State::on_statement(const session::OpenedMessage& opened, ByteView content, SessionStep& step) {
  const auto statement = session::FrameStatement::parse(content);
  if (!statement.ok()) {
    step.events.emplace_back(MessageRefused{{statement.error().code, statement.error().detail, opened.sender}});
    return;
  }
  note_speaker(opened, to_bytes(content), step);
}

void Session::State::note_speaker(const session::OpenedMessage& opened, Bytes statement, SessionStep& step) const {
  const auto member = std::ranges::find(roster, opened.sender, &SessionMember::id);
  if (member == roster.end() || (statement.empty() && group.frame_key(opened.sender) == nullptr)) return;
  step.events.emplace_back(FramesStated{opened.sender, std::move(statement), member->identity_key, opened.epoch});
}

Result<ToLog> Session::state_frames(const std::vector<Bytes>& statements) {
  if (state_->ended) return Error{ErrorCode::invalid_state, "the session has ended"};
  session::FrameStatement all;
  for (const Bytes& each : statements) {
    CONCLAVE_ASSIGN(statement, session::FrameStatement::parse(each));
    all.append(std::move(statement));
  }
  if (all.runs.empty()) return Error{ErrorCode::invalid_argument, "there is nothing to state"};
  return state_->say(wire::encode(session::ContentKind::frames, all), session::ContentKind::frames);
}

Result<MemberId> Session::check_evidence(ByteView evidence) const {
  CONCLAVE_ASSIGN(proof, wire::decode<session::FrameEvidence>(evidence));
  const auto key = state_->group.frame_key(proof.sender);
  const session::SignedUnit unit = proof.unit();
  const bool holds = key != nullptr && unit.verify(state_->config.room_id, *key) && unit.digest(state_->config.room_id) != proof.stated;
  if (!holds) return Error{ErrorCode::not_authentic, "this proves nothing against anybody who is in the room"};
  return proof.sender;
}

void Session::record(const FrameDoubt& doubt, Moment at) {
  const bool proven = doubt.kind == FrameDoubt::Kind::equivocated;
  if (state_->ended || doubt.identity_key.empty() || (proven && !speaks_of(doubt, state_->config.room_id))) return;
  const room::IdentityHash who = room::identity_hash(doubt.identity_key);
  state_->note(proven ? room::TranscriptEvent::equivocated : room::TranscriptEvent::unstated, who, {}, doubt.evidence, at);
}

}  // namespace conclave
