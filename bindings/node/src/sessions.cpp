// The session level.
#include <cstring>

#include "napi.h"

namespace conclave_node {
namespace {

napi_value handle_or_throw(napi_env env, conclave_result result, const conclave_handle& handle) {
  return result == CONCLAVE_OK ? make_handle(env, handle) : throw_error(env, last_error());
}

/// The bytes that `write(buffer, size)` gives: asked for their number first.
template <class Write>
napi_value fetched_bytes(napi_env env, Write write) {
  std::size_t size = 0;
  conclave_result result = write(static_cast<std::uint8_t*>(nullptr), &size);
  std::vector<std::uint8_t> bytes(size);
  if (result == CONCLAVE_BUFFER_TOO_SMALL) result = write(bytes.data(), &size);
  if (result != CONCLAVE_OK) return throw_error(env, last_error());
  return buffer(env, bytes.data(), size);
}

conclave_session_config config_of(const Arguments& given, std::size_t index) {
  conclave_session_config config{};
  config.struct_size = sizeof config;
  const auto room = given.bytes(index);
  if (room.data != nullptr) std::memcpy(config.room_id, room.data, std::min(room.size, sizeof config.room_id));
  return config;
}

napi_value identity(napi_env env, napi_callback_info info) {  // (seed or nothing)
  const auto seed = Arguments(env, info).bytes(0);
  conclave_handle made = 0;
  const auto result = seed.data == nullptr ? conclave_identity_generate(&made) : conclave_identity_from_seed(seed.data, seed.size, &made);
  return handle_or_throw(env, result, made);
}

napi_value identity_hash(napi_env env, napi_callback_info info) {
  const auto who = Arguments(env, info).handle(0);
  return fetched_bytes(env, [&](auto* bytes, auto* size) { return conclave_identity_hash(who, bytes, size); });
}

napi_value found(napi_env env, napi_callback_info info) {  // (room id, identity, name)
  const Arguments given(env, info);
  const auto config = config_of(given, 0);
  conclave_handle session = 0;
  return handle_or_throw(env, conclave_session_found(&config, given.handle(1), given.text(2).c_str(), nullptr, &session), session);
}

napi_value begin_joining(napi_env env, napi_callback_info info) {  // (room id, identity, name)
  const Arguments given(env, info);
  const auto config = config_of(given, 0);
  conclave_handle joining = 0;
  return handle_or_throw(env, conclave_joining_begin(&config, given.handle(1), given.text(2).c_str(), nullptr, &joining), joining);
}

napi_value key_package(napi_env env, napi_callback_info info) {
  const auto joining = Arguments(env, info).handle(0);
  return fetched_bytes(env, [&](auto* bytes, auto* size) { return conclave_joining_key_package(joining, bytes, size); });
}

napi_value complete_joining(napi_env env, napi_callback_info info) {  // (joining, welcome, founder's hash)
  const Arguments given(env, info);
  const auto welcome = given.bytes(1), founder = given.bytes(2);
  conclave_handle session = 0;
  const auto result = conclave_joining_complete(given.handle(0), welcome.data, welcome.size, founder.data, founder.size, nullptr, &session);
  return handle_or_throw(env, result, session);
}

napi_value handle_message(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const auto message = given.bytes(1);
  return checked(env, conclave_session_handle(given.handle(0), message.data, message.size, nullptr));
}

napi_value tick(napi_env env, napi_callback_info info) { return checked(env, conclave_session_tick(Arguments(env, info).handle(0), nullptr)); }
napi_value rotate(napi_env env, napi_callback_info info) { return checked(env, conclave_session_rotate(Arguments(env, info).handle(0), nullptr)); }

napi_value admit(napi_env env, napi_callback_info info) {  // (session, request, key package)
  const Arguments given(env, info);
  const auto package = given.bytes(2);
  const auto request = static_cast<std::uint64_t>(given.integer(1));
  return checked(env, conclave_session_admit(given.handle(0), request, package.data, package.size, nullptr));
}

napi_value remove_member(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  return checked(env, conclave_session_remove(given.handle(0), static_cast<std::uint32_t>(given.integer(1)), nullptr));
}

napi_value say(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  const auto content = given.bytes(1);
  return checked(env, conclave_session_say(given.handle(0), content.data, content.size));
}

napi_value next_output(napi_env env, napi_callback_info info) {  // (session): null when there is none
  const auto session = Arguments(env, info).handle(0);
  conclave_output output{};
  output.struct_size = sizeof output;
  std::vector<std::uint8_t> bytes;
  std::size_t size = 0;
  conclave_result result = CONCLAVE_OK;
  while ((result = conclave_session_next_output(session, &output, bytes.data(), &size)) == CONCLAVE_BUFFER_TOO_SMALL) bytes.resize(size);
  if (result != CONCLAVE_OK) return throw_error(env, last_error());
  napi_value out = nullptr;
  napi_get_null(env, &out);
  if (output.kind == CONCLAVE_OUTPUT_NONE) return out;
  napi_create_object(env, &out);
  set(env, out, "kind", number(env, output.kind));
  set(env, out, "id", number(env, static_cast<double>(output.id)));
  set(env, out, "member", number(env, output.member));
  set(env, out, "flag", number(env, output.flag));
  set(env, out, "name", text(env, output.name));
  set(env, out, "bytes", buffer(env, bytes.data(), size));
  set(env, out, "error", error_value(env, output.code, output.detail, output.has_participant != 0, output.participant));
  return out;
}

napi_value status(napi_env env, napi_callback_info info) {
  conclave_session_status told{};
  told.struct_size = sizeof told;
  if (conclave_session_get_status(Arguments(env, info).handle(0), &told) != CONCLAVE_OK) return throw_error(env, last_error());
  napi_value out = nullptr;
  napi_create_object(env, &out);
  set(env, out, "memberCount", number(env, told.member_count));
  set(env, out, "epoch", number(env, static_cast<double>(told.epoch)));
  set(env, out, "self", number(env, told.self));
  set(env, out, "suspended", boolean(env, told.suspended != 0));
  set(env, out, "nextDeadline", number(env, static_cast<double>(told.next_deadline)));
  set(env, out, "authenticator", buffer(env, told.authenticator, told.authenticator_size));
  return out;
}

napi_value make_sealer(napi_env env, napi_callback_info info) {  // (session, stream, mode)
  const Arguments given(env, info);
  conclave_handle sealer = 0;
  const auto stream = static_cast<std::uint32_t>(given.integer(1)), mode = static_cast<std::uint32_t>(given.integer(2));
  return handle_or_throw(env, conclave_session_make_sealer(given.handle(0), stream, mode, &sealer), sealer);
}

napi_value take_up(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  return checked(env, conclave_sealer_take_up(given.handle(0), given.handle(1)));
}

napi_value seal(napi_env env, napi_callback_info info) {  // (sealer, frame, metadata, out): bytes written
  const Arguments given(env, info);
  const auto frame = given.bytes(1), metadata = given.bytes(2), out = given.bytes(3);
  std::size_t size = out.size;
  if (conclave_sealer_seal(given.handle(0), frame.data, frame.size, metadata.data, metadata.size, out.data, &size) != CONCLAVE_OK)
    return throw_error(env, last_error());
  return number(env, static_cast<double>(size));
}

napi_value create_opener(napi_env env, napi_callback_info) {
  conclave_handle opener = 0;
  const auto result = conclave_opener_create(&opener);
  return handle_or_throw(env, result, opener);
}

napi_value update_opener(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  return checked(env, conclave_opener_update(given.handle(0), given.handle(1)));
}

napi_value open_frame(napi_env env, napi_callback_info info) {  // (opener, sender, sealed, metadata, mode, out, what): what becomes status, sender, stream, size
  const Arguments given(env, info);
  const auto sealed = given.bytes(2), metadata = given.bytes(3), out = given.bytes(5), what = given.bytes(6);
  conclave_opened opened{};
  opened.struct_size = sizeof opened;
  const auto result = conclave_opener_open(given.handle(0), given.integer(1), sealed.data, sealed.size, metadata.data, metadata.size,
                                           static_cast<std::uint32_t>(given.integer(4)), out.data, out.size, &opened);
  const std::uint32_t told[] = {opened.status, opened.sender, opened.stream, static_cast<std::uint32_t>(opened.size)};
  if (what.size >= sizeof told) std::memcpy(what.data, told, sizeof told);
  return checked(env, result);
}

}  // namespace

void define_sessions(napi_env env, napi_value exports) {
  define(env, exports, "identity", identity);
  define(env, exports, "identityHash", identity_hash);
  define(env, exports, "found", found);
  define(env, exports, "beginJoining", begin_joining);
  define(env, exports, "keyPackage", key_package);
  define(env, exports, "completeJoining", complete_joining);
  define(env, exports, "handleMessage", handle_message);
  define(env, exports, "tick", tick);
  define(env, exports, "rotate", rotate);
  define(env, exports, "admit", admit);
  define(env, exports, "remove", remove_member);
  define(env, exports, "say", say);
  define(env, exports, "nextOutput", next_output);
  define(env, exports, "status", status);
  define(env, exports, "makeSealer", make_sealer);
  define(env, exports, "takeUp", take_up);
  define(env, exports, "seal", seal);
  define(env, exports, "createOpener", create_opener);
  define(env, exports, "updateOpener", update_opener);
  define(env, exports, "openFrame", open_frame);
}

}  // namespace conclave_node
