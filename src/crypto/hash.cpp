#include "crypto/hash.h"

#include <cassert>

#include "crypto/sha2.h"

namespace conclave::crypto {

std::size_t hash_size(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::sha256: return 32;
    case HashAlgorithm::sha384: return 48;
    case HashAlgorithm::sha512: return 64;
  }
  return 0;
}

Digest hash(HashAlgorithm algorithm, std::initializer_list<ByteView> parts) {
  Sha2 running(algorithm);
  for (const ByteView part : parts) running.update(part);
  Digest digest(hash_size(algorithm));
  running.finish(digest.span().data());
  return digest;
}

struct HmacKey::State : HmacMidstates {
  using HmacMidstates::HmacMidstates;
};

HmacKey::HmacKey(HashAlgorithm algorithm, ByteView key) : state_(std::make_unique<State>(algorithm, key)) {}
HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;
HmacKey::~HmacKey() = default;

void HmacKey::mac(std::initializer_list<ByteView> parts, ByteSpan out) const {
  assert(out.size() == hash_size(state_->algorithm()));
  Sha2 inner = state_->start();
  for (const ByteView part : parts) inner.update(part);
  state_->finish(inner, out.data());
}

bool HmacKey::verify(std::initializer_list<ByteView> parts, ByteView expected) const {
  Digest computed(hash_size(state_->algorithm()));
  mac(parts, computed.span());
  return constant_time_equal(computed.view(), expected);
}

}  // namespace conclave::crypto
