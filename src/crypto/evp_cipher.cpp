#include "crypto/evp_cipher.h"

#include <algorithm>
#include <array>
#include <limits>
#include <new>

namespace conclave::crypto {

namespace {

/// With arguments that this file controls, OpenSSL fails for want of memory alone.
void require(bool succeeded) {
  if (!succeeded) throw std::bad_alloc();
}

/// Feeds `in` in pieces that an int can count, a multiple of the block size each.
void update(EVP_CIPHER_CTX* context, std::uint8_t* out, ByteView in) {
  constexpr std::size_t largest = std::size_t{1} << 30;
  static_assert(largest <= std::numeric_limits<int>::max());
  while (!in.empty()) {
    const std::size_t taken = std::min(in.size(), largest);
    int written = 0;
    require(EVP_CipherUpdate(context, out, &written, in.data(), static_cast<int>(taken)) == 1);
    if (out != nullptr) out += taken;
    in = in.subspan(taken);
  }
}

}  // namespace

EvpCipher::EvpCipher(const EVP_CIPHER* cipher, ByteView key)
    : cipher_(cipher), key_(Secret<EvpCipherKeyTag, 32>::copy_of(key)) {}

EvpCipher::Contexts::Lease EvpCipher::take_context() const {
  return contexts_.take([this] {
    Contexts::Object context(EVP_CIPHER_CTX_new());
    require(context != nullptr);
    require(EVP_CipherInit_ex2(context.get(), cipher_, key_.expose().data(), nullptr, 1, nullptr) == 1);
    return context;
  });
}

void EvpCipher::seal(const std::uint8_t* nonce, ByteView associated_data, ByteView plaintext, std::uint8_t* out,
                     std::uint8_t* tag) const {
  const auto lease = take_context();
  EVP_CIPHER_CTX* context = lease.get();
  int written = 0;
  require(EVP_CipherInit_ex2(context, nullptr, nullptr, nonce, 1, nullptr) == 1);
  update(context, nullptr, associated_data);
  update(context, out, plaintext);
  require(EVP_CipherFinal_ex(context, tag, &written) == 1);  // an AEAD writes nothing here
  require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1);
}

bool EvpCipher::open(const std::uint8_t* nonce, ByteView associated_data, ByteView ciphertext, const std::uint8_t* tag,
                     std::uint8_t* out) const {
  const auto lease = take_context();
  EVP_CIPHER_CTX* context = lease.get();
  std::array<std::uint8_t, 16> expected;
  std::copy_n(tag, expected.size(), expected.begin());
  int written = 0;
  require(EVP_CipherInit_ex2(context, nullptr, nullptr, nonce, 0, nullptr) == 1);
  update(context, nullptr, associated_data);
  update(context, out, ciphertext);
  require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, expected.data()) == 1);
  return EVP_CipherFinal_ex(context, expected.data(), &written) == 1;
}

void EvpCipher::apply_keystream(const std::uint8_t* start, ByteView in, std::uint8_t* out) const {
  const auto lease = take_context();
  require(EVP_CipherInit_ex2(lease.get(), nullptr, nullptr, start, 1, nullptr) == 1);
  update(lease.get(), out, in);
}

const EVP_CIPHER* fetched_aead(AeadAlgorithm algorithm) {
  static const EVP_CIPHER* const aes_128_gcm = EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr);
  static const EVP_CIPHER* const aes_256_gcm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  static const EVP_CIPHER* const chacha20_poly1305 = EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
  switch (algorithm) {
    case AeadAlgorithm::aes_128_gcm: return aes_128_gcm;
    case AeadAlgorithm::aes_256_gcm: return aes_256_gcm;
    case AeadAlgorithm::chacha20_poly1305: return chacha20_poly1305;
  }
  return nullptr;
}

const EVP_CIPHER* fetched_aes_128_ctr() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-128-CTR", nullptr);
  return cipher;
}

}  // namespace conclave::crypto
