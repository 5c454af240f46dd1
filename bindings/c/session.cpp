#include "session.h"

#include "rooms.h"
#include "session_setup.h"
#include "structs.h"

namespace conclave::c {
namespace {

/// Runs a body on the meeting of a session's handle.
template <class Body>
conclave_result meet(conclave_handle session, Body&& body) {
  return with<SessionObject>(session, [&](SessionObject& object) -> Result<void> { return body(object.value); });
}

Result<void> take(Meeting& meeting, Result<SessionStep> step) {
  if (!step.ok()) return std::move(step).error();
  meeting.take(std::move(step).value());
  return {};
}

conclave_session_status status_of(const Session& session) {
  conclave_session_status out{};
  out.member_count = static_cast<std::uint32_t>(session.roster().size());
  out.epoch = session.epoch();
  out.next_deadline = micros(session.next_deadline());
  out.self = session.self();
  out.has_owner = session.owner() ? 1 : 0;
  out.owner = session.owner().value_or(0);
  out.frame_suite = static_cast<std::uint32_t>(session.frame_suite());
  out.suspended = session.suspended() ? 1 : 0;
  out.authenticator_size = copy_bytes(out.authenticator, session.epoch_authenticator());
  return out;
}

bool is_member(const Session& session, std::uint32_t member) {
  const auto& roster = session.roster();
  return std::any_of(roster.begin(), roster.end(), [&](const auto& entry) { return entry.id == member; });
}

}  // namespace
}  // namespace conclave::c

using namespace conclave;
using namespace conclave::c;

conclave_result conclave_session_save(conclave_handle session, const uint8_t* key, size_t key_size, uint64_t counter, uint8_t* state,
                                      size_t* size) {
  return meet(session, [&](Meeting& meeting) -> Result<void> {
    CONCLAVE_C_ASSIGN(secret, bytes_of(key, key_size));
    CONCLAVE_C_ASSIGN(saved, meeting.session.save(secret, counter));
    return write_bytes(saved, state, size);
  });
}

conclave_result conclave_session_handle(conclave_handle session, const uint8_t* message, size_t size, const conclave_moment* at) {
  return meet(session, [&](Meeting& meeting) -> Result<void> {
    CONCLAVE_C_ASSIGN(bytes, bytes_of(message, size));
    return take(meeting, meeting.session.handle(bytes, moment_of(at)));
  });
}

conclave_result conclave_session_tick(conclave_handle session, const conclave_moment* at) {
  return meet(session, [&](Meeting& meeting) { return take(meeting, meeting.session.tick(moment_of(at))); });
}

conclave_result conclave_session_next_output(conclave_handle session, conclave_output* output, void* bytes, size_t* size) {
  return meet(session, [&](Meeting& meeting) -> Result<void> {
    CONCLAVE_C_TRY(size_of_struct(output));
    if (meeting.outputs.empty()) {
      if (size != nullptr) *size = 0;
      return write_struct(output, conclave_output{});
    }
    CONCLAVE_C_TRY(write_bytes(meeting.outputs.front().bytes, bytes, size));
    CONCLAVE_C_TRY(write_struct(output, meeting.outputs.front().about));
    meeting.outputs.pop_front();
    return {};
  });
}

conclave_result conclave_session_inspect(conclave_handle session, const uint8_t* package, size_t size, const conclave_moment* at,
                                         conclave_member* member) {
  return meet(session, [&](Meeting& meeting) -> Result<void> {
    CONCLAVE_C_ASSIGN(bytes, bytes_of(package, size));
    CONCLAVE_C_ASSIGN(who, meeting.session.inspect(bytes, moment_of(at)));
    auto told = member_of(who, meeting.session.self());
    told.self = 0;
    return write_struct(member, told);
  });
}

conclave_result conclave_session_admit(conclave_handle session, uint64_t request, const uint8_t* package, size_t size,
                                       const conclave_moment* at) {
  return meet(session, [&](Meeting& meeting) -> Result<void> {
    CONCLAVE_C_ASSIGN(bytes, bytes_of(package, size));
    return take(meeting, meeting.session.admit(request, bytes, moment_of(at)));
  });
}

conclave_result conclave_session_withdraw(conclave_handle session, uint64_t request) {
  return meet(session, [&](Meeting& meeting) -> Result<void> {
    meeting.session.withdraw(request);
    return {};
  });
}

conclave_result conclave_session_remove(conclave_handle session, uint32_t member, const conclave_moment* at) {
  return meet(session, [&](Meeting& meeting) { return take(meeting, meeting.session.remove(member, moment_of(at))); });
}

conclave_result conclave_session_rotate(conclave_handle session, const conclave_moment* at) {
  return meet(session, [&](Meeting& meeting) { return take(meeting, meeting.session.rotate(moment_of(at))); });
}

conclave_result conclave_session_command(conclave_handle session, const conclave_command* command, const conclave_moment* at) {
  return meet(session, [&](Meeting& meeting) -> Result<void> {
    CONCLAVE_C_ASSIGN(said, read_struct(command));
    if (said.kind == CONCLAVE_COMMAND_REMOVE) return take(meeting, meeting.session.remove(said.member, moment_of(at)));
    return take(meeting, carry_out(said, Room(meeting.session), moment_of(at)));
  });
}

conclave_result conclave_session_room(conclave_handle session, conclave_room* room) {
  return meet(session, [&](Meeting& meeting) { return write_struct(room, room_of(Room::settings_of(meeting.session))); });
}

conclave_result conclave_session_invite(conclave_handle session, conclave_handle identity, const char* name, const uint8_t* holder,
                                        uint64_t expires, uint8_t* invitation, size_t* size) {
  return meet(session, [&](Meeting& meeting) -> Result<void> {
    if (name == nullptr) return invalid("the name is NULL");
    CONCLAVE_C_ASSIGN(issuer, use<IdentityObject>(identity));
    std::optional<std::array<std::uint8_t, 32>> only;
    if (holder != nullptr) std::copy_n(holder, 32, only.emplace().begin());
    CONCLAVE_C_ASSIGN(made, Room(meeting.session).invite(issuer->value, name, only, {expires}));
    return write_bytes(made, invitation, size);
  });
}

conclave_result conclave_session_record(conclave_handle session, conclave_handle identity, uint8_t* record, size_t* size) {
  return meet(session, [&](Meeting& meeting) -> Result<void> {
    CONCLAVE_C_ASSIGN(signer, use<IdentityObject>(identity));
    CONCLAVE_C_ASSIGN(written, Room(meeting.session).export_record(signer->value));
    return write_bytes(written, record, size);
  });
}

conclave_result conclave_session_say(conclave_handle session, const void* content, size_t size) {
  return meet(session, [&](Meeting& meeting) -> Result<void> {
    CONCLAVE_C_ASSIGN(bytes, bytes_of(content, size));
    CONCLAVE_C_ASSIGN(message, meeting.session.say(bytes));
    meeting.outputs.push_back(output_of(message));
    return {};
  });
}

conclave_result conclave_session_get_status(conclave_handle session, conclave_session_status* status) {
  return meet(session, [&](Meeting& meeting) { return write_struct(status, status_of(meeting.session)); });
}

conclave_result conclave_session_member(conclave_handle session, uint32_t index, conclave_member* member) {
  return meet(session, [&](Meeting& meeting) -> Result<void> {
    const auto& roster = meeting.session.roster();
    if (index >= roster.size()) return invalid("there is no member of this index");
    return write_struct(member, member_of(roster[index], meeting.session.self()));
  });
}

conclave_result conclave_session_safety_code(conclave_handle session, char* digits, size_t* digits_size, char* words, size_t* words_size) {
  return meet(session, [&](Meeting& meeting) -> Result<void> {
    if (digits_size == nullptr || words_size == nullptr) return invalid("a size is NULL");
    CONCLAVE_C_ASSIGN(codes, meeting.session.safety_code());
    const auto first = write_text(codes.digits, digits, digits_size);
    const auto second = write_text(codes.words, words, words_size);
    return first.ok() ? second : first;
  });
}

conclave_result conclave_session_set_verified(conclave_handle session, uint32_t member, uint32_t verified) {
  return meet(session, [&](Meeting& meeting) -> Result<void> {
    if (!is_member(meeting.session, member)) return invalid("there is no such member");
    meeting.session.set_verified(member, verified != 0);
    return {};
  });
}

conclave_result conclave_session_allow_streams(conclave_handle session, uint32_t member, uint32_t streams) {
  return meet(session, [&](Meeting& meeting) -> Result<void> {
    if (!is_member(meeting.session, member)) return invalid("there is no such member");
    if (streams > 0xFFFF) return invalid("a member has 16 streams");
    meeting.session.allow_streams(member, static_cast<std::uint16_t>(streams));
    return {};
  });
}
