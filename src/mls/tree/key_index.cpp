#include "mls/tree/key_index.h"

#include <cassert>
#include <cstring>

#include "crypto/hash.h"

namespace conclave::mls {

KeyIndex::KeyIndex(crypto::Random& random) : slots_(16) { random.fill(seed_); }

std::uint64_t KeyIndex::fingerprint(Kind kind, ByteView key) const {
  const auto kind_byte = static_cast<std::uint8_t>(kind);
  const crypto::Digest digest = crypto::hash(crypto::HashAlgorithm::sha256, {seed_, ByteView(&kind_byte, 1), key});
  std::uint64_t print = 0;
  std::memcpy(&print, digest.view().data(), sizeof print);
  return print == 0 ? 1 : print;
}

void KeyIndex::insert(Kind kind, ByteView key) {
  if (2 * (used_ + 1) > slots_.size()) grow();
  place(fingerprint(kind, key));
}

void KeyIndex::place(std::uint64_t print) {
  std::size_t slot = home(print);
  while (slots_[slot] != 0) slot = next(slot);
  slots_[slot] = print;
  ++used_;
}

bool KeyIndex::contains(Kind kind, ByteView key) const {
  const std::uint64_t print = fingerprint(kind, key);
  for (std::size_t slot = home(print); slots_[slot] != 0; slot = next(slot)) {
    if (slots_[slot] == print) return true;
  }
  return false;
}

void KeyIndex::erase(Kind kind, ByteView key) {
  const std::uint64_t print = fingerprint(kind, key);
  std::size_t hole = home(print);
  while (slots_[hole] != print) {
    assert(slots_[hole] != 0);
    hole = next(hole);
  }
  // Backward shift: whatever probed past the hole moves into it.
  for (std::size_t slot = next(hole); slots_[slot] != 0; slot = next(slot)) {
    const std::size_t distance_to_slot = (slot - home(slots_[slot])) & (slots_.size() - 1);
    const std::size_t distance_to_hole = (slot - hole) & (slots_.size() - 1);
    if (distance_to_slot >= distance_to_hole) {
      slots_[hole] = slots_[slot];
      hole = slot;
    }
  }
  slots_[hole] = 0;
  --used_;
}

void KeyIndex::grow() {
  std::vector<std::uint64_t> old(slots_.size() * 2);
  old.swap(slots_);
  used_ = 0;
  for (const std::uint64_t print : old) {
    if (print != 0) place(print);
  }
}

}  // namespace conclave::mls
