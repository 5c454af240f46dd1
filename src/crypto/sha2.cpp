#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/sha2.h"

#include <array>
#include <cstring>

#include "crypto/hash.h"
#include "crypto/libsodium.h"

namespace conclave::crypto {

Sha2::Sha2(HashAlgorithm algorithm) : algorithm_(algorithm), wide_{} {
  switch (algorithm) {
    case HashAlgorithm::sha256: SHA256_Init(&narrow_); break;
    case HashAlgorithm::sha384: SHA384_Init(&wide_); break;
    case HashAlgorithm::sha512: SHA512_Init(&wide_); break;
  }
}

void Sha2::update(ByteView data) {
  if (data.empty()) return;
  switch (algorithm_) {
    case HashAlgorithm::sha256: SHA256_Update(&narrow_, data.data(), data.size()); break;
    case HashAlgorithm::sha384: SHA384_Update(&wide_, data.data(), data.size()); break;
    case HashAlgorithm::sha512: SHA512_Update(&wide_, data.data(), data.size()); break;
  }
}

void Sha2::finish(std::uint8_t* out) {
  switch (algorithm_) {
    case HashAlgorithm::sha256: SHA256_Final(out, &narrow_); break;
    case HashAlgorithm::sha384: SHA384_Final(out, &wide_); break;
    case HashAlgorithm::sha512: SHA512_Final(out, &wide_); break;
  }
}

HmacMidstates::HmacMidstates(HashAlgorithm algorithm, ByteView key) : inner_(algorithm), outer_(algorithm) {
  std::array<std::uint8_t, 128> block{};
  const std::size_t size = inner_.block_size();
  if (key.size() > size) {
    Sha2 shortened(algorithm);
    shortened.update(key);
    shortened.finish(block.data());
    sodium_memzero(&shortened, sizeof shortened);
  } else if (!key.empty()) {
    std::memcpy(block.data(), key.data(), key.size());
  }
  for (std::uint8_t& byte : block) byte ^= 0x36;
  inner_.update({block.data(), size});
  for (std::uint8_t& byte : block) byte ^= 0x36 ^ 0x5C;
  outer_.update({block.data(), size});
  sodium_memzero(block.data(), block.size());
}

HmacMidstates::~HmacMidstates() {
  sodium_memzero(&inner_, sizeof inner_);
  sodium_memzero(&outer_, sizeof outer_);
}

void HmacMidstates::finish(Sha2& inner, std::uint8_t* out) const {
  inner.finish(out);
  Sha2 outer = outer_;
  outer.update({out, hash_size(algorithm())});
  outer.finish(out);
}

}  // namespace conclave::crypto
