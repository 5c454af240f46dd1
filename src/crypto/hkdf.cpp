#include "crypto/hkdf.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "crypto/libsodium.h"
#include "crypto/sha2.h"

namespace conclave::crypto {

void hkdf_extract(HashAlgorithm algorithm, ByteView salt, ByteView input_key_material, ByteSpan out) {
  hkdf_extract(algorithm, salt, {input_key_material}, out);
}

void hkdf_extract(HashAlgorithm algorithm, ByteView salt, std::initializer_list<ByteView> input_key_material, ByteSpan out) {
  assert(out.size() == hash_size(algorithm));
  const HmacMidstates hmac(algorithm, salt);  // an empty salt and hash_size zero bytes give the same HMAC key
  Sha2 inner = hmac.start();
  for (const ByteView part : input_key_material) inner.update(part);
  hmac.finish(inner, out.data());
}

void hkdf_expand(HashAlgorithm algorithm, ByteView pseudorandom_key, ByteView info, ByteSpan out) {
  hkdf_expand(algorithm, pseudorandom_key, {info}, out);
}

void hkdf_expand(HashAlgorithm algorithm, ByteView pseudorandom_key, std::initializer_list<ByteView> info, ByteSpan out) {
  const std::size_t block_size = hash_size(algorithm);
  assert(out.size() <= 255 * block_size);
  const HmacMidstates hmac(algorithm, pseudorandom_key);
  std::array<std::uint8_t, 64> block{};
  for (std::uint8_t counter = 1; !out.empty(); ++counter) {
    Sha2 inner = hmac.start();
    if (counter > 1) inner.update({block.data(), block_size});
    for (const ByteView part : info) inner.update(part);
    inner.update({&counter, 1});
    hmac.finish(inner, block.data());
    const std::size_t taken = std::min(out.size(), block_size);
    std::memcpy(out.data(), block.data(), taken);
    out = out.subspan(taken);
  }
  sodium_memzero(block.data(), block.size());
}

}  // namespace conclave::crypto
