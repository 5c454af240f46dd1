// Whom we have met.
#include <utility>

#include "napi.h"

namespace conclave_node {
namespace {

napi_value create(napi_env env, napi_callback_info) {
  conclave_handle contacts = 0;
  const auto result = conclave_contacts_create(&contacts);
  return handle_or_throw(env, result, contacts);
}

napi_value parse(napi_env env, napi_callback_info info) {  // (bytes)
  const auto bytes = Arguments(env, info).bytes(0);
  conclave_handle contacts = 0;
  const auto result = conclave_contacts_parse(bytes.data, bytes.size, &contacts);
  return handle_or_throw(env, result, contacts);
}

napi_value open(napi_env env, napi_callback_info info) {  // (file, identity)
  const Arguments given(env, info);
  const auto file = given.bytes(0);
  conclave_handle contacts = 0;
  const auto result = conclave_contacts_open(file.data, file.size, given.handle(1), &contacts);
  return handle_or_throw(env, result, contacts);
}

napi_value serialise(napi_env env, napi_callback_info info) {
  const auto contacts = Arguments(env, info).handle(0);
  return fetched_bytes(env, [&](auto* bytes, auto* size) { return conclave_contacts_serialise(contacts, bytes, size); });
}

napi_value seal(napi_env env, napi_callback_info info) {  // (contacts, identity)
  const Arguments given(env, info);
  return fetched_bytes(env, [&](auto* bytes, auto* size) { return conclave_contacts_seal(given.handle(0), given.handle(1), bytes, size); });
}

napi_value count(napi_env env, napi_callback_info info) {
  std::uint64_t contacts = 0;
  if (conclave_contacts_count(Arguments(env, info).handle(0), &contacts) != CONCLAVE_OK) return throw_error(env, last_error());
  return number(env, static_cast<double>(contacts));
}

napi_value recognise(napi_env env, napi_callback_info info) {  // (contacts, key, name)
  const Arguments given(env, info);
  const auto key = given.bytes(1);
  conclave_recognition told{};
  told.struct_size = sizeof told;
  if (conclave_contacts_recognise(given.handle(0), key.data, key.size, given.text(2).c_str(), &told) != CONCLAVE_OK) return throw_error(env, last_error());
  napi_value out = nullptr;
  napi_create_object(env, &out);
  set_recognition(env, out, told);
  return out;
}

napi_value remember(napi_env env, napi_callback_info info) {  // (contacts, key, name, verified)
  const Arguments given(env, info);
  const auto key = given.bytes(1);
  return checked(env, conclave_contacts_remember(given.handle(0), key.data, key.size, given.text(2).c_str(), given.integer(3) != 0 ? 1 : 0));
}

napi_value meet(napi_env env, napi_callback_info info) {  // (contacts, key, name)
  const Arguments given(env, info);
  const auto key = given.bytes(1);
  return checked(env, conclave_contacts_meet(given.handle(0), key.data, key.size, given.text(2).c_str()));
}

napi_value forget(napi_env env, napi_callback_info info) {  // (contacts, key)
  const Arguments given(env, info);
  const auto key = given.bytes(1);
  return checked(env, conclave_contacts_forget(given.handle(0), key.data, key.size));
}

}  // namespace

void define_contacts(napi_env env, napi_value exports) {
  constexpr std::pair<const char*, Function> functions[] = {
      {"createContacts", create}, {"parseContacts", parse}, {"openContacts", open}, {"serialiseContacts", serialise}, {"sealContacts", seal},
      {"countContacts", count}, {"recognise", recognise}, {"remember", remember}, {"meet", meet}, {"forget", forget}};
  for (const auto& [name, function] : functions) define(env, exports, name, function);
}

}  // namespace conclave_node
