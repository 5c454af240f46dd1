// What is asked of a room, and who is in it.
#include <utility>

#include "napi.h"

namespace conclave_node {
namespace {

template <class Ask>
napi_value ask(napi_env env, napi_callback_info info, Ask send) {  // (handle, kind, member, value, data)
  const Arguments given(env, info);
  const auto data = given.bytes(4);
  conclave_command command{};
  command.struct_size = sizeof command;
  command.kind = static_cast<std::uint32_t>(given.integer(1));
  command.member = static_cast<std::uint32_t>(given.integer(2));
  command.value = static_cast<std::uint32_t>(given.integer(3));
  command.data = data.data;
  command.size = data.size;
  return checked(env, send(given.handle(0), command));
}

napi_value call_command(napi_env env, napi_callback_info info) {
  return ask(env, info, [](conclave_handle call, const conclave_command& command) { return conclave_call_command(call, &command); });
}

napi_value session_command(napi_env env, napi_callback_info info) {
  return ask(env, info, [](conclave_handle session, const conclave_command& command) { return conclave_session_command(session, &command, nullptr); });
}

template <class Tell>
napi_value room(napi_env env, napi_callback_info info, Tell tell) {
  conclave_room told{};
  told.struct_size = sizeof told;
  if (tell(Arguments(env, info).handle(0), &told) != CONCLAVE_OK) return throw_error(env, last_error());
  napi_value out = nullptr;
  napi_create_object(env, &out);
  set(env, out, "mode", number(env, told.mode));
  set(env, out, "entry", number(env, told.entry));
  set(env, out, "signing", number(env, told.signing));
  set(env, out, "locked", boolean(env, told.locked != 0));
  set(env, out, "ended", boolean(env, told.ended != 0));
  set(env, out, "maxMembers", number(env, told.max_members));
  set(env, out, "banned", number(env, told.banned));
  return out;
}

napi_value call_room(napi_env env, napi_callback_info info) {
  return room(env, info, [](conclave_handle call, conclave_room* told) { return conclave_call_room(call, told); });
}

napi_value session_room(napi_env env, napi_callback_info info) {
  return room(env, info, [](conclave_handle session, conclave_room* told) { return conclave_session_room(session, told); });
}

napi_value invite(napi_env env, napi_callback_info info) {  // (session, identity, name, expires, holder or nothing)
  const Arguments given(env, info);
  const auto name = given.text(2);
  const auto holder = given.bytes(4);
  if (given.has(4) && holder.size != 32) return throw_invalid(env, "the hash of an identity has 32 bytes");  // never an invitation for anybody in its place
  const auto* only = given.has(4) ? holder.data : nullptr;
  return fetched_bytes(env, [&](auto* bytes, auto* size) {
    return conclave_session_invite(given.handle(0), given.handle(1), name.c_str(), only, static_cast<std::uint64_t>(given.integer(3)), bytes, size);
  });
}

napi_value session_record(napi_env env, napi_callback_info info) {  // (session, identity)
  const Arguments given(env, info);
  return fetched_bytes(env, [&](auto* bytes, auto* size) { return conclave_session_record(given.handle(0), given.handle(1), bytes, size); });
}

napi_value call_record(napi_env env, napi_callback_info info) {  // (call)
  const auto call = Arguments(env, info).handle(0);
  return fetched_bytes(env, [&](auto* bytes, auto* size) { return conclave_call_record(call, bytes, size); });
}

napi_value call_member(napi_env env, napi_callback_info info) {  // (call, index); undefined when there is none
  const Arguments given(env, info);
  conclave_member member{};
  member.struct_size = sizeof member;
  if (conclave_call_member(given.handle(0), static_cast<std::uint32_t>(given.integer(1)), &member) != CONCLAVE_OK) return nullptr;
  return member_value(env, member);
}

}  // namespace

napi_value member_value(napi_env env, const conclave_member& member) {
  napi_value out = nullptr;
  napi_create_object(env, &out);
  set(env, out, "member", number(env, member.member));
  set(env, out, "name", text(env, member.name));
  set(env, out, "self", boolean(env, member.self != 0));
  set(env, out, "role", number(env, member.role));
  set(env, out, "rights", number(env, member.rights));
  set(env, out, "handRaised", boolean(env, member.hand_raised != 0));
  set(env, out, "identityKey", buffer(env, member.identity_key, member.identity_key_size));
  set(env, out, "verified", boolean(env, member.verified != 0));
  set(env, out, "invitedAs", text(env, member.invited_as));
  set(env, out, "verifiedBy", text(env, member.verified_by));
  set(env, out, "certifiedAs", text(env, member.certified_as));
  return out;
}

napi_value session_member_value(napi_env env, const conclave_member& member) {
  const auto out = member_value(env, member);
  set(env, out, "confirmed", boolean(env, member.confirmed != 0));
  return out;
}

void define_rooms(napi_env env, napi_value exports) {
  constexpr std::pair<const char*, Function> functions[] = {
      {"callCommand", call_command}, {"sessionCommand", session_command}, {"callRoom", call_room}, {"sessionRoom", session_room}, {"invite", invite},
      {"sessionRecord", session_record}, {"callRecord", call_record}, {"callMember", call_member}};
  for (const auto& [name, function] : functions) define(env, exports, name, function);
}

}  // namespace conclave_node
