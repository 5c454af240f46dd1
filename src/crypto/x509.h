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

/// The certificates that an application trusts. Immutable, cheap to copy; const calls are thread-safe.
class CertificateRoots {
 public:
  /// `certificates` are DER-encoded, one each. `malformed` when one does not parse to its last byte.
  static Result<CertificateRoots> parse(std::span<const ByteView> certificates);

  /// Verifies a chain, the end-entity's certificate first, at a point in time, and returns the end-entity's public key as
  /// `SignaturePublicKey::parse` takes it. At most ten certificates. Nothing is fetched; revocation is not looked at.
  /// `malformed` when a certificate does not parse, `expired` when one is outside of its validity, `not_authentic` when the
  /// chain leads to no root or a signature is wrong, `unsupported` when the key is of another algorithm.
  [[nodiscard]] Result<Bytes> verify(std::span<const ByteView> chain, SignatureAlgorithm algorithm, UnixSeconds now) const;

 private:
  std::shared_ptr<void> store_;  ///< an X509_STORE
};

/// The public key of a certificate, as `SignaturePublicKey::parse` takes it. `malformed`, or `unsupported` when it is of another algorithm.
Result<Bytes> certified_key(ByteView certificate, SignatureAlgorithm algorithm);

/// The subject's common name as UTF-8 (RFC 5280 section 4.1.2.6), unchecked text of at most 256 bytes; empty where there is none.
/// `malformed` when the certificate or the name does not parse.
Result<std::string> common_name(ByteView certificate);

}  // namespace conclave::crypto
