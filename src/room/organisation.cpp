#include "room/organisation.h"

#include "room/text.h"

namespace conclave::room {
namespace {

constexpr std::string_view organisation_label = "conclave organisation v1";
constexpr std::uint16_t scheme_ed25519 = 0x0807;
constexpr std::uint16_t scheme_p256 = 0x0403;
constexpr std::size_t max_certificates = 4;

struct OrganisationProof {
  std::vector<Bytes> certificates;
  std::uint16_t scheme = 0;
  Bytes signature;
  CONCLAVE_FIELDS(certificates, scheme, signature)
};

Bytes statement(ByteView identity_key) {
  Bytes out = to_bytes(as_bytes(organisation_label));
  out.push_back(0);
  out.insert(out.end(), identity_key.begin(), identity_key.end());
  return out;
}

Result<crypto::SignatureAlgorithm> algorithm_of(std::uint16_t scheme) {
  if (scheme == scheme_ed25519) return crypto::SignatureAlgorithm::ed25519;
  if (scheme == scheme_p256) return crypto::SignatureAlgorithm::ecdsa_p256_sha256;
  return Error{ErrorCode::unsupported, "an organisation's certificate has a key of another kind"};
}

Result<std::uint16_t> scheme_of(crypto::SignatureAlgorithm algorithm) {
  if (algorithm == crypto::SignatureAlgorithm::ed25519) return scheme_ed25519;
  if (algorithm == crypto::SignatureAlgorithm::ecdsa_p256_sha256) return scheme_p256;
  return Error{ErrorCode::unsupported, "an organisation's certificate has a key of another kind"};
}

/// `inert_name`, or nothing where it would have had to make up a name.
std::string shown(const std::string& text) {
  const std::string name = inert_name(as_bytes(text));
  const bool made_up = name == inert_name({}) && text != name;
  return made_up ? std::string() : name;
}

}  // namespace

Result<std::string> certificate_name(ByteView certificate, CertificateOf of) {
  CONCLAVE_ASSIGN(common, crypto::common_name(certificate));
  if (auto name = shown(common); !name.empty()) return name;
  CONCLAVE_ASSIGN(organisation, crypto::organisation_name(certificate));
  if (auto name = shown(organisation); of == CertificateOf::organisation && !name.empty()) return name;
  return "certificate " + crypto::certificate_fingerprint(certificate);
}

Result<Bytes> prove_organisation(const std::vector<Bytes>& certificates, const crypto::SignaturePrivateKey& key, ByteView identity_key) {
  CONCLAVE_ASSIGN(scheme, scheme_of(key.algorithm()));
  if (certificates.empty() || certificates.size() > max_certificates) return Error{ErrorCode::limit_exceeded, "a chain has one to four certificates"};
  CONCLAVE_ASSIGN(signature, key.sign(statement(identity_key)));
  return wire::encode(OrganisationProof{certificates, scheme, std::move(signature)});
}

Result<VerifiedBy> verify_organisation(ByteView bytes, ByteView identity_key, const std::vector<TrustedOrganisation>& trusted, UnixSeconds now) {
  CONCLAVE_ASSIGN(proof, wire::decode<OrganisationProof>(bytes));
  if (proof.certificates.empty() || proof.certificates.size() > max_certificates) return Error{ErrorCode::malformed, "a chain is empty or too long"};
  CONCLAVE_ASSIGN(algorithm, algorithm_of(proof.scheme));
  const std::vector<ByteView> chain(proof.certificates.begin(), proof.certificates.end());
  Error why{ErrorCode::not_authentic, "no organisation that is trusted here vouches for this identity"};
  for (const TrustedOrganisation& organisation : trusted) {
    if (!organisation.roots) continue;
    const Result<Bytes> key_bytes = organisation.roots->certificates.verify(chain, algorithm, now, crypto::CertificateUse::person);
    if (!key_bytes.ok()) {
      why = key_bytes.error();
      continue;
    }
    CONCLAVE_ASSIGN(key, crypto::SignaturePublicKey::parse(algorithm, *key_bytes));
    if (!key.verify(statement(identity_key), proof.signature)) {
      return Error{ErrorCode::not_authentic, "an organisation's certificate that belongs to another identity"};
    }
    CONCLAVE_ASSIGN(subject, certificate_name(chain.front(), CertificateOf::member));
    return VerifiedBy{organisation.name, std::move(subject)};
  }
  return why;
}

}  // namespace conclave::room
