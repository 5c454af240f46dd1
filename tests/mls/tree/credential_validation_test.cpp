// X.509 credentials against roots of the application's.
#include "mls/tree/credential_validation.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "mls/support/world.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

/// A certificate authority, or anybody who got a certificate.
struct Holder {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;

  [[nodiscard]] Bytes der() const {
    unsigned char* out = nullptr;
    const int size = i2d_X509(certificate.get(), &out);
    Bytes bytes(out, out + size);
    OPENSSL_free(out);
    return bytes;
  }
};

std::shared_ptr<EVP_PKEY> own(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

/// Issues a certificate for `key`, valid for an hour around noon; without an issuer it is self-signed.
Holder issue(const std::string& name, std::shared_ptr<EVP_PKEY> key, const Holder* issuer, bool authority) {
  Holder holder{std::move(key), {X509_new(), X509_free}};
  X509* certificate = holder.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), static_cast<long>(name.size()));
  ASN1_TIME_set(X509_getm_notBefore(certificate), static_cast<time_t>(noon.value - 1800));
  ASN1_TIME_set(X509_getm_notAfter(certificate), static_cast<time_t>(noon.value + 1800));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer == nullptr ? certificate : issuer->certificate.get()));
  X509_set_pubkey(certificate, holder.key.get());
  X509_EXTENSION* constraints = X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
  X509_add_ext(certificate, constraints, -1);
  X509_EXTENSION_free(constraints);
  REQUIRE(X509_sign(certificate, issuer == nullptr ? holder.key.get() : issuer->key.get(), EVP_sha256()) > 0);
  return holder;
}

Holder authority(const std::string& name, const Holder* issuer = nullptr) { return issue(name, own(EVP_EC_gen("P-256")), issuer, true); }

/// A leaf of a member whose certificate `issuer` signed.
LeafNode leaf_with(const Bytes& signature_key, std::vector<Bytes> chain) {
  LeafNode leaf;
  leaf.signature_key = signature_key;
  X509Credential credential;
  for (Bytes& each : chain) credential.certificates.push_back({std::move(each)});
  leaf.credential = std::move(credential);
  return leaf;
}

std::shared_ptr<EVP_PKEY> ed25519_of(const Bytes& key) { return own(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size())); }

struct Scene {
  Scene() {
    const Bytes seed(32, 7);
    root = authority("root");
    middle = authority("middle", &root);
    key = to_bytes(need(crypto::SignaturePrivateKey::parse(suite.signature, seed)).public_key().bytes());
    // A key that only signs cannot be certified with a digest, so the issuers are on P-256.
    member = issue("member", ed25519_of(seed), &middle, false);
    const Bytes der = root.der();
    const ByteView view = der;
    roots = need(crypto::CertificateRoots::parse({&view, 1}));
  }
  ErrorCode code(const LeafNode& leaf, UnixSeconds now = noon) {
    const auto result = verify_certificates(suite, leaf, roots, now);
    return result.ok() ? ErrorCode::internal : result.error().code;
  }

  const crypto::CipherSuite& suite = *crypto::find_suite(1);
  Holder root;
  Holder middle;
  Holder member;
  Bytes key;
  crypto::CertificateRoots roots;
};

}  // namespace

TEST_CASE("a chain that leads to a trusted root proves the leaf's signature key", "[mls]") {
  Scene scene;
  CHECK(scene.code(leaf_with(scene.key, {scene.member.der(), scene.middle.der()})) == ErrorCode::internal);
  CHECK(scene.code(leaf_with(scene.key, {scene.member.der(), scene.middle.der(), scene.root.der()})) == ErrorCode::internal);
}

TEST_CASE("chains that prove nothing are refused", "[mls][attack]") {
  Scene scene;
  const Bytes member = scene.member.der();
  const Bytes middle = scene.middle.der();
  CHECK(scene.code(leaf_with(scene.key, {member})) == ErrorCode::not_authentic);
  CHECK(scene.code(leaf_with(scene.key, {})) == ErrorCode::malformed);
  CHECK(scene.code(leaf_with(Bytes(32, 1), {member, middle})) == ErrorCode::identity_mismatch);
  CHECK(scene.code(leaf_with(scene.key, {member, middle}), {noon.value + 7200}) == ErrorCode::expired);
  CHECK(scene.code(leaf_with(scene.key, {member, middle}), {noon.value - 7200}) == ErrorCode::expired);
  CHECK(scene.code(leaf_with(scene.key, {middle})) == ErrorCode::unsupported);  // a P-256 key in an Ed25519 suite
  Bytes trailing = member;
  trailing.push_back(0);
  CHECK(scene.code(leaf_with(scene.key, {trailing, middle})) == ErrorCode::malformed);
  const Holder other_root = authority("root");
  CHECK(scene.code(leaf_with(scene.key, {issue("member", scene.member.key, &other_root, false).der(), other_root.der()})) == ErrorCode::not_authentic);
  const Holder not_an_authority = issue("nobody", own(EVP_EC_gen("P-256")), &scene.middle, false);
  const Holder by_nobody = issue("member", scene.member.key, &not_an_authority, false);
  CHECK(scene.code(leaf_with(scene.key, {by_nobody.der(), not_an_authority.der(), middle})) == ErrorCode::not_authentic);
  LeafNode basic;
  basic.credential = BasicCredential{{1}};
  CHECK(scene.code(basic) == ErrorCode::unsupported);
}
