#include "sframe/cipher_suite.h"

#include <array>
#include <cassert>

namespace conclave::sframe {

namespace {

using enum CipherSuite;
using enum crypto::HashAlgorithm;
using enum crypto::AeadAlgorithm;

// RFC 9605 table 1. The key of a CTR suite is one for AES and one for HMAC: Nka + Nh.
constexpr std::array<SuiteParameters, 6> suites{{
    {aes_128_ctr_hmac_sha256_80, sha256, std::nullopt, 48, 10},
    {aes_128_ctr_hmac_sha256_64, sha256, std::nullopt, 48, 8},
    {aes_128_ctr_hmac_sha256_32, sha256, std::nullopt, 48, 4},
    {aes_128_gcm_sha256_128, sha256, aes_128_gcm, 16, 16},
    {aes_256_gcm_sha512_128, sha512, aes_256_gcm, 32, 16},
    {chacha20_poly1305_sha256_128, sha256, chacha20_poly1305, 32, 16},
}};

}  // namespace

std::span<const SuiteParameters> all_cipher_suites() { return suites; }

const SuiteParameters* find_cipher_suite(std::uint16_t id) {
  for (const SuiteParameters& suite : suites) {
    if (static_cast<std::uint16_t>(suite.id) == id) return &suite;
  }
  return nullptr;
}

const SuiteParameters& parameters_of(CipherSuite suite) {
  const SuiteParameters* found = find_cipher_suite(static_cast<std::uint16_t>(suite));
  assert(found != nullptr);
  return *found;
}

}  // namespace conclave::sframe
