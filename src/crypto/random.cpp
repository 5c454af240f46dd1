#include "crypto/random.h"

#include <algorithm>

#include "crypto/libsodium.h"

namespace conclave::crypto {

namespace {

class SystemRandom final : public Random {
 public:
  void fill(ByteSpan out) override {
    if (!out.empty()) randombytes_buf(out.data(), out.size());
  }
};

std::array<std::uint8_t, 8> little_endian(std::uint64_t value) {
  std::array<std::uint8_t, 8> bytes{};
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(value);
    value >>= 8;
  }
  return bytes;
}

}  // namespace

Random& system_random() {
  static SystemRandom random;
  return random;
}

SeededRandom::SeededRandom(std::uint64_t seed) { std::ranges::copy(little_endian(seed), key_.begin()); }

void SeededRandom::fill(ByteSpan out) {
  if (out.empty()) return;
  const auto nonce = little_endian(block_++);
  crypto_stream_chacha20(out.data(), out.size(), nonce.data(), key_.data());
}

}  // namespace conclave::crypto
