// The cipher suites of RFC 9420 section 17.1, and what each is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"

namespace conclave::crypto {

enum class HashAlgorithm : std::uint8_t { sha256, sha384, sha512 };
enum class AeadAlgorithm : std::uint8_t { aes_128_gcm, aes_256_gcm, chacha20_poly1305 };
/// HPKE KEM identifiers (RFC 9180 section 7.1).
enum class KemAlgorithm : std::uint16_t {
  p256_sha256 = 0x0010, p384_sha384 = 0x0011, p521_sha512 = 0x0012, x25519_sha256 = 0x0020, x448_sha512 = 0x0021,
};
/// TLS SignatureScheme values.
enum class SignatureAlgorithm : std::uint16_t {
  ecdsa_p256_sha256 = 0x0403, ecdsa_p384_sha384 = 0x0503, ecdsa_p521_sha512 = 0x0603, ed25519 = 0x0807, ed448 = 0x0808,
};

enum class SuiteId : std::uint16_t {
  x25519_aes128gcm_sha256_ed25519 = 0x0001,
  p256_aes128gcm_sha256_p256 = 0x0002,
  x25519_chacha20poly1305_sha256_ed25519 = 0x0003,
  x448_aes256gcm_sha512_ed448 = 0x0004,
  p521_aes256gcm_sha512_p521 = 0x0005,
  x448_chacha20poly1305_sha512_ed448 = 0x0006,
  p384_aes256gcm_sha384_p384 = 0x0007,
};

/// One suite: algorithms and the sizes that follow from them, in bytes. Nothing above this table assumes a size.
struct CipherSuite {
  SuiteId id;
  KemAlgorithm kem;
  HashAlgorithm hash;  ///< of the KDF, of HMAC and of every hash of MLS
  AeadAlgorithm aead;
  SignatureAlgorithm signature;
  std::size_t hash_size;            ///< KDF.Nh
  std::size_t aead_key_size;        ///< AEAD.Nk
  std::size_t aead_nonce_size;      ///< AEAD.Nn
  std::size_t kem_output_size;      ///< Nenc
  std::size_t kem_public_key_size;  ///< Npk
  std::size_t kem_private_key_size; ///< Nsk
  std::size_t kem_secret_size;      ///< Nsecret
};

/// All suites, in the order of their numbers. Static storage.
std::span<const CipherSuite> all_suites();

/// The suite with this number, or null. Static storage.
const CipherSuite* find_suite(std::uint16_t id);

}  // namespace conclave::crypto
