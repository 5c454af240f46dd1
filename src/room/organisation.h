// "Verified by": an organisation's certificate for an identity.
#pragma once

#include <string>
#include <vector>

#include "conclave/time.h"
#include "conclave/trusted_organisation.h"
#include "crypto/x509.h"
#include "room/identity.h"

namespace conclave {

struct TrustedOrganisation::Roots {
  crypto::CertificateRoots certificates;
};

}  // namespace conclave

namespace conclave::room {

/// Who stands behind an identity.
struct VerifiedBy {
  std::string organisation;  ///< the trusted one's name
  std::string subject;       ///< the certificate's common name, inert
};

///     struct {
///         opaque certificates<V>;     /* each an opaque<V> in DER, the end-entity's first */
///         uint16 signature_scheme;    /* RFC 8446 section 4.2.3: ed25519 0x0807 or ecdsa_secp256r1_sha256 0x0403 */
///         opaque signature<V>;        /* by the end-entity's key over the identity key, label "conclave organisation v1" */
///     } OrganisationProof;
///
/// Made once per identity, where the certificate's key is; the same in every room. `unsupported` for another kind of key.
Result<Bytes> prove_organisation(const std::vector<Bytes>& certificates, const crypto::SignaturePrivateKey& key, ByteView identity_key);

/// Checks the chain against each organisation at `now`, then the signature. `malformed`, `unsupported`, `expired`, `not_authentic`.
Result<VerifiedBy> verify_organisation(ByteView proof, ByteView identity_key, const std::vector<TrustedOrganisation>& trusted, UnixSeconds now);

}  // namespace conclave::room
