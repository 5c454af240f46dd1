// Which public keys stand in the tree, so that a key is never used twice (RFC 9420 sections 7.3 and 16.8).
#pragma once

#include <array>
#include <vector>

#include "conclave/bytes.h"
#include "crypto/random.h"

namespace conclave::mls {

/// A hash set of keys. It keeps 64 bits of a seeded SHA-256 per key: the seed is unknown to whoever chooses keys, so
/// nobody can aim at a slot or at another's fingerprint. A key that was inserted twice must be erased twice.
class KeyIndex {
 public:
  enum class Kind : std::uint8_t { encryption = 1, signature = 2 };

  explicit KeyIndex(crypto::Random& random);
  void insert(Kind kind, ByteView key);
  /// Only for a key that stands in the index.
  void erase(Kind kind, ByteView key);
  [[nodiscard]] bool contains(Kind kind, ByteView key) const;
  [[nodiscard]] std::size_t heap_size() const { return slots_.capacity() * sizeof(std::uint64_t); }

 private:
  [[nodiscard]] std::uint64_t fingerprint(Kind kind, ByteView key) const;
  [[nodiscard]] std::size_t home(std::uint64_t print) const { return static_cast<std::size_t>(print) & (slots_.size() - 1); }
  [[nodiscard]] std::size_t next(std::size_t slot) const { return (slot + 1) & (slots_.size() - 1); }
  void place(std::uint64_t print);
  void grow();

  std::array<std::uint8_t, 16> seed_;
  std::vector<std::uint64_t> slots_;  ///< a power of two of them, linear probing, 0 is free
  std::size_t used_ = 0;
};

}  // namespace conclave::mls
