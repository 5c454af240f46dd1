// The cipher suites of SFrame (RFC 9605 section 4.5), and one of our own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "crypto/suite.h"

namespace conclave::sframe {

enum class CipherSuite : std::uint16_t {
  aes_128_ctr_hmac_sha256_80 = 0x0001,
  aes_128_ctr_hmac_sha256_64 = 0x0002,
  aes_128_ctr_hmac_sha256_32 = 0x0003,
  aes_128_gcm_sha256_128 = 0x0004,
  aes_256_gcm_sha512_128 = 0x0005,
  /// Private use (section 8.1: 0xF000 to 0xFFFF), for machines without AES instructions.
  chacha20_poly1305_sha256_128 = 0xF001,
};

inline constexpr CipherSuite default_cipher_suite = CipherSuite::aes_128_gcm_sha256_128;
inline constexpr std::size_t nonce_size = 12;   ///< AEAD.Nn of every suite
inline constexpr std::size_t max_tag_size = 16;

/// One suite: algorithms and sizes in bytes.
struct SuiteParameters {
  CipherSuite id;
  crypto::HashAlgorithm hash;
  std::optional<crypto::AeadAlgorithm> aead;  ///< none: AES-128-CTR with HMAC (section 4.5.1)
  std::size_t key_size;                       ///< AEAD.Nk, the size of the `base_key` that the MLS exporter gives
  std::size_t tag_size;                       ///< AEAD.Nt. Below 8 a forger needs few tries: no tag for video.
};

/// All suites. Static storage.
std::span<const SuiteParameters> all_cipher_suites();

/// The suite with this number, or null. Static storage.
const SuiteParameters* find_cipher_suite(std::uint16_t id);
const SuiteParameters& parameters_of(CipherSuite suite);

}  // namespace conclave::sframe
