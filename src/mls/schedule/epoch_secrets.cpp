#include "mls/schedule/epoch_secrets.h"

#include "base/bytes.h"
#include "crypto/hkdf.h"
#include "mls/objects/labels.h"

namespace conclave::mls {
namespace {

using MemberSecret = Secret<struct MemberSecretTag>;

/// The extraction of the PSKs into the joiner secret, from which both welcome and epoch secret come.
MemberSecret member_secret(const crypto::CipherSuite& suite, const JoinerSecret& joiner_secret, const PskSecret& psk_secret) {
  MemberSecret out(suite.hash_size);
  crypto::hkdf_extract(suite.hash, joiner_secret.expose(), psk_secret.expose(), out.expose_mutable());
  return out;
}

constexpr std::string_view external_init_label = "MLS 1.0 external init secret";

}  // namespace

EpochSecrets EpochSecrets::derive(const crypto::CipherSuite& suite, const EpochSecret& epoch_secret) {
  const ByteView secret = epoch_secret.expose();
  EpochSecrets out;
  out.sender_data_secret = derive_secret<SenderDataSecret>(suite, secret, "sender data");
  out.encryption_secret = derive_secret<EncryptionSecret>(suite, secret, "encryption");
  out.exporter_secret = derive_secret<ExporterSecret>(suite, secret, "exporter");
  out.external_secret = derive_secret<ExternalSecret>(suite, secret, "external");
  out.confirmation_key = derive_secret<ConfirmationKey>(suite, secret, "confirm");
  out.membership_key = derive_secret<MembershipKey>(suite, secret, "membership");
  out.resumption_psk = derive_secret<ResumptionPsk>(suite, secret, "resumption");
  out.epoch_authenticator = derive_secret<EpochAuthenticator>(suite, secret, "authentication");
  out.init_secret = derive_secret<InitSecret>(suite, secret, "init");
  return out;
}

EpochSecrets EpochSecrets::clone() const {
  return {sender_data_secret.clone(), encryption_secret.clone(), exporter_secret.clone(),     external_secret.clone(), confirmation_key.clone(),
          membership_key.clone(),     resumption_psk.clone(),    epoch_authenticator.clone(), init_secret.clone()};
}

JoinerSecret derive_joiner_secret(const crypto::CipherSuite& suite, const InitSecret& init_secret, const CommitSecret& commit_secret,
                                  ByteView group_context) {
  Secret<struct ExtractedTag> extracted(suite.hash_size);
  crypto::hkdf_extract(suite.hash, init_secret.expose(), commit_secret.expose(), extracted.expose_mutable());
  JoinerSecret out(suite.hash_size);
  expand_with_label(suite, extracted.expose(), "joiner", group_context, out.expose_mutable());
  return out;
}

WelcomeSecret derive_welcome_secret(const crypto::CipherSuite& suite, const JoinerSecret& joiner_secret, const PskSecret& psk_secret) {
  return derive_secret<WelcomeSecret>(suite, member_secret(suite, joiner_secret, psk_secret).expose(), "welcome");
}

EpochSecret derive_epoch_secret(const crypto::CipherSuite& suite, const JoinerSecret& joiner_secret, const PskSecret& psk_secret,
                                ByteView group_context) {
  EpochSecret out(suite.hash_size);
  expand_with_label(suite, member_secret(suite, joiner_secret, psk_secret).expose(), "epoch", group_context, out.expose_mutable());
  return out;
}

Result<crypto::KemPrivateKey> external_key(const crypto::CipherSuite& suite, const ExternalSecret& external_secret) {
  return crypto::KemPrivateKey::derive(suite.kem, external_secret.expose());
}

Result<ExternalInitOutput> external_init(const crypto::CipherSuite& suite, const crypto::KemPublicKey& external_pub, crypto::Random& random) {
  CONCLAVE_ASSIGN(exported, crypto::hpke_send_export(suite, external_pub, {}, as_bytes(external_init_label), suite.hash_size, random));
  return ExternalInitOutput{std::move(exported.kem_output), InitSecret::copy_of(exported.secret.expose())};
}

Result<InitSecret> receive_external_init(const crypto::CipherSuite& suite, const ExternalSecret& external_secret, ByteView kem_output) {
  CONCLAVE_ASSIGN(key, external_key(suite, external_secret));
  CONCLAVE_ASSIGN(secret, crypto::hpke_receive_export(suite, key, kem_output, {}, as_bytes(external_init_label), suite.hash_size));
  return InitSecret::copy_of(secret.expose());
}

void export_secret(const crypto::CipherSuite& suite, const ExporterSecret& exporter_secret, std::string_view label, ByteView context, ByteSpan out) {
  const auto derived = derive_secret<Secret<struct DerivedExportTag>>(suite, exporter_secret.expose(), label);
  expand_with_label(suite, derived.expose(), "exported", crypto::hash(suite.hash, context).view(), out);
}

}  // namespace conclave::mls
