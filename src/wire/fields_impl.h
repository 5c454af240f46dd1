// The reading and writing behind `wire/fields.h`. Included by it alone.
#pragma once

#include "wire/fields.h"

namespace conclave::wire {
namespace detail {

template <class T>
void read_elements(Reader& reader, std::vector<T>& out) {
  const ByteView content = reader.read_opaque();
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    out.assign(content.begin(), content.end());
  } else {
    Reader elements(content);
    while (elements.remaining() > 0) read(elements, out.emplace_back());
    reader.absorb(elements);
  }
}

template <class T>
void read_presence(Reader& reader, std::optional<T>& out) {
  const auto presence = reader.read_integer<std::uint8_t>();
  if (presence > 1) reader.fail("a presence octet is neither 0 nor 1");
  out.reset();
  if (presence == 1 && reader.ok()) read(reader, out.emplace());
}

template <class First, class... T>
void read_select(Reader& reader, std::variant<First, T...>& out) {
  using Tag = std::remove_cv_t<decltype(First::tag)>;
  Tag tag{};
  read(reader, tag);
  if (!reader.ok()) return;
  const auto try_arm = [&]<class Arm>(std::type_identity<Arm>) {
    if (tag != Arm::tag) return false;
    read(reader, out.template emplace<Arm>());
    return true;
  };
  if (!(try_arm(std::type_identity<First>{}) || ... || try_arm(std::type_identity<T>{}))) {
    reader.fail("a select has no such arm", ErrorCode::unsupported);
  }
}

template <class... T>
void write_select(Writer& writer, const std::variant<T...>& value) {
  const auto try_arm = [&](const auto* arm) {
    if (arm == nullptr) return;
    write(writer, std::remove_cvref_t<decltype(*arm)>::tag);
    write(writer, *arm);
  };
  (try_arm(std::get_if<T>(&value)), ...);
}

template <class T>
void write_elements(Writer& writer, const std::vector<T>& values) {
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    writer.put_length(values.size());
    writer.put(values);
  } else {
    Counter counter;
    for (const T& value : values) write(counter, value);
    writer.put_length(counter.size());
    for (const T& value : values) write(writer, value);
  }
}

inline void write_opaque(Writer& writer, ByteView bytes) {
  writer.put_length(bytes.size());
  writer.put(bytes);
}

template <class T>
void read_secret(Reader& reader, T& out) {
  const ByteView content = reader.read_opaque();
  if (content.size() > Shape<T>::capacity) return reader.fail("a secret is longer than any cipher suite's");
  out = T::copy_of(content);
}

}  // namespace detail

template <class T>
void read(Reader& reader, T& out) {
  if constexpr (std::unsigned_integral<T>) {
    out = reader.read_integer<T>();
  } else if constexpr (std::is_enum_v<T>) {
    out = static_cast<T>(reader.read_integer<std::underlying_type_t<T>>());
    if constexpr (detail::CheckedEnum<T>) {
      if (!is_known(out)) reader.fail("an enum has no such value");
    }
  } else if constexpr (detail::shape<T> == 1) {
    detail::read_elements(reader, out);
  } else if constexpr (detail::shape<T> == 2) {
    detail::read_presence(reader, out);
  } else if constexpr (detail::shape<T> == 3) {
    auto value = std::make_shared<std::remove_const_t<typename T::element_type>>();
    read(reader, *value);
    out = std::move(value);
  } else if constexpr (detail::shape<T> == 4) {
    detail::read_select(reader, out);
  } else if constexpr (detail::shape<T> == 5) {
    const ByteView content = reader.take(out.size());
    std::copy(content.begin(), content.end(), out.begin());
  } else if constexpr (detail::shape<T> == 6) {
    detail::read_secret(reader, out);
  } else if constexpr (std::is_same_v<T, SecretBuffer>) {
    out = SecretBuffer::copy_of(reader.read_opaque());
  } else if constexpr (detail::SelfReading<T>) {
    out.read_from(reader);
  } else {
    out.wire_fields([&](auto&... field) { (read(reader, field), ...); });
  }
}

template <class T>
void write(Writer& writer, const T& value) {
  if constexpr (std::unsigned_integral<T>) {
    writer.put_integer(value);
  } else if constexpr (std::is_enum_v<T>) {
    writer.put_integer(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_same_v<T, Raw>) {
    writer.put(value.bytes);
  } else if constexpr (std::is_same_v<T, Opaque>) {
    detail::write_opaque(writer, value.bytes);
  } else if constexpr (detail::shape<T> == 1) {
    detail::write_elements(writer, value);
  } else if constexpr (detail::shape<T> == 2) {
    writer.put_integer(static_cast<std::uint8_t>(value.has_value() ? 1 : 0));
    if (value) write(writer, *value);
  } else if constexpr (detail::shape<T> == 3) {
    write(writer, *value);
  } else if constexpr (detail::shape<T> == 4) {
    detail::write_select(writer, value);
  } else if constexpr (detail::shape<T> == 5) {
    writer.put(value);
  } else if constexpr (detail::shape<T> == 6 || std::is_same_v<T, SecretBuffer>) {
    detail::write_opaque(writer, value.expose());
  } else if constexpr (detail::SelfWriting<T>) {
    value.write_to(writer);
  } else {
    value.wire_fields([&](const auto&... field) { (write(writer, field), ...); });
  }
}

}  // namespace conclave::wire
