#include "crypto/aead.h"

#include <cassert>
#include <limits>
#include <utility>

#include "crypto/evp_cipher.h"
#include "crypto/ipsec_mb.h"
#include "crypto/libsodium.h"
#include "crypto/tag.h"

namespace conclave::crypto {

namespace {

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

}  // namespace

std::size_t aead_key_size(AeadAlgorithm algorithm) { return algorithm == AeadAlgorithm::aes_128_gcm ? 16 : 32; }

AeadKey::AeadKey(AeadAlgorithm algorithm, ByteView key) : fast_(ipsec_mb::find(algorithm)) {
  assert(key.size() == aead_key_size(algorithm));
  if (fast_ != nullptr) fast_->expand(key, expanded_);
  if (fast_ == nullptr || fast_->largest != unlimited) slow_ = std::make_unique<EvpCipher>(fetched_aead(algorithm), key);
}

AeadKey::AeadKey() noexcept = default;
AeadKey::AeadKey(AeadKey&& other) noexcept { take(other); }

AeadKey& AeadKey::operator=(AeadKey&& other) noexcept {
  if (this != &other) take(other);
  return *this;
}

AeadKey::~AeadKey() { sodium_memzero(&expanded_, sizeof expanded_); }

void AeadKey::take(AeadKey& other) noexcept {
  if (other.fast_ != nullptr) {
    expanded_ = other.expanded_;
  } else if (fast_ != nullptr) {
    sodium_memzero(&expanded_, sizeof expanded_);
  }
  sodium_memzero(&other.expanded_, sizeof other.expanded_);
  fast_ = std::exchange(other.fast_, nullptr);
  slow_ = std::move(other.slow_);
}

void AeadKey::seal(ByteView nonce, ByteView associated_data, ByteView plaintext, ByteSpan out) const {
  assert(out.size() == plaintext.size() + aead_tag_size);
  seal(nonce, associated_data, plaintext, out.first(plaintext.size()), out.subspan(plaintext.size()));
}

void AeadKey::seal(ByteView nonce, ByteView associated_data, ByteView plaintext, ByteSpan out, ByteSpan tag) const {
  assert(nonce.size() == aead_nonce_size && out.size() == plaintext.size() && tag.size() == aead_tag_size);
  if (fast_ != nullptr && plaintext.size() <= fast_->largest) {
    fast_->seal(expanded_, nonce.data(), associated_data, plaintext, out.data(), tag.data());
  } else {
    slow_->seal(nonce.data(), associated_data, plaintext, out.data(), tag.data());
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
  if (fast_ != nullptr && ciphertext.size() <= fast_->largest) {
    std::uint8_t computed[aead_tag_size];
    fast_->open(expanded_, nonce.data(), associated_data, ciphertext, out.data(), computed);
    authentic = same_tag(computed, tag.first<aead_tag_size>());
  } else {
    authentic = slow_->open(nonce.data(), associated_data, ciphertext, tag.data(), out.data());
  }
  if (!authentic && !out.empty()) sodium_memzero(out.data(), out.size());
  return authentic;
}

}  // namespace conclave::crypto
