#include "session/organisations.h"

#include "base/bytes.h"
#include "base/result.h"
#include "conclave/organisation.h"
#include "crypto/pem.h"
#include "room/text.h"
#include "session/identity.h"

namespace conclave {

namespace {

constexpr std::size_t max_organisation_proof = 8192;  // bytes: what a credential takes (room/identity.cpp)

}  // namespace

Result<Bytes> certify_identity(const Identity& identity, std::string_view chain, std::string_view key) {
  CONCLAVE_ASSIGN(certificates, crypto::certificates_in_pem(as_bytes(chain)));
  CONCLAVE_ASSIGN(signer, crypto::private_key_in_pem(as_bytes(key)));
  const Result<Bytes> certified = crypto::certified_key(certificates.front(), signer.algorithm());
  const bool own = certified.ok() && equal(*certified, signer.public_key().bytes());
  if (!own) return Error{ErrorCode::not_authentic, "the private key is not that of the chain's first certificate"};
  CONCLAVE_ASSIGN(proof, room::prove_organisation(certificates, signer, identity.public_key()));
  if (proof.size() > max_organisation_proof) return Error{ErrorCode::limit_exceeded, "the certificates of an identity take more than 8 KiB"};
  return proof;
}

Result<TrustedOrganisation> trust_organisation(std::string_view roots, std::string_view name) {
  CONCLAVE_ASSIGN(certificates, crypto::certificates_in_pem(as_bytes(roots)));
  const std::vector<ByteView> views(certificates.begin(), certificates.end());
  CONCLAVE_ASSIGN(parsed, crypto::CertificateRoots::parse(views));
  std::string shown(name);
  if (shown.empty()) {
    CONCLAVE_ASSIGN(common, crypto::common_name(certificates.front()));
    shown = std::move(common);
  }
  shown = room::inert_name(as_bytes(shown));
  if (shown.empty()) return Error{ErrorCode::malformed, "an organisation without a name"};
  return TrustedOrganisation{std::move(shown), std::make_shared<const TrustedOrganisation::Roots>(TrustedOrganisation::Roots{std::move(parsed)})};
}

void session::Organisations::look_up(SessionMember& member, UnixSeconds now) {
  if (trusted_->empty() || member.organisation.empty()) return;
  if (checked_.size() >= max_checked) checked_.clear();
  const auto [place, fresh] = checked_.try_emplace(room::identity_hash(member.identity_key), Checked{member.organisation, now, {}});
  Checked& checked = place->second;
  if (fresh || checked.proof != member.organisation || now.value > checked.at.value + lasting) {
    auto by = room::verify_organisation(member.organisation, member.identity_key, *trusted_, now);
    checked = {member.organisation, now, by.ok() ? std::optional(std::move(*by)) : std::nullopt};
  }
  member.verified_by = checked.by ? checked.by->organisation : std::string();
  member.certified_as = checked.by ? checked.by->subject : std::string();
}

}  // namespace conclave
