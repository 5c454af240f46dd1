#include "crypto/aead.h"

#include <cassert>

#include "base/secret.h"
#include "crypto/evp_cipher.h"
#include "crypto/ipsec_mb.h"
#include "crypto/libsodium.h"
#include "crypto/tag.h"

namespace conclave::crypto {

std::size_t aead_key_size(AeadAlgorithm algorithm) { return algorithm == AeadAlgorithm::aes_128_gcm ? 16 : 32; }

struct AeadKey::State {
  State(AeadAlgorithm algorithm, ByteView key)
      : fast(ipsec_mb::find(algorithm)), largest(fast != nullptr ? fast->largest : 0), slow(fetched_aead(algorithm), key) {
    if (fast != nullptr) fast->expand(key, expanded);
  }
  ~State() { sodium_memzero(&expanded, sizeof expanded); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  [[nodiscard]] bool is_fast(std::size_t size) const { return fast != nullptr && size <= largest; }

  ipsec_mb::ExpandedKey expanded;
  const ipsec_mb::Cipher* fast;
  std::size_t largest;
  EvpCipher slow;
};

AeadKey::AeadKey(AeadAlgorithm algorithm, ByteView key) {
  assert(key.size() == aead_key_size(algorithm));
  state_ = std::make_unique<State>(algorithm, key);
}
AeadKey::AeadKey(AeadKey&&) noexcept = default;
AeadKey& AeadKey::operator=(AeadKey&&) noexcept = default;
AeadKey::~AeadKey() = default;

void AeadKey::seal(ByteView nonce, ByteView associated_data, ByteView plaintext, ByteSpan out) const {
  assert(out.size() == plaintext.size() + aead_tag_size);
  seal(nonce, associated_data, plaintext, out.first(plaintext.size()), out.subspan(plaintext.size()));
}

void AeadKey::seal(ByteView nonce, ByteView associated_data, ByteView plaintext, ByteSpan out, ByteSpan tag) const {
  assert(nonce.size() == aead_nonce_size && out.size() == plaintext.size() && tag.size() == aead_tag_size);
  if (state_->is_fast(plaintext.size())) {
    state_->fast->seal(state_->expanded, nonce.data(), associated_data, plaintext, out.data(), tag.data());
  } else {
    state_->slow.seal(nonce.data(), associated_data, plaintext, out.data(), tag.data());
  }
}

bool AeadKey::open(ByteView nonce, ByteView associated_data, ByteView ciphertext, ByteSpan out) const {
  if (ciphertext.size() < aead_tag_size) return false;
  const std::size_t size = ciphertext.size() - aead_tag_size;
  return open(nonce, associated_data, ciphertext.first(size), ciphertext.subspan(size), out);
}

bool AeadKey::open(ByteView nonce, ByteView associated_data, ByteView ciphertext, ByteView tag, ByteSpan out) const {
  assert(nonce.size() == aead_nonce_size && tag.size() == aead_tag_size && out.size() == ciphertext.size());
  bool authentic = false;
  if (state_->is_fast(ciphertext.size())) {
    std::uint8_t computed[aead_tag_size];
    state_->fast->open(state_->expanded, nonce.data(), associated_data, ciphertext, out.data(), computed);
    authentic = same_tag(computed, tag.first<aead_tag_size>());
  } else {
    authentic = state_->slow.open(nonce.data(), associated_data, ciphertext, tag.data(), out.data());
  }
  if (!authentic && !out.empty()) sodium_memzero(out.data(), out.size());
  return authentic;
}

}  // namespace conclave::crypto
