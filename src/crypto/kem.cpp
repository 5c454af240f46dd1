#include "crypto/kem.h"

#include <array>

#include "crypto/dh.h"
#include "crypto/labeled.h"
#include "crypto/nist_curve.h"

namespace conclave::crypto {

namespace {

Error no_public_key() { return {ErrorCode::malformed, "not a public key of this KEM"}; }

const NistCurve* nist_curve(KemAlgorithm kem) {
  switch (kem) {
    case KemAlgorithm::p256_sha256: return &p256();
    case KemAlgorithm::p384_sha384: return &p384();
    case KemAlgorithm::p521_sha512: return &p521();
    default: return nullptr;
  }
}

/// ExtractAndExpand (RFC 9180 section 4.1).
KemSharedSecret extract_and_expand(KemAlgorithm kem, const DhSecret& dh_secret, ByteView enc, ByteView receiver) {
  const HashAlgorithm hash = kem_hash(kem);
  const LabelContext context = kem_label_context(kem);
  Secret<struct EaePrkTag> eae_prk(hash_size(hash));
  labeled_extract(hash, context, {}, "eae_prk", dh_secret.expose(), eae_prk.expose_mutable());
  KemSharedSecret shared_secret(hash_size(hash));
  labeled_expand(hash, context, eae_prk.expose(), "shared_secret", {enc, receiver}, shared_secret.expose_mutable());
  return shared_secret;
}

/// DeriveKeyPair for the NIST curves: the first candidate that is a scalar (RFC 9180 section 7.1.3).
Result<SecretBuffer> first_scalar(KemAlgorithm kem, const NistCurve& curve, ByteView dkp_prk) {
  SecretBuffer candidate(curve.field_size);
  const std::uint8_t bitmask = kem == KemAlgorithm::p521_sha512 ? 0x01 : 0xFF;
  for (unsigned counter = 0; counter <= 255; ++counter) {
    const std::array<std::uint8_t, 1> number{static_cast<std::uint8_t>(counter)};
    labeled_expand(kem_hash(kem), kem_label_context(kem), dkp_prk, "candidate", {number}, candidate.expose_mutable());
    candidate.expose_mutable()[0] &= bitmask;
    if (read_scalar(curve, candidate.expose())) return candidate;
  }
  return Error{ErrorCode::malformed, "no key pair follows from this key material"};
}

}  // namespace

Result<KemPublicKey> KemPublicKey::parse(KemAlgorithm kem, ByteView bytes) {
  if (!dh_is_public_key(kem, bytes)) return no_public_key();
  KemPublicKey key;
  key.kem_ = kem;
  key.bytes_.assign(bytes.begin(), bytes.end());
  return key;
}

Result<KemPrivateKey> KemPrivateKey::parse(KemAlgorithm kem, ByteView bytes) {
  const NistCurve* curve = nist_curve(kem);
  const bool fits = bytes.size() == dh_private_key_size(kem) || (curve != nullptr && bytes.size() < curve->field_size);
  if (!fits) return Error{ErrorCode::malformed, "not a private key of this KEM"};
  KemPrivateKey key;
  key.kem_ = kem;
  key.bytes_ = curve != nullptr ? padded_scalar(*curve, bytes) : SecretBuffer::copy_of(bytes);
  CONCLAVE_ASSIGN(public_bytes, dh_public_key(kem, key.bytes_.expose()));
  key.public_key_.kem_ = kem;
  key.public_key_.bytes_ = std::move(public_bytes);
  return key;
}

Result<KemPrivateKey> KemPrivateKey::derive(KemAlgorithm kem, ByteView input_key_material) {
  const HashAlgorithm hash = kem_hash(kem);
  Secret<struct DkpPrkTag> dkp_prk(hash_size(hash));
  labeled_extract(hash, kem_label_context(kem), {}, "dkp_prk", input_key_material, dkp_prk.expose_mutable());
  if (const NistCurve* curve = nist_curve(kem)) {
    CONCLAVE_ASSIGN(scalar, first_scalar(kem, *curve, dkp_prk.expose()));
    return parse(kem, scalar.expose());
  }
  SecretBuffer bytes(dh_private_key_size(kem));
  labeled_expand(hash, kem_label_context(kem), dkp_prk.expose(), "sk", {}, bytes.expose_mutable());
  return parse(kem, bytes.expose());
}

Result<KemPrivateKey> KemPrivateKey::generate(KemAlgorithm kem, Random& random) {
  SecretBuffer input_key_material(dh_private_key_size(kem));
  random.fill(input_key_material.expose_mutable());
  return derive(kem, input_key_material.expose());
}

KemPrivateKey KemPrivateKey::clone() const {
  KemPrivateKey copy;
  copy.kem_ = kem_;
  copy.bytes_ = bytes_.clone();
  copy.public_key_ = public_key_;
  return copy;
}

Result<KemSharedSecret> KemPrivateKey::decapsulate(ByteView enc) const {
  CONCLAVE_ASSIGN(dh_secret, dh(kem_, bytes_.expose(), enc));
  return extract_and_expand(kem_, dh_secret, enc, public_key_.bytes());
}

Result<Encapsulation> encapsulate(KemAlgorithm kem, const KemPublicKey& receiver, Random& random) {
  CONCLAVE_ASSIGN(ephemeral, KemPrivateKey::generate(kem, random));
  CONCLAVE_ASSIGN(dh_secret, dh(kem, ephemeral.expose(), receiver.bytes()));
  const ByteView enc = ephemeral.public_key().bytes();
  return Encapsulation{extract_and_expand(kem, dh_secret, enc, receiver.bytes()), Bytes(enc.begin(), enc.end())};
}

}  // namespace conclave::crypto
