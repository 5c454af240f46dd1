#include "room/organisation.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::room;

namespace {

constexpr UnixSeconds noon{1'700'000'000};

struct Certificate {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> x509;

  [[nodiscard]] Bytes der() const {
    unsigned char* out = nullptr;
    const int size = i2d_X509(x509.get(), &out);
    Bytes bytes(out, out + size);
    OPENSSL_free(out);
    return bytes;
  }
};

/// Valid for an hour around noon; self-signed without an issuer.
Certificate issue(const std::string& name, EVP_PKEY* key, const Certificate* issuer) {
  Certificate made{{key, EVP_PKEY_free}, {X509_new(), X509_free}};
  X509* x509 = made.x509.get();
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), static_cast<long>(name.size()));
  ASN1_TIME_set(X509_getm_notBefore(x509), static_cast<time_t>(noon.value - 1800));
  ASN1_TIME_set(X509_getm_notAfter(x509), static_cast<time_t>(noon.value + 1800));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x509, X509_get_subject_name(issuer == nullptr ? x509 : issuer->x509.get()));
  X509_set_pubkey(x509, key);
  X509_EXTENSION* constraints = X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  X509_add_ext(x509, constraints, -1);
  X509_EXTENSION_free(constraints);
  REQUIRE(X509_sign(x509, issuer == nullptr ? key : issuer->key.get(), EVP_sha256()) > 0);
  return made;
}

TrustedOrganisation trusting(const std::string& name, const Certificate& root) {
  const Bytes der = root.der();
  const ByteView view = der;
  return {name, std::make_shared<const TrustedOrganisation::Roots>(TrustedOrganisation::Roots{*crypto::CertificateRoots::parse({&view, 1})})};
}

struct Campus {
  crypto::SeededRandom random{6};
  Identity ada = *Identity::generate(random);
  Identity eve = *Identity::generate(random);
  Certificate root = issue("Root of the University", EVP_EC_gen("P-256"), nullptr);
  Certificate other_root = issue("Root of nobody", EVP_EC_gen("P-256"), nullptr);
  std::vector<TrustedOrganisation> trusted{trusting("University", root)};

  /// A certificate for a seed of 32 times `seed`, and the statement that its holder makes for `identity`.
  Bytes proof(std::uint8_t seed, const std::string& name, const Identity& identity, const Certificate& by) {
    const Bytes raw(32, seed);
    const auto key = *crypto::SignaturePrivateKey::parse(crypto::SignatureAlgorithm::ed25519, raw);
    const Certificate leaf = issue(name, EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw.data(), raw.size()), &by);
    return *prove_organisation({leaf.der()}, key, identity.public_key());
  }
};

}  // namespace

TEST_CASE("an identity is verified by the organisation that certified it", "[room]") {
  Campus campus;
  const Bytes proof = campus.proof(3, "Ada Lovelace", campus.ada, campus.root);
  const auto verified = verify_organisation(proof, campus.ada.public_key(), campus.trusted, noon);
  REQUIRE(verified.ok());
  CHECK(verified->organisation == "University");
  CHECK(verified->subject == "Ada Lovelace");
}

TEST_CASE("an organisation's word counts for its identity, in its time, and from a trusted root alone", "[room][attack]") {
  Campus campus;
  const Bytes proof = campus.proof(3, "Ada Lovelace", campus.ada, campus.root);
  CHECK(verify_organisation(proof, campus.eve.public_key(), campus.trusted, noon).error().code == ErrorCode::not_authentic);
  CHECK(verify_organisation(proof, campus.ada.public_key(), campus.trusted, {noon.value + 7200}).error().code == ErrorCode::expired);
  CHECK(verify_organisation(proof, campus.ada.public_key(), {}, noon).error().code == ErrorCode::not_authentic);
  const Bytes foreign = campus.proof(3, "Ada Lovelace", campus.ada, campus.other_root);
  CHECK(verify_organisation(foreign, campus.ada.public_key(), campus.trusted, noon).error().code == ErrorCode::not_authentic);
  for (std::size_t size = 0; size < proof.size(); size += 7) {
    CHECK_FALSE(verify_organisation(ByteView(proof).first(size), campus.ada.public_key(), campus.trusted, noon).ok());
  }
}

TEST_CASE("a certificate's name is made inert before anybody sees it", "[room][attack]") {
  Campus campus;
  const Bytes proof = campus.proof(4, "\u202e" "eve\u200b", campus.ada, campus.root);
  CHECK(verify_organisation(proof, campus.ada.public_key(), campus.trusted, noon)->subject == "eve");
}
