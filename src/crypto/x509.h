// X.509: chains of certificates, checked against roots that the application trusts (RFC 5280).
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "conclave/bytes.h"
#include "conclave/time.h"
#include "crypto/suite.h"

namespace conclave::crypto {

/// What a chain is to vouch for.
enum class CertificateUse : std::uint8_t {
  any,     ///< whatever the caller makes of the key
  person,  ///< a person or role who signs: no certificate authority, no server, nobody by itself
};

/// The certificates that an application trusts. Immutable, cheap to copy; const calls are thread-safe.
class CertificateRoots {
 public:
  /// `certificates` are DER-encoded, one each. `malformed` when one does not parse to its last byte.
  static Result<CertificateRoots> parse(std::span<const ByteView> certificates);

  /// Verifies a chain, the end-entity's certificate first, at a point in time, and returns the end-entity's public key as
  /// `SignaturePublicKey::parse` takes it. At most ten certificates. Nothing is fetched; revocation is not looked at.
  /// `malformed` when a certificate does not parse, `expired` when one is outside of its validity, `not_authentic` when the
  /// chain leads to no root, a signature is wrong or weaker than 112 bits, or a certificate must not be used so; `unsupported` when the key is of another algorithm.
  [[nodiscard]] Result<Bytes> verify(std::span<const ByteView> chain, SignatureAlgorithm algorithm, UnixSeconds now, CertificateUse use = CertificateUse::any) const;

 private:
  std::shared_ptr<void> store_;  ///< an X509_STORE
};

/// The public key of a certificate, as `SignaturePublicKey::parse` takes it. `malformed`, or `unsupported` when it is of another algorithm.
Result<Bytes> certified_key(ByteView certificate, SignatureAlgorithm algorithm);

/// Whether a certificate may stand for a person who signs. Not that of an authority (RFC 5280 section 4.2.1.9), nor one whose key usage leaves out signatures
/// (4.2.1.3), whose extended key usage names servers or nothing that people do (4.2.1.12), or that names a host (4.2.1.6). `malformed`, `not_authentic`.
Result<void> check_personal(ByteView certificate);

/// The organisation in the subject, as `common_name`.
Result<std::string> organisation_name(ByteView certificate);

/// SHA-256 of a certificate, in hexadecimal, the first 16 digits: what it is called when it has no name.
std::string certificate_fingerprint(ByteView certificate);

/// The subject's common name as UTF-8 (RFC 5280 section 4.1.2.6), unchecked text of at most 256 bytes; empty where there is none.
/// `malformed` when the certificate or the name does not parse.
Result<std::string> common_name(ByteView certificate);

}  // namespace conclave::crypto
