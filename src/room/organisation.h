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
  std::string subject;       ///< as its certificate names it: `certificate_name`
};

enum class CertificateOf : std::uint8_t { organisation, member };

/// What a certificate is shown as, inert: its common name; where it has none, its organisation's name when it is an organisation's; else its fingerprint. Never a
/// name that was made up. `malformed` when it does not parse.
Result<std::string> certificate_name(ByteView certificate, CertificateOf of);

///     struct {
///         opaque certificates<V>;     /* each an opaque<V> in DER, the end-entity's first */
///         uint16 signature_scheme;    /* RFC 8446 section 4.2.3: ed25519 0x0807 or ecdsa_secp256r1_sha256 0x0403 */
///         opaque signature<V>;        /* by the end-entity's key over the identity key, label "conclave organisation v1" */
///     } OrganisationProof;
///
/// Made once per identity, where the certificate's key is; the same in every room. `unsupported` for another kind of key.
Result<Bytes> prove_organisation(const std::vector<Bytes>& certificates, const crypto::SignaturePrivateKey& key, ByteView identity_key);

/// Checks the chain against each organisation at `now`, its use (`crypto::CertificateUse::person`), then the signature. The member's certificate comes first, others in
/// any order. `malformed`, `unsupported`, `expired`, `not_authentic`.
Result<VerifiedBy> verify_organisation(ByteView proof, ByteView identity_key, const std::vector<TrustedOrganisation>& trusted, UnixSeconds now);

}  // namespace conclave::room
