#include "sframe/frame_key.h"

#include <array>
#include <cassert>
#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "crypto/hkdf.h"
#include "sframe/big_endian.h"
#include "sframe/header.h"

namespace conclave::sframe {

namespace {

using SframeKey = Secret<struct SframeKeyTag>;

/// HKDF-Expand with a label that names the purpose, the KID in eight bytes and the suite in two.
void expand(const SuiteParameters& suite, std::uint64_t kid, const SframeSecret& sframe_secret, std::string_view purpose, ByteSpan out) {
  std::array<std::uint8_t, 10> numbers;
  put_big_endian(kid, numbers.data());
  const auto id = static_cast<std::uint16_t>(suite.id);
  numbers[8] = static_cast<std::uint8_t>(id >> 8);
  numbers[9] = static_cast<std::uint8_t>(id);
  crypto::hkdf_expand(suite.hash, sframe_secret.expose(), {as_bytes(purpose), numbers}, out);
}

Salt derive_salt(const SuiteParameters& suite, std::uint64_t kid, const SframeSecret& sframe_secret) {
  Salt salt(nonce_size);
  expand(suite, kid, sframe_secret, "SFrame 1.0 Secret salt ", salt.expose_mutable());
  return salt;
}

/// sframe_salt XOR the counter in big-endian order, and four zero bytes: the first counter block of AES-CTR.
struct Nonce {
  Nonce(const Salt& salt, std::uint64_t counter) {
    const std::uint8_t* from = salt.expose().data();
    std::uint64_t low = 0;
    std::memcpy(&low, from + 4, 8);
    low ^= big_endian(counter);
    std::memcpy(block.data(), from, 4);
    std::memcpy(block.data() + 4, &low, 8);
    std::memset(block.data() + 12, 0, 4);
  }
  [[nodiscard]] ByteView view() const { return {block.data(), nonce_size}; }
  std::array<std::uint8_t, crypto::aes_ctr_block_size> block;
};

/// Header and metadata in one piece.
class AdditionalData {
 public:
  AdditionalData(ByteView header, ByteView metadata) : size_(header.size() + metadata.size()) {
    assert(header.size() <= max_header_size && metadata.size() <= max_metadata_size);
    copy_short(bytes_, header.data(), header.size());
    copy_short(bytes_ + header.size(), metadata.data(), metadata.size());
  }
  [[nodiscard]] ByteView view() const { return {bytes_, size_}; }

 private:
  std::size_t size_;
  std::uint8_t bytes_[max_header_size + max_metadata_size];  // only the front is written, and read
};

}  // namespace

SframeSecret extract_sframe_secret(const SuiteParameters& suite, ByteView base_key) {
  SframeSecret secret(crypto::hash_size(suite.hash));
  crypto::hkdf_extract(suite.hash, {}, base_key, secret.expose_mutable());
  return secret;
}

FrameKey::FrameKey(const SuiteParameters& suite, std::uint64_t kid, const SframeSecret& sframe_secret)
    : suite_(&suite), salt_(derive_salt(suite, kid, sframe_secret)) {
  SframeKey key(suite.key_size);
  expand(suite, kid, sframe_secret, "SFrame 1.0 Secret key ", key.expose_mutable());
  if (suite.aead) {
    aead_ = crypto::AeadKey(*suite.aead, key.expose());
  } else {
    ctr_hmac_ = std::make_unique<CtrHmacKey>(key.expose(), suite.tag_size);
  }
}

void FrameKey::seal(std::uint64_t counter, ByteView header, ByteView metadata, ByteView plaintext, ByteSpan out, ByteSpan tag) const {
  const Nonce nonce(salt_, counter);
  if (ctr_hmac_ == nullptr) {
    aead_.seal(nonce.view(), AdditionalData(header, metadata).view(), plaintext, out, tag);
  } else {
    ctr_hmac_->seal(nonce.block, header, metadata, plaintext, out, tag);
  }
}

bool FrameKey::open(std::uint64_t counter, ByteView header, ByteView metadata, ByteView ciphertext, ByteView tag, ByteSpan out) const {
  const Nonce nonce(salt_, counter);
  if (ctr_hmac_ == nullptr) return aead_.open(nonce.view(), AdditionalData(header, metadata).view(), ciphertext, tag, out);
  return ctr_hmac_->open(nonce.block, header, metadata, ciphertext, tag, out);
}

}  // namespace conclave::sframe
