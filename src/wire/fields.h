// One declaration per struct serves reading and writing.
//
// A plain struct lists its members with `CONCLAVE_FIELDS(a, b, c)`. Members are integers, enums, strong structs,
// `Bytes`, `Secret` and `SecretBuffer` (each an `opaque<V>`), `std::array<std::uint8_t, N>` (`opaque[N]`),
// `std::vector<T>` (`T<V>`), `std::optional<T>`, `std::shared_ptr<const T>` (a T on the heap) and `std::variant`, whose
// alternatives each name their value of the select's tag as `static constexpr auto tag`.
// A struct that does not fit has `void read_from(Reader&)` and `void write_to(Writer&) const`.
#pragma once

#include <array>
#include <concepts>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/secret.h"
#include "base/secret_buffer.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define CONCLAVE_FIELDS(...)            \
  template <class Visit>                \
  void wire_fields(Visit&& visit) {     \
    visit(__VA_ARGS__);                 \
  }                                     \
  template <class Visit>                \
  void wire_fields(Visit&& visit) const { \
    visit(__VA_ARGS__);                 \
  }

/// A struct without content, as in `select` arms that say `struct {}`.
#define CONCLAVE_NO_FIELDS              \
  template <class Visit>                \
  void wire_fields(Visit&& visit) const { \
    visit();                            \
  }

/// Says that a type's reading and writing are compiled in one source file, which has `CONCLAVE_WIRE_HERE` for it, and not
/// again wherever the header is included. Both stand outside of all namespaces and name the type in full.
#define CONCLAVE_WIRE_ELSEWHERE(...) CONCLAVE_WIRE_INSTANCES(extern template, __VA_ARGS__)
#define CONCLAVE_WIRE_HERE(...) CONCLAVE_WIRE_INSTANCES(template, __VA_ARGS__)
#define CONCLAVE_WIRE_INSTANCES(declare, ...)                                                   \
  declare void conclave::wire::read(conclave::wire::Reader&, __VA_ARGS__&);                     \
  declare void conclave::wire::write(conclave::wire::Writer&, const __VA_ARGS__&);

namespace conclave::wire {

/// Bytes written as they are, without a length header. For writing only.
struct Raw {
  ByteView bytes;
};

/// Bytes written as `opaque<V>`. For writing only.
struct Opaque {
  ByteView bytes;
};

namespace detail {

template <class T>
struct Shape {
  static constexpr int kind = 0;
};
template <class T>
struct Shape<std::vector<T>> {
  static constexpr int kind = 1;
};
template <class T>
struct Shape<std::optional<T>> {
  static constexpr int kind = 2;
};
template <class T>
struct Shape<std::shared_ptr<const T>> {
  static constexpr int kind = 3;
};
template <class... T>
struct Shape<std::variant<T...>> {
  static constexpr int kind = 4;
};
template <std::size_t N>
struct Shape<std::array<std::uint8_t, N>> {
  static constexpr int kind = 5;
};
template <class Tag, std::size_t N>
struct Shape<Secret<Tag, N>> {
  static constexpr int kind = 6;
  static constexpr std::size_t capacity = N;
};

template <class T>
inline constexpr int shape = Shape<std::remove_cvref_t<T>>::kind;

struct Ignore {};
template <class T>
concept Listed = requires(T& value, Ignore ignore) { value.wire_fields(ignore); };
template <class T>
concept SelfReading = requires(T& value, Reader& reader) { value.read_from(reader); };
template <class T>
concept SelfWriting = requires(const T& value, Writer& writer) { value.write_to(writer); };
template <class T>
concept CheckedEnum = std::is_enum_v<T> && requires(T value) {
  { is_known(value) } -> std::same_as<bool>;
};

}  // namespace detail

template <class T>
void read(Reader& reader, T& out);
template <class T>
void write(Writer& writer, const T& value);

/// How many bytes `write` makes of these values.
template <class... T>
std::size_t size_of(const T&... values) {
  Counter counter;
  (write(counter, values), ...);
  return counter.size();
}

/// The values one after the other.
template <class... T>
Bytes encode(const T&... values) {
  Bytes out(size_of(values...));
  Writer writer(out);
  (write(writer, values), ...);
  return out;
}

/// The same into memory that is wiped: for whatever holds a secret or a plaintext.
template <class... T>
SecretBuffer encode_secret(const T&... values) {
  SecretBuffer out(size_of(values...));
  Writer writer(out.expose_mutable());
  (write(writer, values), ...);
  return out;
}

/// A value that fills `bytes` to the last one. `malformed`, or `unsupported` where a select has no such arm.
template <class T>
Result<T> decode(ByteView bytes) {
  Reader reader(bytes);
  T value{};
  read(reader, value);
  CONCLAVE_TRY(reader.finish());
  return value;
}

}  // namespace conclave::wire

#include "wire/fields_impl.h"
