// What speakers state of the frames that they signed.
#include <algorithm>
#include <cstring>
#include <utility>

#include "napi.h"

namespace conclave_node {
namespace {

napi_value take_statement(napi_env env, napi_callback_info info) {
  const auto sealer = Arguments(env, info).handle(0);
  return fetched_bytes(env, [&](auto* bytes, auto* size) { return conclave_sealer_take_statement(sealer, bytes, size); });
}

napi_value state_frames(napi_env env, napi_callback_info info) {  // (session, statement...)
  const Arguments given(env, info);
  std::vector<conclave_bytes> statements;
  for (std::size_t i = 1; given.has(i); ++i) {
    const auto bytes = given.bytes(i);
    statements.push_back({bytes.data, bytes.size});
  }
  return checked(env, conclave_session_state_frames(given.handle(0), statements.data(), statements.size()));
}

napi_value hear(napi_env env, napi_callback_info info) {  // (opener, stated)
  const Arguments given(env, info);
  const auto stated = given.bytes(1);
  return checked(env, conclave_opener_hear(given.handle(0), stated.data, stated.size));
}

napi_value next_doubt(napi_env env, napi_callback_info info) {  // (opener): null when the review is over
  conclave_frame_doubt doubt{};
  doubt.struct_size = sizeof doubt;
  if (conclave_opener_review(Arguments(env, info).handle(0), nullptr, &doubt) != CONCLAVE_OK) return throw_error(env, last_error());
  napi_value out = nullptr;
  napi_get_null(env, &out);
  if (doubt.kind == 0) return out;
  napi_create_object(env, &out);
  set(env, out, "kind", number(env, doubt.kind));
  set(env, out, "member", number(env, doubt.member));
  set(env, out, "name", text(env, doubt.name));
  set(env, out, "epoch", number(env, static_cast<double>(doubt.epoch)));
  set_evidence(env, out, doubt);
  return out;
}

napi_value statements(napi_env env, napi_callback_info info) {
  conclave_statements told{};
  told.struct_size = sizeof told;
  if (conclave_opener_statements(Arguments(env, info).handle(0), &told) != CONCLAVE_OK) return throw_error(env, last_error());
  napi_value out = nullptr;
  napi_create_object(env, &out);
  const std::pair<const char*, std::uint64_t> counts[] = {{"confirmed", told.confirmed}, {"equivocated", told.equivocated}, {"unstated", told.unstated},
                                                          {"missed", told.missed},       {"late", told.late},               {"unwatched", told.unwatched}};
  for (const auto& [name, value] : counts) set(env, out, name, number(env, static_cast<double>(value)));
  return out;
}

napi_value check_evidence(napi_env env, napi_callback_info info) {  // (session, evidence): the member
  const Arguments given(env, info);
  const auto evidence = given.bytes(1);
  std::uint32_t member = 0;
  if (conclave_session_check_evidence(given.handle(0), evidence.data, evidence.size, &member) != CONCLAVE_OK) return throw_error(env, last_error());
  return number(env, member);
}

/// Copies as much as there is room for.
std::uint32_t copy(std::uint8_t* out, std::size_t room, const Arguments::Bytes& bytes) {
  const std::size_t size = std::min(bytes.size, room);
  if (size != 0) std::memcpy(out, bytes.data, size);
  return static_cast<std::uint32_t>(size);
}

napi_value record_doubt(napi_env env, napi_callback_info info) {  // (session, doubt with its numbers, identity key, evidence)
  const Arguments given(env, info);
  const auto get = [&](const char* name) { return integer_of(env, given.at(1), name); };
  conclave_frame_doubt doubt{};
  doubt.struct_size = sizeof doubt;
  doubt.kind = static_cast<std::uint32_t>(get("kind"));
  doubt.member = static_cast<std::uint32_t>(get("member"));
  doubt.stream = static_cast<std::uint32_t>(get("stream"));
  doubt.epoch = static_cast<std::uint64_t>(get("epoch"));
  doubt.identity_key_size = copy(doubt.identity_key, sizeof doubt.identity_key, given.bytes(2));
  doubt.evidence_size = copy(doubt.evidence, sizeof doubt.evidence, given.bytes(3));
  return checked(env, conclave_session_record_doubt(given.handle(0), &doubt, nullptr));
}

}  // namespace

void define_statements(napi_env env, napi_value exports) {
  constexpr std::pair<const char*, Function> functions[] = {
      {"takeStatement", take_statement}, {"stateFrames", state_frames}, {"hear", hear}, {"nextDoubt", next_doubt}, {"statements", statements},
      {"checkEvidence", check_evidence}, {"recordDoubt", record_doubt}};
  for (const auto& [name, function] : functions) define(env, exports, name, function);
}

}  // namespace conclave_node
