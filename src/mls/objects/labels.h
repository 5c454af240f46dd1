// The labelled operations that every part of MLS is made of (RFC 9420 sections 5.1, 5.2 and 8).
#pragma once

#include <string_view>

#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "crypto/signature.h"
#include "wire/fields.h"

namespace conclave::mls {

/// HPKECiphertext (RFC 9420 section 7.6).
///
///     struct { opaque kem_output<V>; opaque ciphertext<V>; } HPKECiphertext;
struct HpkeCiphertext {
  Bytes kem_output;
  Bytes ciphertext;
  CONCLAVE_FIELDS(kem_output, ciphertext)
  friend bool operator==(const HpkeCiphertext&, const HpkeCiphertext&) = default;
};

/// RefHash(label, value); `label` is the whole label (RFC 9420 section 5.2).
crypto::Digest ref_hash(const crypto::CipherSuite& suite, std::string_view label, ByteView value);

/// SignWithLabel (RFC 9420 section 5.1.2). `label` stands without "MLS 1.0 ", here and below.
Result<Bytes> sign_with_label(const crypto::SignaturePrivateKey& key, std::string_view label, ByteView content);

/// VerifyWithLabel (RFC 9420 section 5.1.2).
bool verify_with_label(const crypto::SignaturePublicKey& key, std::string_view label, ByteView content, ByteView signature);

/// EncryptContext (RFC 9420 section 5.1.3), hashed once for all to whom something is encrypted with it.
crypto::HpkeInfo encrypt_context(const crypto::CipherSuite& suite, std::string_view label, ByteView context);
Result<HpkeCiphertext> encrypt_with_context(const crypto::HpkeInfo& context, const crypto::KemPublicKey& receiver, ByteView plaintext,
                                            crypto::Random& random);

/// EncryptWithLabel (RFC 9420 section 5.1.3).
Result<HpkeCiphertext> encrypt_with_label(const crypto::CipherSuite& suite, const crypto::KemPublicKey& receiver,
                                          std::string_view label, ByteView context, ByteView plaintext,
                                          crypto::Random& random);

/// DecryptWithLabel (RFC 9420 section 5.1.3). `not_authentic` when it does not open.
Result<SecretBuffer> decrypt_with_label(const crypto::CipherSuite& suite, const crypto::KemPrivateKey& receiver,
                                        std::string_view label, ByteView context, const HpkeCiphertext& ciphertext);

/// ExpandWithLabel into all of `out` (RFC 9420 section 8).
void expand_with_label(const crypto::CipherSuite& suite, ByteView secret, std::string_view label, ByteView context, ByteSpan out);

/// DeriveSecret (RFC 9420 section 8), as whatever kind of secret the caller names.
template <class S>
S derive_secret(const crypto::CipherSuite& suite, ByteView secret, std::string_view label) {
  S out(suite.hash_size);
  expand_with_label(suite, secret, label, {}, out.expose_mutable());
  return out;
}

/// DeriveTreeSecret into all of `out` (RFC 9420 section 9.1).
void derive_tree_secret(const crypto::CipherSuite& suite, ByteView secret, std::string_view label, std::uint32_t generation, ByteSpan out);

/// MAC under the suite's hash (RFC 9420 section 5.1).
Bytes mac(const crypto::CipherSuite& suite, ByteView key, ByteView data);

/// True when `tag` is the whole MAC of `data`; constant-time, and never for a truncated tag.
bool verify_mac(const crypto::CipherSuite& suite, ByteView key, ByteView data, ByteView tag);

}  // namespace conclave::mls

CONCLAVE_WIRE_ELSEWHERE(conclave::mls::HpkeCiphertext)
