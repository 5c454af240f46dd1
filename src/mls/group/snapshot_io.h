// The two directions in which a group's state is walked: one declaration of fields serves both. Used by `snapshot.cpp` alone.
#pragma once

#include <deque>
#include <map>

#include "crypto/signature.h"
#include "mls/tree/ratchet_tree.h"

namespace conclave::mls {

/// Writes what it is shown. What it does not know itself is asked for its fields: `Fields::walk(io, value)`.
template <class Fields>
class SnapshotWriter {
 public:
  explicit SnapshotWriter(wire::Writer& writer) : writer_(writer) {}
  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }

 private:
  template <class T>
  void put(const T& value) {
    if constexpr (wire::detail::Listed<T> || requires { value.write_to(writer_); } || std::is_integral_v<T> || std::is_enum_v<T>) {
      wire::write(writer_, value);
    } else {
      Fields::walk(*this, value);
    }
  }
  template <class T, std::size_t N>
  void put(const Secret<T, N>& value) { wire::write(writer_, value); }
  template <class... T>
  void put(const std::variant<T...>& value) { wire::write(writer_, value); }
  void put(const Bytes& value) { wire::write(writer_, value); }
  void put(const SecretBuffer& value) { wire::write(writer_, value); }
  void put(const crypto::Digest& value) { wire::write(writer_, wire::Opaque{value.view()}); }
  void put(const crypto::KemPrivateKey& value) { wire::write(writer_, wire::Opaque{value.expose()}); }
  void put(const crypto::SignaturePrivateKey& value) { wire::write(writer_, wire::Opaque{value.expose()}); }
  void put(const TreeLeaf& value) { wire::write(writer_, wire::Opaque{value.encoded()}); }
  void put(const TreeParent& value) { wire::write(writer_, wire::Opaque{value.encoded()}); }
  template <class T>
  void put(const std::shared_ptr<T>& value) { put(*value); }
  template <class T>
  void put(const std::optional<T>& value) {
    wire::write(writer_, static_cast<std::uint8_t>(value.has_value()));
    if (value) put(*value);
  }
  template <class T>
  void put_list(const T& list) {
    wire::write(writer_, static_cast<std::uint32_t>(list.size()));
    for (const auto& each : list) put(each);
  }
  template <class T>
  void put(const std::vector<T>& list) { put_list(list); }
  template <class T>
  void put(const std::deque<T>& list) { put_list(list); }
  template <class K, class V, class C>
  void put(const std::map<K, V, C>& list) {
    wire::write(writer_, static_cast<std::uint32_t>(list.size()));
    for (const auto& [key, value] : list) {
      put(key);
      put(value);
    }
  }

  wire::Writer& writer_;
};

/// Reads it back. Failures are the reader's.
template <class Fields>
class SnapshotReader {
 public:
  SnapshotReader(wire::Reader& reader, const crypto::CipherSuite& suite) : reader_(reader), suite_(suite) {}
  template <class... T>
  void operator()(T&... values) {
    (get(values), ...);
  }
  [[nodiscard]] const crypto::CipherSuite& suite() const { return suite_; }

 private:
  template <class T>
  void get(T& value) {
    if constexpr (wire::detail::Listed<T> || requires { value.read_from(reader_); } || std::is_integral_v<T> || std::is_enum_v<T>) {
      wire::read(reader_, value);
    } else {
      Fields::walk(*this, value);
    }
  }
  template <class T, std::size_t N>
  void get(Secret<T, N>& value) { wire::read(reader_, value); }
  template <class... T>
  void get(std::variant<T...>& value) { wire::read(reader_, value); }
  void get(Bytes& value) { wire::read(reader_, value); }
  void get(SecretBuffer& value) { wire::read(reader_, value); }
  void get(crypto::Digest& value) {
    const ByteView bytes = reader_.read_opaque();
    if (bytes.size() > 64) return reader_.fail("a digest is too long");
    value = crypto::Digest(bytes.size());
    std::copy(bytes.begin(), bytes.end(), value.span().begin());
  }
  void get(crypto::KemPrivateKey& value) { take(value, crypto::KemPrivateKey::parse(suite_.kem, reader_.read_opaque())); }
  void get(crypto::SignaturePrivateKey& value) { take(value, crypto::SignaturePrivateKey::parse(suite_.signature, reader_.read_opaque())); }
  void get(TreeLeaf& value) { get_node<LeafNode>(value); }
  void get(TreeParent& value) { get_node<ParentNode>(value); }
  template <class T>
  void get(std::shared_ptr<const T>& value) {
    auto fresh = std::make_shared<T>();
    get(*fresh);
    value = std::move(fresh);
  }
  template <class T>
  void get(std::optional<T>& value) {
    const auto presence = reader_.read_integer<std::uint8_t>();
    value.reset();
    if (presence == 1) {
      T fresh = Fields::template blank<T>();
      get(fresh);
      value = std::move(fresh);
    }
  }
  template <class T>
  void get_list(T& list) {
    const auto count = reader_.read_integer<std::uint32_t>();
    list.clear();
    for (std::uint32_t i = 0; i < count && reader_.ok(); ++i) get(list.emplace_back());
  }
  template <class T>
  void get(std::vector<T>& list) { get_list(list); }
  template <class T>
  void get(std::deque<T>& list) { get_list(list); }
  template <class K, class V, class C>
  void get(std::map<K, V, C>& list) {
    const auto count = reader_.read_integer<std::uint32_t>();
    list.clear();
    for (std::uint32_t i = 0; i < count && reader_.ok(); ++i) {
      K key{};
      V value{};
      get(key);
      get(value);
      list.emplace(std::move(key), std::move(value));
    }
  }
  template <class T>
  void take(T& value, Result<T> parsed) {
    if (!parsed.ok()) return reader_.fail("a key does not parse");
    value = std::move(parsed).value();
  }
  template <class T, class Node>
  void get_node(Node& value) {
    const ByteView bytes = reader_.read_opaque();
    value = {};
    if (bytes.empty()) return;
    const auto node = wire::decode<T>(bytes);
    if (!node.ok()) return reader_.fail("a node does not parse");
    value = Node(*node);
  }

  wire::Reader& reader_;
  const crypto::CipherSuite& suite_;
};

}  // namespace conclave::mls
