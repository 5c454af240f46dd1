// What the addon's functions take and give, between JavaScript and the C interface.
#pragma once

#include <node_api.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "conclave.h"

namespace conclave_node {

/// Throws an Error with `code`, `errorName`, `detail` and `participant`; index.js makes a ConclaveError of it.
napi_value throw_error(napi_env env, const conclave_error& error);
napi_value throw_invalid(napi_env env, const char* detail);
conclave_error last_error();
/// An object that describes an error, or null for CONCLAVE_OK.
napi_value error_value(napi_env env, conclave_result code, const char* detail, bool has_participant, std::uint32_t participant);

/// The arguments of one call.
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env_(env) { napi_get_cb_info(env, info, &count_, values_.data(), nullptr, nullptr); }
  [[nodiscard]] napi_env env() const { return env_; }
  [[nodiscard]] napi_value at(std::size_t index) const { return index < count_ ? values_[index] : nullptr; }
  [[nodiscard]] conclave_handle handle(std::size_t index) const;
  [[nodiscard]] std::int64_t integer(std::size_t index) const;
  [[nodiscard]] std::string text(std::size_t index) const;
  /// Whether anything was given but undefined or null.
  [[nodiscard]] bool has(std::size_t index) const;
  struct Bytes {
    std::uint8_t* data = nullptr;
    std::size_t size = 0;
  };
  /// Of any typed array; nothing for another value.
  [[nodiscard]] Bytes bytes(std::size_t index) const;

 private:
  napi_env env_;
  std::size_t count_ = 12;
  std::array<napi_value, 12> values_{};
};

/// A handle as JavaScript holds it: closed when it is collected, at the latest.
napi_value make_handle(napi_env env, conclave_handle handle);
/// The handle that a call made, or throws what it failed with.
napi_value handle_or_throw(napi_env env, conclave_result result, const conclave_handle& handle);

napi_value number(napi_env env, double value);
napi_value boolean(napi_env env, bool value);
napi_value text(napi_env env, const char* value);
napi_value buffer(napi_env env, const void* data, std::size_t size);
void set(napi_env env, napi_value object, const char* name, napi_value value);
/// `object[name]` as a number; 0 where there is none.
std::int64_t integer_of(napi_env env, napi_value object, const char* name);
std::string text_of(napi_env env, napi_value object, const char* name);
conclave_handle handle_of(napi_env env, napi_value value);
/// Of an array of handles.
std::vector<conclave_handle> handles_of(napi_env env, napi_value array);

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

/// What calls know of a member, and what sessions know.
napi_value member_value(napi_env env, const conclave_member& member);
/// What contacts say of somebody, as a recognition or an event has it.
template <class Told>
void set_recognition(napi_env env, napi_value object, const Told& told) {
  set(env, object, "acquaintance", number(env, told.acquaintance));
  set(env, object, "verified", boolean(env, told.verified != 0));
  set(env, object, "remembered", boolean(env, told.remembered != 0));
  set(env, object, "knownAs", text(env, told.known_as));
}
/// What proves a doubt of frames, as a doubt or an event has it.
template <class Told>
void set_evidence(napi_env env, napi_value object, const Told& told) {
  set(env, object, "stream", number(env, told.stream));
  set(env, object, "identityKey", buffer(env, told.identity_key, told.identity_key_size));
  set(env, object, "evidence", buffer(env, told.evidence, told.evidence_size));
}
napi_value session_member_value(napi_env env, const conclave_member& member);

/// A carrier that hands datagrams to a function of JavaScript; without `send` when there can be none. A call that was not opened owes it `closed`.
conclave_carrier carrier_of(napi_env env, napi_value function);

/// Undefined, or throws what the call failed with.
napi_value checked(napi_env env, conclave_result result);

/// Runs `work` on another thread and resolves the promise that it returns with what `finish` makes of it.
struct Task {
  virtual ~Task() = default;
  virtual void work() = 0;
  virtual napi_value finish(napi_env env) = 0;

  conclave_result result = CONCLAVE_OK;
  conclave_error error{};
  napi_deferred deferred = nullptr;
  napi_async_work async = nullptr;
};
napi_value start(napi_env env, Task* task);

using Function = napi_value (*)(napi_env, napi_callback_info);
void define(napi_env env, napi_value exports, const char* name, Function function);

void define_media(napi_env env, napi_value exports);
void define_calls(napi_env env, napi_value exports);
void define_sessions(napi_env env, napi_value exports);
void define_frames(napi_env env, napi_value exports);
void define_rooms(napi_env env, napi_value exports);
void define_identities(napi_env env, napi_value exports);
void define_contacts(napi_env env, napi_value exports);
void define_statements(napi_env env, napi_value exports);

}  // namespace conclave_node
