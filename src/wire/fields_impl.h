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

template <class Sink, class T>
void write_elements(Sink& sink, const std::vector<T>& values) {
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    sink.put_length(values.size());
    sink.put(values);
  } else {
    Counter counter;
    for (const T& value : values) write(counter, value);
    sink.put_length(counter.size());
    for (const T& value : values) write(sink, value);
  }
}

template <class Sink>
void write_opaque(Sink& sink, ByteView bytes) {
  sink.put_length(bytes.size());
  sink.put(bytes);
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
    std::apply([&](auto&... field) { (read(reader, field), ...); }, out.wire_fields());
  }
}

template <class Sink, class T>
void write(Sink& sink, const T& value) {
  if constexpr (std::unsigned_integral<T>) {
    sink.put_integer(value);
  } else if constexpr (std::is_enum_v<T>) {
    sink.put_integer(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_same_v<T, Raw>) {
    sink.put(value.bytes);
  } else if constexpr (std::is_same_v<T, Opaque>) {
    detail::write_opaque(sink, value.bytes);
  } else if constexpr (detail::shape<T> == 1) {
    detail::write_elements(sink, value);
  } else if constexpr (detail::shape<T> == 2) {
    sink.put_integer(static_cast<std::uint8_t>(value.has_value() ? 1 : 0));
    if (value) write(sink, *value);
  } else if constexpr (detail::shape<T> == 3) {
    write(sink, *value);
  } else if constexpr (detail::shape<T> == 4) {
    std::visit(
        [&](const auto& arm) {
          write(sink, std::remove_cvref_t<decltype(arm)>::tag);
          write(sink, arm);
        },
        value);
  } else if constexpr (detail::shape<T> == 5) {
    sink.put(value);
  } else if constexpr (detail::shape<T> == 6 || std::is_same_v<T, SecretBuffer>) {
    detail::write_opaque(sink, value.expose());
  } else if constexpr (detail::SelfWriting<T>) {
    value.write_to(sink);
  } else {
    std::apply([&](const auto&... field) { (write(sink, field), ...); }, value.wire_fields());
  }
}

}  // namespace conclave::wire
