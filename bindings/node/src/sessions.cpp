// The session level.
#include <algorithm>
#include <cstring>
#include <utility>

#include "napi.h"

namespace conclave_node {
namespace {

/// A configuration, and what it points to.
struct Settings {
  conclave_session_config config{};
  std::vector<conclave_handle> trusted;
};

/// Of a room's id, the object at `options`, and behind it invitation, organisation's proof and trusted organisations.
Settings settings_of(const Arguments& given, std::size_t index, std::size_t options) {
  Settings settings;
  auto& config = settings.config;
  config.struct_size = sizeof config;
  const auto room = given.bytes(index);
  if (room.data != nullptr) std::memcpy(config.room_id, room.data, std::min(room.size, sizeof config.room_id));
  const auto get = [&](const char* name) { return integer_of(given.env(), given.at(options), name); };
  config.suite = static_cast<std::uint32_t>(get("suite"));
  config.frame_suites[0] = static_cast<std::uint32_t>(get("frameSuite"));
  config.epoch_overlap = get("epochOverlap");
  config.key_rotation = get("keyRotation");
  config.heartbeat = get("heartbeat");
  config.commit_interval = get("commitInterval");
  config.mode = static_cast<std::uint32_t>(get("mode"));
  config.admissions_at_once = static_cast<std::uint32_t>(get("admissionsAtOnce"));
  const auto invitation = given.bytes(options + 1), organisation = given.bytes(options + 2);
  config.invitation = invitation.data;
  config.invitation_size = invitation.size;
  config.organisation = organisation.data;
  config.organisation_size = organisation.size;
  settings.trusted = handles_of(given.env(), given.at(options + 3));
  config.trusted = settings.trusted.data();
  config.trusted_count = static_cast<std::uint32_t>(settings.trusted.size());
  return settings;
}

napi_value found(napi_env env, napi_callback_info info) {  // (room id, identity, name, options, invitation, organisation, trusted)
  const Arguments given(env, info);
  const auto settings = settings_of(given, 0, 3);
  conclave_handle session = 0;
  return handle_or_throw(env, conclave_session_found(&settings.config, given.handle(1), given.text(2).c_str(), nullptr, &session), session);
}

napi_value begin_joining(napi_env env, napi_callback_info info) {  // (room id, identity, name, options, invitation, organisation, trusted)
  const Arguments given(env, info);
  const auto settings = settings_of(given, 0, 3);
  conclave_handle joining = 0;
  return handle_or_throw(env, conclave_joining_begin(&settings.config, given.handle(1), given.text(2).c_str(), nullptr, &joining), joining);
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

napi_value save(napi_env env, napi_callback_info info) {  // (session, key, counter)
  const Arguments given(env, info);
  const auto key = given.bytes(1);
  const auto counter = static_cast<std::uint64_t>(given.integer(2));
  return fetched_bytes(env, [&](auto* bytes, auto* size) { return conclave_session_save(given.handle(0), key.data, key.size, counter, bytes, size); });
}

napi_value restore(napi_env env, napi_callback_info info) {  // (room id, state, key, counter, options, invitation, organisation, trusted)
  const Arguments given(env, info);
  const auto settings = settings_of(given, 0, 4);
  const auto state = given.bytes(1), key = given.bytes(2);
  conclave_handle session = 0;
  const auto result = conclave_session_restore(&settings.config, state.data, state.size, key.data, key.size, static_cast<std::uint64_t>(given.integer(3)),
                                               nullptr, &session);
  return handle_or_throw(env, result, session);
}

napi_value inspect(napi_env env, napi_callback_info info) {  // (session, key package)
  const Arguments given(env, info);
  const auto package = given.bytes(1);
  conclave_member member{};
  member.struct_size = sizeof member;
  if (conclave_session_inspect(given.handle(0), package.data, package.size, nullptr, &member) != CONCLAVE_OK) return throw_error(env, last_error());
  return session_member_value(env, member);
}

napi_value session_member(napi_env env, napi_callback_info info) {  // (session, index)
  const Arguments given(env, info);
  conclave_member member{};
  member.struct_size = sizeof member;
  if (conclave_session_member(given.handle(0), static_cast<std::uint32_t>(given.integer(1)), &member) != CONCLAVE_OK)
    return throw_error(env, last_error());
  return session_member_value(env, member);
}

/// 0.1 s of work.
struct SafetyCode final : Task {
  conclave_handle session = 0;
  std::array<char, 128> digits{};
  std::array<char, 512> words{};
  void work() override {
    std::size_t sizes[] = {digits.size(), words.size()};
    result = conclave_session_safety_code(session, digits.data(), &sizes[0], words.data(), &sizes[1]);
  }
  napi_value finish(napi_env env) override {
    napi_value out = nullptr;
    napi_create_object(env, &out);
    set(env, out, "digits", text(env, digits.data()));
    set(env, out, "words", text(env, words.data()));
    return out;
  }
};

napi_value safety_code(napi_env env, napi_callback_info info) {  // (session): a promise
  auto* task = new SafetyCode;
  task->session = Arguments(env, info).handle(0);
  return start(env, task);
}

napi_value set_verified(napi_env env, napi_callback_info info) {  // (session, member, verified)
  const Arguments given(env, info);
  return checked(env, conclave_session_set_verified(given.handle(0), static_cast<std::uint32_t>(given.integer(1)), given.integer(2) != 0 ? 1 : 0));
}

napi_value allow_streams(napi_env env, napi_callback_info info) {  // (session, member, bits)
  const Arguments given(env, info);
  const auto member = static_cast<std::uint32_t>(given.integer(1)), streams = static_cast<std::uint32_t>(given.integer(2));
  return checked(env, conclave_session_allow_streams(given.handle(0), member, streams));
}

napi_value withdraw(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  return checked(env, conclave_session_withdraw(given.handle(0), static_cast<std::uint64_t>(given.integer(1))));
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
  if (told.has_owner != 0) set(env, out, "owner", number(env, told.owner));
  set(env, out, "frameSuite", number(env, told.frame_suite));
  set(env, out, "suspended", boolean(env, told.suspended != 0));
  set(env, out, "nextDeadline", number(env, static_cast<double>(told.next_deadline)));
  set(env, out, "authenticator", buffer(env, told.authenticator, told.authenticator_size));
  return out;
}

}  // namespace

void define_sessions(napi_env env, napi_value exports) {
  constexpr std::pair<const char*, Function> functions[] = {
      {"found", found}, {"beginJoining", begin_joining},
      {"keyPackage", key_package}, {"completeJoining", complete_joining}, {"save", save}, {"restore", restore}, {"inspect", inspect},
      {"sessionMember", session_member}, {"safetyCode", safety_code}, {"setVerified", set_verified}, {"allowStreams", allow_streams},
      {"handleMessage", handle_message}, {"tick", tick}, {"rotate", rotate}, {"admit", admit}, {"withdraw", withdraw}, {"remove", remove_member},
      {"say", say}, {"nextOutput", next_output}, {"status", status}};
  for (const auto& [name, function] : functions) define(env, exports, name, function);
}

}  // namespace conclave_node
