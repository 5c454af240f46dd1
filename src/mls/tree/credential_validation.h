// Checking who a member says it is, for the application that trusts some roots (RFC 9420 sections 5.3 and 5.3.1).
#pragma once

#include "crypto/x509.h"
#include "mls/tree/leaf_node.h"

namespace conclave::mls {

/// For an X.509 credential, verifies the chain against the roots and that the end-entity's key is the leaf's signature key.
/// A basic credential asserts an identity and proves nothing: `unsupported`, for the application that asks for certificates.
/// Call it for whoever a staged commit adds or changes, and for all members after joining.
/// `not_authentic`, `expired`, `malformed` or `identity_mismatch`.
Result<void> verify_certificates(const crypto::CipherSuite& suite, const LeafNode& leaf, const crypto::CertificateRoots& roots, UnixSeconds now);

}  // namespace conclave::mls
