#include "crypto/work.h"

#include <array>

#include "crypto/hash.h"

namespace conclave::crypto {
namespace {

constexpr std::array<std::uint8_t, 17> label{'c', 'o', 'n', 'c', 'l', 'a', 'v', 'e', ' ', 'w', 'o', 'r', 'k', ' ', 'v', '1', 0};

unsigned leading_zeros(ByteView bytes) {
  unsigned zeros = 0;
  for (const std::uint8_t byte : bytes) {
    for (unsigned bit = 0; bit < 8; ++bit, ++zeros) {
      if ((byte >> (7 - bit) & 1U) != 0) return zeros;
    }
  }
  return zeros;
}

}  // namespace

std::optional<std::uint64_t> find_work(ByteView subject, std::uint8_t bits, std::uint64_t first, std::uint64_t attempts) {
  for (std::uint64_t i = 0; i < attempts; ++i) {
    if (check_work(subject, bits, first + i)) return first + i;
  }
  return std::nullopt;
}

bool check_work(ByteView subject, std::uint8_t bits, std::uint64_t nonce) {
  std::array<std::uint8_t, 8> spelled{};
  for (std::size_t i = 0; i < spelled.size(); ++i) spelled[i] = static_cast<std::uint8_t>(nonce >> (8 * (7 - i)));
  return leading_zeros(hash(HashAlgorithm::sha256, {label, subject, spelled}).view()) >= bits;
}

}  // namespace conclave::crypto
