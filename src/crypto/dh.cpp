#include "crypto/dh.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

#include "crypto/libsodium.h"
#include "crypto/nist_curve.h"

namespace conclave::crypto {

namespace {

using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;

Error no_public_key() { return {ErrorCode::malformed, "not a public key of this KEM"}; }
Error no_private_key() { return {ErrorCode::malformed, "not a private key of this KEM"}; }

const NistCurve* nist_curve(KemAlgorithm kem) {
  switch (kem) {
    case KemAlgorithm::p256_sha256: return &p256();
    case KemAlgorithm::p384_sha384: return &p384();
    case KemAlgorithm::p521_sha512: return &p521();
    default: return nullptr;
  }
}

Result<Bytes> x448_public_key(ByteView private_key) {
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X448, nullptr, private_key.data(), private_key.size()));
  Bytes bytes(56);
  std::size_t size = bytes.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size) != 1) return no_private_key();
  return bytes;
}

bool x448(ByteView private_key, ByteView peer, ByteSpan out) {
  const Key ours(EVP_PKEY_new_raw_private_key(EVP_PKEY_X448, nullptr, private_key.data(), private_key.size()));
  const Key theirs(EVP_PKEY_new_raw_public_key(EVP_PKEY_X448, nullptr, peer.data(), peer.size()));
  if (!ours || !theirs) return false;
  const KeyContext context(EVP_PKEY_CTX_new(ours.get(), nullptr));
  std::size_t size = out.size();
  return context && EVP_PKEY_derive_init(context.get()) == 1 && EVP_PKEY_derive_set_peer(context.get(), theirs.get()) == 1 &&
         EVP_PKEY_derive(context.get(), out.data(), &size) == 1 && size == out.size();  // fails on the all-zero value
}

/// Points of low order (RFC 7748 section 6): any secret key makes zero of them, and so nobody could ever seal to them. In every spelling,
/// with the bit that is ignored.
bool is_low_order_x25519(ByteView bytes) {
  static constexpr std::uint8_t of_order_8[2][32] = {
      {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
       0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
      {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
       0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57}};
  std::array<std::uint8_t, 32> point{};
  std::ranges::copy(bytes, point.begin());
  point[31] &= 0x7f;
  for (const auto& low : of_order_8) {
    if (std::ranges::equal(point, low)) return true;
  }
  const auto all = [&](std::uint8_t value) { return std::all_of(point.begin() + 1, point.end() - 1, [value](std::uint8_t byte) { return byte == value; }); };
  if (point[31] == 0 && point[0] <= 1 && all(0)) return true;                                    // 0, 1
  return point[31] == 0x7f && point[0] >= 0xec && point[0] <= 0xee && all(0xff);                 // p - 1, p, p + 1
}

bool is_low_order_x448(ByteView bytes) {
  const auto all = [&](std::size_t from, std::size_t to, std::uint8_t value) {
    return std::ranges::all_of(bytes.subspan(from, to - from), [value](std::uint8_t byte) { return byte == value; });
  };
  if (bytes[0] <= 1 && all(1, 56, 0)) return true;                                               // 0, 1
  if (bytes[0] >= 0xfe && all(1, 28, 0xff) && bytes[28] == 0xfe && all(29, 56, 0xff)) return true;  // p - 1, p
  return all(0, 28, 0) && all(28, 56, 0xff);                                                     // p + 1
}

bool nist(const NistCurve& curve, ByteView private_key, ByteView peer, ByteSpan out) {
  const BigNumber scalar = read_scalar(curve, private_key);
  const Point point = read_point(curve, peer);
  return scalar && point && multiple_x(curve, *scalar, *point, out);
}

}  // namespace

std::size_t dh_private_key_size(KemAlgorithm kem) {
  switch (kem) {
    case KemAlgorithm::x25519_sha256: return 32;
    case KemAlgorithm::x448_sha512: return 56;
    default: return nist_curve(kem)->field_size;
  }
}

std::size_t dh_public_key_size(KemAlgorithm kem) {
  const NistCurve* curve = nist_curve(kem);
  return curve != nullptr ? curve->point_size() : dh_private_key_size(kem);
}

bool dh_is_public_key(KemAlgorithm kem, ByteView bytes) {
  const NistCurve* curve = nist_curve(kem);
  if (curve != nullptr) return read_point(*curve, bytes) != nullptr;
  if (bytes.size() != dh_public_key_size(kem)) return false;
  return kem == KemAlgorithm::x25519_sha256 ? !is_low_order_x25519(bytes) : !is_low_order_x448(bytes);
}

Result<Bytes> dh_public_key(KemAlgorithm kem, ByteView private_key) {
  if (private_key.size() != dh_private_key_size(kem)) return no_private_key();
  if (kem == KemAlgorithm::x448_sha512) return x448_public_key(private_key);
  if (kem == KemAlgorithm::x25519_sha256) {
    Bytes bytes(32);
    crypto_scalarmult_curve25519_base(bytes.data(), private_key.data());
    return bytes;
  }
  const NistCurve& curve = *nist_curve(kem);
  const BigNumber scalar = read_scalar(curve, private_key);
  if (!scalar) return no_private_key();
  return base_multiple(curve, *scalar);
}

Result<DhSecret> dh(KemAlgorithm kem, ByteView private_key, ByteView peer) {
  if (private_key.size() != dh_private_key_size(kem)) return no_private_key();
  if (peer.size() != dh_public_key_size(kem)) return no_public_key();
  DhSecret secret(private_key.size());  // on every curve a coordinate is as long as a scalar
  const ByteSpan out = secret.expose_mutable();
  bool done = false;
  switch (kem) {
    case KemAlgorithm::x25519_sha256:  // fails on the all-zero value
      done = crypto_scalarmult_curve25519(out.data(), private_key.data(), peer.data()) == 0;
      break;
    case KemAlgorithm::x448_sha512: done = x448(private_key, peer, out); break;
    default: done = nist(*nist_curve(kem), private_key, peer, out); break;
  }
  if (!done) return no_public_key();
  return secret;
}

}  // namespace conclave::crypto
