#include "crypto/labeled.h"

#include <algorithm>
#include <cassert>

#include "base/bytes.h"

namespace conclave::crypto {

namespace {

constexpr std::string_view version = "HPKE-v1";

std::array<std::uint8_t, 2> two_bytes(std::size_t value) {
  return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

LabelContext join(std::string_view name, std::initializer_list<std::uint16_t> numbers) {
  LabelContext context;
  auto end = std::ranges::copy(name, context.bytes.begin()).out;
  for (const std::uint16_t number : numbers) end = std::ranges::copy(two_bytes(number), end).out;
  context.size = static_cast<std::size_t>(end - context.bytes.begin());
  return context;
}

/// RFC 9180 section 7.2.
std::uint16_t kdf_number(HashAlgorithm hash) {
  switch (hash) {
    case HashAlgorithm::sha256: return 1;
    case HashAlgorithm::sha384: return 2;
    case HashAlgorithm::sha512: return 3;
  }
  return 0;
}

/// RFC 9180 section 7.3.
std::uint16_t aead_number(AeadAlgorithm aead) {
  switch (aead) {
    case AeadAlgorithm::aes_128_gcm: return 1;
    case AeadAlgorithm::aes_256_gcm: return 2;
    case AeadAlgorithm::chacha20_poly1305: return 3;
  }
  return 0;
}

}  // namespace

LabelContext kem_label_context(KemAlgorithm kem) { return join("KEM", {static_cast<std::uint16_t>(kem)}); }

LabelContext hpke_label_context(const CipherSuite& suite) {
  return join("HPKE", {static_cast<std::uint16_t>(suite.kem), kdf_number(suite.hash), aead_number(suite.aead)});
}

HashAlgorithm kem_hash(KemAlgorithm kem) {
  switch (kem) {
    case KemAlgorithm::p256_sha256:
    case KemAlgorithm::x25519_sha256: return HashAlgorithm::sha256;
    case KemAlgorithm::p384_sha384: return HashAlgorithm::sha384;
    case KemAlgorithm::p521_sha512:
    case KemAlgorithm::x448_sha512: return HashAlgorithm::sha512;
  }
  return HashAlgorithm::sha256;
}

void labeled_extract(HashAlgorithm hash, const LabelContext& context, ByteView salt, std::string_view label,
                     ByteView input_key_material, ByteSpan out) {
  hkdf_extract(hash, salt, {as_bytes(version), context.view(), as_bytes(label), input_key_material}, out);
}

void labeled_expand(HashAlgorithm hash, const LabelContext& context, ByteView pseudorandom_key, std::string_view label,
                    std::initializer_list<ByteView> info, ByteSpan out) {
  const auto length = two_bytes(out.size());
  assert(info.size() <= 3);
  std::array<ByteView, 3> parts{};
  std::ranges::copy(info, parts.begin());
  hkdf_expand(hash, pseudorandom_key,
              {length, as_bytes(version), context.view(), as_bytes(label), parts[0], parts[1], parts[2]}, out);
}

}  // namespace conclave::crypto
