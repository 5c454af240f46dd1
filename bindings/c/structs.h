// What crosses the C interface by value: structs of any version, texts, buffers, times.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "conclave.h"
#include "conclave/bytes.h"
#include "conclave/client.h"
#include "failure.h"

namespace conclave::c {

/// Longer than any version of any struct: a size beyond it is not a size.
inline constexpr std::size_t longest_struct = 16384;

/// The sizes that a struct had in earlier versions, for those that have grown since: a size between two versions would cut a field in two.
template <class T>
inline constexpr std::array<std::size_t, 0> earlier_sizes{};
template <>
inline constexpr std::array earlier_sizes<conclave_call_config>{offsetof(conclave_call_config, relay), offsetof(conclave_call_config, mode),
                                                               offsetof(conclave_call_config, reconnect_window)};
template <>
inline constexpr std::array earlier_sizes<conclave_event>{offsetof(conclave_event, text), offsetof(conclave_event, stream)};
template <>
inline constexpr std::array earlier_sizes<conclave_member>{offsetof(conclave_member, rights), offsetof(conclave_member, verified_by)};
template <>
inline constexpr std::array earlier_sizes<conclave_report>{offsetof(conclave_report, events_lost), offsetof(conclave_report, frames_confirmed)};
template <>
inline constexpr std::array earlier_sizes<conclave_session_config>{offsetof(conclave_session_config, mode), offsetof(conclave_session_config, organisation)};

/// The struct_size of what the caller handed in, checked.
template <class T>
Result<std::size_t> size_of_struct(const T* given) {
  if (given == nullptr) return invalid("a struct is NULL");
  std::uint32_t size = 0;
  std::memcpy(&size, given, sizeof size);
  const auto& earlier = earlier_sizes<T>;
  const bool known = size >= sizeof(T) || std::find(earlier.begin(), earlier.end(), size) != earlier.end();
  if (!known || size > longest_struct) return invalid("struct_size is not the size of the struct");
  return std::size_t{size};
}

/// What the caller's struct says, as far as we know it; `unsupported` where it says more.
template <class T>
Result<T> read_struct(const T* given) {
  CONCLAVE_C_ASSIGN(size, size_of_struct(given));
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(given);
  if (size > sizeof(T) && std::any_of(bytes + sizeof(T), bytes + size, [](std::uint8_t b) { return b != 0; }))
    return Error{ErrorCode::unsupported, "a struct sets what only a newer library knows"};
  T copy{};
  std::memcpy(&copy, given, std::min(size, sizeof(T)));
  return copy;
}

/// Fills the caller's struct, whose struct_size stays, as far as an older header knows it; what only a newer one knows becomes 0.
template <class T>
Result<void> write_struct(T* out, const T& value) {
  CONCLAVE_C_ASSIGN(size, size_of_struct(out));
  constexpr std::size_t head = sizeof(std::uint32_t);
  auto* bytes = reinterpret_cast<std::uint8_t*>(out);
  std::memcpy(bytes + head, reinterpret_cast<const std::uint8_t*>(&value) + head, std::min(size, sizeof(T)) - head);
  if (size > sizeof(T)) std::memset(bytes + sizeof(T), 0, size - sizeof(T));
  return {};
}

/// Copies `bytes` into the caller's buffer, or says how large it has to be.
inline Result<void> write_bytes(ByteView bytes, void* buffer, std::size_t* size) {
  if (size == nullptr) return invalid("size is NULL");
  const std::size_t capacity = *size;
  *size = bytes.size();
  if (capacity < bytes.size()) return Error{ErrorCode::buffer_too_small, "the buffer is too small"};
  if (bytes.empty()) return {};
  if (buffer == nullptr) return invalid("the buffer is NULL");
  std::memcpy(buffer, bytes.data(), bytes.size());
  return {};
}

/// Likewise, with the zero at its end.
inline Result<void> write_text(const std::string& text, char* buffer, std::size_t* size) {
  return write_bytes({reinterpret_cast<const std::uint8_t*>(text.c_str()), text.size() + 1}, buffer, size);
}

/// A text of a struct: cut where it does not fit, between two characters.
template <std::size_t N>
void copy_text(char (&out)[N], std::string_view text) {
  std::size_t length = std::min(text.size(), N - 1);
  if (length < text.size()) {
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
  }
  std::memcpy(out, text.data(), length);
  std::memset(out + length, 0, N - length);
}

/// A key or hash of a struct, and its size.
template <std::size_t N>
std::uint32_t copy_bytes(std::uint8_t (&out)[N], ByteView bytes) {
  const std::size_t size = std::min(bytes.size(), N);
  std::copy_n(bytes.begin(), size, out);
  return static_cast<std::uint32_t>(size);
}

/// Into a struct that says why something happened, and whose fault it is.
template <class Struct>
void put_error(Struct& out, const Error& error) {
  out.code = static_cast<conclave_result>(error.code);
  out.has_participant = error.participant ? 1 : 0;
  out.participant = error.participant.value_or(0);
  copy_text(out.detail, error.detail);
}

inline std::string text_or(const char* text, const char* otherwise) { return text != nullptr ? text : otherwise; }

inline std::int64_t micros(Time time) { return time.time_since_epoch().count(); }
/// A timeout as callers give it; an hour is the longest.
inline Duration timeout_of(std::int64_t timeout) {
  constexpr Duration longest = std::chrono::hours(1);
  return timeout < 0 ? longest : std::min(Duration(timeout), longest);
}

/// A duration of a configuration: 0 leaves what is there.
inline Result<void> take_duration(std::int64_t given, Duration& place) {
  constexpr std::int64_t longest = 365LL * 24 * 3600 * 1'000'000;
  if (given < 0 || given > longest) return invalid("a duration is out of range");
  if (given != 0) place = Duration(given);
  return {};
}

/// The caller's bytes; `invalid_argument` for NULL with a size.
inline Result<ByteView> bytes_of(const void* data, std::size_t size) {
  if (data == nullptr && size != 0) return invalid("bytes are NULL");
  return ByteView(static_cast<const std::uint8_t*>(data), size);
}

}  // namespace conclave::c
