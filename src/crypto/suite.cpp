#include "crypto/suite.h"

#include <array>

namespace conclave::crypto {

namespace {

using enum SuiteId;
using enum HashAlgorithm;
using enum AeadAlgorithm;
using enum KemAlgorithm;
using enum SignatureAlgorithm;

constexpr std::size_t nonce = 12;

// Sizes: Nh, Nk, Nn, Nenc, Npk, Nsk, Nsecret (RFC 9180 section 7).
constexpr std::array<CipherSuite, 7> suites{{
    {x25519_aes128gcm_sha256_ed25519, x25519_sha256, sha256, aes_128_gcm, ed25519, 32, 16, nonce, 32, 32, 32, 32},
    {p256_aes128gcm_sha256_p256, p256_sha256, sha256, aes_128_gcm, ecdsa_p256_sha256, 32, 16, nonce, 65, 65, 32, 32},
    {x25519_chacha20poly1305_sha256_ed25519, x25519_sha256, sha256, chacha20_poly1305, ed25519, 32, 32, nonce, 32, 32, 32, 32},
    {x448_aes256gcm_sha512_ed448, x448_sha512, sha512, aes_256_gcm, ed448, 64, 32, nonce, 56, 56, 56, 64},
    {p521_aes256gcm_sha512_p521, p521_sha512, sha512, aes_256_gcm, ecdsa_p521_sha512, 64, 32, nonce, 133, 133, 66, 64},
    {x448_chacha20poly1305_sha512_ed448, x448_sha512, sha512, chacha20_poly1305, ed448, 64, 32, nonce, 56, 56, 56, 64},
    {p384_aes256gcm_sha384_p384, p384_sha384, sha384, aes_256_gcm, ecdsa_p384_sha384, 48, 32, nonce, 97, 97, 48, 48},
}};

}  // namespace

std::span<const CipherSuite> all_suites() { return suites; }

const CipherSuite* find_suite(std::uint16_t id) {
  if (id == 0 || id > suites.size()) return nullptr;
  return &suites[id - 1U];
}

}  // namespace conclave::crypto
