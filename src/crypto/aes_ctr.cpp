#include "crypto/aes_ctr.h"

#include <cassert>

#include "crypto/evp_cipher.h"

namespace conclave::crypto {

struct AesCtrKey::State {
  explicit State(ByteView key) : cipher(fetched_aes_128_ctr(), key) {}
  EvpCipher cipher;
};

AesCtrKey::AesCtrKey(ByteView key) {
  assert(key.size() == aes_ctr_key_size);
  state_ = std::make_unique<State>(key);
}
AesCtrKey::AesCtrKey(AesCtrKey&&) noexcept = default;
AesCtrKey& AesCtrKey::operator=(AesCtrKey&&) noexcept = default;
AesCtrKey::~AesCtrKey() = default;

void AesCtrKey::apply(ByteView start, ByteView in, ByteSpan out) const {
  assert(start.size() == aes_ctr_block_size && out.size() == in.size());
  state_->cipher.apply_keystream(start.data(), in, out.data());
}

}  // namespace conclave::crypto
