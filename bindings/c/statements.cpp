// What speakers state of the frames that they signed, and what listeners make of it.
#include "session.h"
#include "session_setup.h"
#include "structs.h"

namespace conclave::c {
namespace {

static_assert(CONCLAVE_FRAMES_EQUIVOCATED == static_cast<int>(FrameDoubt::Kind::equivocated) + 1);
static_assert(CONCLAVE_FRAMES_UNSTATED == static_cast<int>(FrameDoubt::Kind::unstated) + 1);

constexpr std::size_t most_statements = 64;

/// Those that say something.
Result<std::vector<Bytes>> statements_in(const conclave_bytes* given, std::size_t count) {
  if (given == nullptr && count != 0) return invalid("the statements are NULL");
  if (count > most_statements) return Error{ErrorCode::limit_exceeded, "too many statements at once"};
  std::vector<Bytes> statements;
  for (std::size_t i = 0; i < count; ++i) {
    CONCLAVE_C_ASSIGN(bytes, bytes_of(given[i].data, given[i].size));
    if (!bytes.empty()) statements.emplace_back(bytes.begin(), bytes.end());
  }
  return statements;
}

/// The next doubt of the review that goes on; null once it is over, and the next call begins another one.
const FrameDoubt* next_doubt(Opening& opening, Time now) {
  if (!opening.reviewing) {
    auto found = opening.opener.review_statements(now);
    opening.doubts.assign(std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  }
  opening.reviewing = !opening.doubts.empty();
  return opening.reviewing ? &opening.doubts.front() : nullptr;
}

conclave_frame_doubt doubt_told(const FrameDoubt& doubt) {
  conclave_frame_doubt out{};
  out.kind = doubt_kind(doubt);
  out.member = doubt.member;
  out.stream = doubt.stream;
  out.epoch = doubt.epoch;
  out.identity_key_size = copy_bytes(out.identity_key, doubt.identity_key);
  out.evidence_size = copy_bytes(out.evidence, doubt.evidence);
  copy_text(out.name, doubt.display_name);
  return out;
}

Result<FrameDoubt> doubt_in(const conclave_frame_doubt& given) {
  const bool sound = given.kind >= CONCLAVE_FRAMES_EQUIVOCATED && given.kind <= CONCLAVE_FRAMES_UNSTATED && given.stream < max_streams &&
                     given.identity_key_size <= sizeof given.identity_key && given.evidence_size <= sizeof given.evidence;
  if (!sound) return invalid("this is no doubt");
  FrameDoubt doubt;
  doubt.kind = static_cast<FrameDoubt::Kind>(given.kind - 1);
  doubt.member = given.member;
  doubt.stream = static_cast<std::uint8_t>(given.stream);
  doubt.epoch = given.epoch;
  doubt.identity_key.assign(given.identity_key, given.identity_key + given.identity_key_size);
  doubt.evidence.assign(given.evidence, given.evidence + given.evidence_size);
  return doubt;
}

conclave_statements counts_told(const StatementCounters& counted) {
  conclave_statements out{};
  out.confirmed = counted.confirmed;
  out.equivocated = counted.equivocated;
  out.unstated = counted.unstated;
  out.missed = counted.missed;
  out.late = counted.late;
  out.unwatched = counted.unwatched;
  return out;
}

}  // namespace
}  // namespace conclave::c

using namespace conclave;
using namespace conclave::c;

conclave_result conclave_sealer_take_statement(conclave_handle sealer, uint8_t* statement, size_t* size) {
  return with<SealerObject>(sealer, [&](SealerObject& object) -> Result<void> {
    Sealing& sealing = object.value;
    if (sealing.statement.empty()) sealing.statement = sealing.sealer.take_statement();
    CONCLAVE_C_TRY(write_bytes(sealing.statement, statement, size));
    sealing.statement.clear();
    return {};
  });
}

conclave_result conclave_session_state_frames(conclave_handle session, const conclave_bytes* statements, size_t count) {
  return with<SessionObject>(session, [&](SessionObject& object) -> Result<void> {
    CONCLAVE_C_ASSIGN(all, statements_in(statements, count));
    if (all.empty()) return {};
    CONCLAVE_C_ASSIGN(message, object.value.session.state_frames(all));
    object.value.outputs.push_back(output_of(message));
    return {};
  });
}

conclave_result conclave_opener_hear(conclave_handle opener, const void* stated, size_t size) {
  return with<OpenerObject>(opener, [&](OpenerObject& object) -> Result<void> {
    CONCLAVE_C_ASSIGN(bytes, bytes_of(stated, size));
    CONCLAVE_C_ASSIGN(said, stated_in(bytes));
    object.value.opener.hear_statement(said);
    return {};
  });
}

conclave_result conclave_opener_review(conclave_handle opener, const conclave_moment* at, conclave_frame_doubt* doubt) {
  return with<OpenerObject>(opener, [&](OpenerObject& object) -> Result<void> {
    CONCLAVE_C_TRY(size_of_struct(doubt));
    const FrameDoubt* next = next_doubt(object.value, moment_of(at).now);
    CONCLAVE_C_TRY(write_struct(doubt, next != nullptr ? doubt_told(*next) : conclave_frame_doubt{}));
    if (next != nullptr) object.value.doubts.pop_front();
    return {};
  });
}

conclave_result conclave_opener_statements(conclave_handle opener, conclave_statements* statements) {
  return with<OpenerObject>(opener, [&](OpenerObject& object) { return write_struct(statements, counts_told(object.value.opener.statements())); });
}

conclave_result conclave_session_check_evidence(conclave_handle session, const uint8_t* evidence, size_t size, uint32_t* member) {
  return with<SessionObject>(session, [&](SessionObject& object) -> Result<void> {
    if (member == nullptr) return invalid("the place for the member is NULL");
    CONCLAVE_C_ASSIGN(bytes, bytes_of(evidence, size));
    CONCLAVE_C_ASSIGN(who, object.value.session.check_evidence(bytes));
    *member = who;
    return {};
  });
}

conclave_result conclave_session_record_doubt(conclave_handle session, const conclave_frame_doubt* doubt, const conclave_moment* at) {
  return with<SessionObject>(session, [&](SessionObject& object) -> Result<void> {
    CONCLAVE_C_ASSIGN(given, read_struct(doubt));
    CONCLAVE_C_ASSIGN(said, doubt_in(given));
    object.value.session.record(said, moment_of(at));
    return {};
  });
}
