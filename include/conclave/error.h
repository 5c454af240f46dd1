// Every way in which a call of this library can fail, once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace conclave {

/// Why a call failed. The hundreds name the group: who can do something about it.
/// The numbers are stable: the C ABI repeats them.
enum class ErrorCode : std::uint16_t {
  // 1xx: misuse by the caller; the call had no effect.
  invalid_argument = 100,    ///< an argument is outside its documented range
  invalid_state = 101,       ///< the object is closed, or not yet ready for this call
  buffer_too_small = 102,    ///< the output buffer is too small; `detail` says what is needed
  not_permitted = 103,       ///< the local member has no right to do this
  limit_exceeded = 104,      ///< a documented limit of the library was reached

  // 2xx: bad input from a peer or a relay; the input was dropped, nothing changed.
  malformed = 200,           ///< the bytes do not parse
  not_authentic = 201,       ///< a signature, tag or MAC does not verify
  replayed = 202,            ///< it was seen before, or is older than the replay window
  unknown_key = 203,         ///< no key at hand: unknown epoch, sender, generation or PSK
  unsupported = 204,         ///< well-formed, but a version, suite, type or extension we do not have
  invalid_message = 205,     ///< well-formed and authentic, but a rule of the protocol forbids it
  wrong_group = 206,         ///< it belongs to another group or room
  wrong_epoch = 207,         ///< it belongs to another epoch than the current one
  forbidden_by_policy = 208, ///< the room's policy does not allow its sender to do this
  expired = 209,             ///< its lifetime or deadline is over
  refused = 210,             ///< the peer or the relay said no: a knock, a version, an invitation
  version_mismatch = 211,    ///< the peer speaks a version of the protocol that we do not
  identity_mismatch = 212,   ///< the peer or relay is not the one that the link pins
  diverged = 213,            ///< members were shown different histories of the room, or messages are held back

  // 3xx: the environment; trying again later, or elsewhere, may help.
  unreachable = 300,         ///< no answer from the other side in time
  connection_lost = 301,     ///< the connection broke after it stood
  io_error = 302,            ///< a file, socket or pipe failed; `detail` says which and why
  device_missing = 303,      ///< a camera, microphone, loudspeaker or screen is not there
  out_of_resources = 304,    ///< memory, descriptors or disk are exhausted
  damaged_state = 305,       ///< a stored state is damaged, rolled back, or sealed under another key

  // 4xx: a bug in this library; please report it.
  internal = 400,
};

/// The group of an error code.
enum class ErrorGroup : std::uint8_t { misuse, peer, environment, internal };

constexpr ErrorGroup group_of(ErrorCode code) {
  const auto number = static_cast<std::uint16_t>(code);
  if (number < 200) return ErrorGroup::misuse;
  if (number < 300) return ErrorGroup::peer;
  if (number < 400) return ErrorGroup::environment;
  return ErrorGroup::internal;
}

/// The stable name of a code, as it stands in the enum. Never null; static storage.
const char* name_of(ErrorCode code);

/// A failed call: the code, a sentence for a developer (no key, name or address in it), and, where
/// a participant is at fault, that participant's leaf index in the MLS group.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string detail;
  std::optional<std::uint32_t> participant = std::nullopt;
};

/// A value, or the error that stood in its way. Must be looked at.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  ///< success
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  ///< failure

  [[nodiscard]] bool ok() const { return state_.index() == 0; }  ///< whether there is a value
  explicit operator bool() const { return ok(); }

  /// The value. Only after `ok()`.
  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }  ///< likewise
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }  ///< likewise
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  /// The error. Only after `!ok()`.
  Error& error() & { return *std::get_if<1>(&state_); }
  const Error& error() const& { return *std::get_if<1>(&state_); }  ///< likewise
  Error&& error() && { return std::move(*std::get_if<1>(&state_)); }  ///< likewise

 private:
  std::variant<T, Error> state_;
};

/// Success, or the error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  ///< failure

  [[nodiscard]] bool ok() const { return !error_.has_value(); }  ///< whether it went well
  explicit operator bool() const { return ok(); }
  Error& error() & { return *error_; }  ///< only after `!ok()`
  const Error& error() const& { return *error_; }  ///< likewise
  Error&& error() && { return std::move(*error_); }  ///< likewise

 private:
  std::optional<Error> error_;
};

}  // namespace conclave
