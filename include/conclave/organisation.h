// "Verified by": organisations that certify who somebody is (X.509), beside what people compare themselves. Nothing is fetched, and revocation is not looked at.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "conclave/bytes.h"
#include "conclave/error.h"
#include "conclave/session.h"

namespace conclave {

/// What an identity brings into a room (`SessionConfig::organisation`): the certificates of `chain`, in PEM, the holder's own first and without the root, and its
/// statement that the identity is its, signed by the private key of that certificate (PEM; Ed25519 or ECDSA on P-256). Made once per identity.
/// `malformed` or `unsupported` (another kind of key), `not_authentic` when the key is not the certificate's, or the certificate is an authority's, a server's, or not for
/// signatures (docs/protocol.md), `limit_exceeded` for more than four certificates or 8 KiB.
Result<Bytes> certify_identity(const Identity& identity, std::string_view chain, std::string_view key);

/// An organisation that is trusted here: its root certificates, in PEM. `name` is what members are shown as verified by, empty: the common name of the first
/// root, or its organisation's name, or its fingerprint. Never one that a stranger chose. `malformed` when there is no certificate, or nothing of `name` can be shown.
Result<TrustedOrganisation> trust_organisation(std::string_view roots, std::string_view name = {});

}  // namespace conclave
