// Certificates as a test wants them, sound or not.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <catch2/catch.hpp>

#include "room/organisation.h"

namespace conclave::test {

struct MadeCertificate {
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

/// What a certificate says. Empty extensions are left out.
struct CertificateWish {
  static constexpr UnixSeconds noon{1'700'000'000};

  std::string common_name;
  std::string organisation;
  std::string constraints = "CA:FALSE";
  std::string usage{};
  std::string extended_usage{};
  std::string other_name{};
  std::int64_t from = -1800;  ///< s, from noon
  std::int64_t to = 1800;
  const EVP_MD* digest = EVP_sha256();

  static CertificateWish authority(const std::string& name, const std::string& constraints = "critical,CA:TRUE") { return {name, "", constraints}; }

  /// By `issuer`; self-signed without one.
  [[nodiscard]] MadeCertificate make(EVP_PKEY* own_key, const MadeCertificate* issuer = nullptr) const {
    MadeCertificate made{{own_key, EVP_PKEY_free}, {X509_new(), X509_free}};
    X509* x509 = made.x509.get();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), static_cast<long>(common_name.size() + 1));
    ASN1_TIME_set(X509_getm_notBefore(x509), static_cast<time_t>(static_cast<std::int64_t>(noon.value) + from));
    ASN1_TIME_set(X509_getm_notAfter(x509), static_cast<time_t>(static_cast<std::int64_t>(noon.value) + to));
    add_name(x509, "CN", common_name);
    add_name(x509, "O", organisation);
    X509_set_issuer_name(x509, X509_get_subject_name(issuer == nullptr ? x509 : issuer->x509.get()));
    X509_set_pubkey(x509, own_key);
    add(x509, NID_basic_constraints, constraints);
    add(x509, NID_key_usage, usage);
    add(x509, NID_ext_key_usage, extended_usage);
    add(x509, NID_subject_alt_name, other_name);
    EVP_PKEY* signer = issuer == nullptr ? own_key : issuer->key.get();
    REQUIRE(X509_sign(x509, signer, EVP_PKEY_get_base_id(signer) == EVP_PKEY_ED25519 ? nullptr : digest) > 0);
    return made;
  }
  [[nodiscard]] MadeCertificate make(const MadeCertificate* issuer = nullptr) const { return make(EVP_EC_gen("P-256"), issuer); }

 private:
  static void add_name(X509* x509, const char* kind, const std::string& text) {
    if (text.empty()) return;
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), kind, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
  }
  static void add(X509* x509, int kind, const std::string& text) {
    if (text.empty()) return;
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, text.c_str());
    REQUIRE(extension != nullptr);
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
  }
};

/// An organisation that is trusted by this root.
inline TrustedOrganisation trusting_root(const std::string& name, const MadeCertificate& root) {
  const Bytes der = root.der();
  const ByteView view = der;
  return {name, std::make_shared<const TrustedOrganisation::Roots>(TrustedOrganisation::Roots{*crypto::CertificateRoots::parse({&view, 1})})};
}

}  // namespace conclave::test
