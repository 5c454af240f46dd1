#include "transport/quic/relay_key.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "transport/quic/gnutls.h"

namespace conclave::transport::quic {
namespace {

constexpr time_t certificate_begin = 1'577'836'800;  // 2020-01-01; nobody looks
constexpr time_t certificate_end = 4'102'444'800;    // 2100-01-01

PrivateKeyOwner new_private_key() {
  gnutls_x509_privkey_t key = nullptr;
  if (gnutls_x509_privkey_init(&key) < 0) return nullptr;
  return PrivateKeyOwner(key);
}

Result<CertificateOwner> self_signed(gnutls_x509_privkey_t key) {
  gnutls_x509_crt_t raw = nullptr;
  CONCLAVE_TRY(check(gnutls_x509_crt_init(&raw), "no memory for a certificate"));
  CertificateOwner certificate(raw);
  const std::uint8_t serial[] = {1};
  constexpr std::string_view name = "relay";
  CONCLAVE_TRY(check(gnutls_x509_crt_set_version(raw, 3), "certificate version"));
  CONCLAVE_TRY(check(gnutls_x509_crt_set_serial(raw, serial, sizeof serial), "certificate serial"));
  CONCLAVE_TRY(check(gnutls_x509_crt_set_activation_time(raw, certificate_begin), "certificate begin"));
  CONCLAVE_TRY(check(gnutls_x509_crt_set_expiration_time(raw, certificate_end), "certificate end"));
  CONCLAVE_TRY(check(gnutls_x509_crt_set_dn_by_oid(raw, GNUTLS_OID_X520_COMMON_NAME, 0, name.data(), name.size()),
                     "certificate name"));
  CONCLAVE_TRY(check(gnutls_x509_crt_set_key(raw, key), "certificate key"));
  CONCLAVE_TRY(check(gnutls_x509_crt_sign2(raw, raw, key, GNUTLS_DIG_SHA512, 0), "certificate signature"));
  return certificate;
}

}  // namespace

Result<KeyHash> hash_of_key(gnutls_x509_crt_t certificate) {
  gnutls_pubkey_t raw = nullptr;
  CONCLAVE_TRY(check(gnutls_pubkey_init(&raw), "no memory for a key"));
  const PublicKeyOwner key(raw);
  Datum der;
  CONCLAVE_TRY(check(gnutls_pubkey_import_x509(raw, certificate, 0), "no key in the certificate"));
  CONCLAVE_TRY(check(gnutls_pubkey_export2(raw, GNUTLS_X509_FMT_DER, der.out()), "the key has no encoding"));
  const crypto::Digest digest = crypto::hash(crypto::HashAlgorithm::sha256, der.view());
  KeyHash hash{};
  std::copy_n(digest.view().begin(), hash.size(), hash.begin());
  return hash;
}

RelayKey::RelayKey(std::unique_ptr<State> state, const KeyHash& hash) : state_(std::move(state)), hash_(hash) {}
RelayKey::RelayKey(RelayKey&&) noexcept = default;
RelayKey& RelayKey::operator=(RelayKey&&) noexcept = default;
RelayKey::~RelayKey() = default;

Result<RelayKey> RelayKey::generate() {
  auto state = std::make_unique<State>();
  state->key = new_private_key();
  if (!state->key) return Error{ErrorCode::internal, "no memory for a key"};
  CONCLAVE_TRY(check(gnutls_x509_privkey_generate(state->key.get(), GNUTLS_PK_EDDSA_ED25519, 0, 0), "no key"));
  return certify(std::move(state));
}

Result<RelayKey> RelayKey::certify(std::unique_ptr<State> state) {
  CONCLAVE_ASSIGN(certificate, self_signed(state->key.get()));
  state->certificate = std::move(certificate);
  CONCLAVE_ASSIGN(hash, hash_of_key(state->certificate.get()));
  return RelayKey(std::move(state), hash);
}

Result<RelayKey> RelayKey::parse(ByteView pem) {
  auto state = std::make_unique<State>();
  state->key = new_private_key();
  if (!state->key) return Error{ErrorCode::internal, "no memory for a key"};
  const gnutls_datum_t datum{const_cast<unsigned char*>(pem.data()), static_cast<unsigned>(pem.size())};
  const bool read = gnutls_x509_privkey_import2(state->key.get(), &datum, GNUTLS_X509_FMT_PEM, nullptr, 0) >= 0;
  if (!read || gnutls_x509_privkey_get_pk_algorithm(state->key.get()) != GNUTLS_PK_EDDSA_ED25519) {
    return Error{ErrorCode::malformed, "the relay's key is no Ed25519 key in PEM"};
  }
  return certify(std::move(state));
}

Result<SecretBuffer> RelayKey::pem() const {
  Datum pem;
  CONCLAVE_TRY(check(gnutls_x509_privkey_export2_pkcs8(state_->key.get(), GNUTLS_X509_FMT_PEM, nullptr, GNUTLS_PKCS_PLAIN,
                                                      pem.out()),
                     "the key has no encoding"));
  return SecretBuffer::copy_of(pem.view());
}

Result<void> RelayKey::derive(std::string_view purpose, ByteSpan out) const {
  CONCLAVE_ASSIGN(encoded, pem());
  Secret<struct RelayDerivationTag, 32> seed(32);
  crypto::hkdf_extract(crypto::HashAlgorithm::sha256, as_bytes("conclave relay key v1"), encoded.expose(), seed.expose_mutable());
  crypto::hkdf_expand(crypto::HashAlgorithm::sha256, seed.expose(), as_bytes(purpose), out);
  return {};
}

}  // namespace conclave::transport::quic
