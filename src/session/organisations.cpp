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
  CONCLAVE_TRY(crypto::check_personal(certificates.front()));  // nobody would take it
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
  std::string shown = room::inert_name(as_bytes(name));
  const bool made_up = shown == room::inert_name({}) && shown != name;
  if (!name.empty() && made_up) return Error{ErrorCode::malformed, "nothing of an organisation's name can be shown"};
  if (name.empty()) {
    CONCLAVE_ASSIGN(of_root, room::certificate_name(certificates.front(), room::CertificateOf::organisation));
    shown = std::move(of_root);
  }
  return TrustedOrganisation{std::move(shown), std::make_shared<const TrustedOrganisation::Roots>(TrustedOrganisation::Roots{std::move(parsed)})};
}

void session::Organisations::look_up(SessionMember& member, UnixSeconds now) {
  if (trusted_->empty() || member.organisation.empty()) return;
  if (checked_.size() >= max_checked) checked_.clear();
  const room::IdentityHash proof = room::identity_hash(member.organisation);
  const auto [place, fresh] = checked_.try_emplace(room::identity_hash(member.identity_key), Checked{proof, now, {}});
  Checked& checked = place->second;
  if (fresh || checked.proof != proof || now.value > checked.at.value + lasting) {
    auto by = room::verify_organisation(member.organisation, member.identity_key, *trusted_, now);
    checked = {proof, now, by.ok() ? std::optional(std::move(*by)) : std::nullopt};
  }
  member.verified_by = checked.by ? checked.by->organisation : std::string();
  member.certified_as = checked.by ? checked.by->subject : std::string();
}

}  // namespace conclave
