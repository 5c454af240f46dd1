#include "crypto/x509.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/bytes.h"
#include "crypto/hash.h"

namespace conclave::crypto {
namespace {

constexpr std::size_t max_chain = 10;
constexpr int security_level = 2;  // OpenSSL's: 112 bits, so no SHA-1 and no RSA below 2,048
constexpr std::uint32_t personal_usages = XKU_SSL_CLIENT | XKU_SMIME | XKU_ANYEKU;

struct Free {
  void operator()(X509* value) const { X509_free(value); }
  void operator()(X509_STORE_CTX* value) const { X509_STORE_CTX_free(value); }
  void operator()(STACK_OF(X509) * value) const { sk_X509_pop_free(value, X509_free); }
  void operator()(GENERAL_NAMES* value) const { GENERAL_NAMES_free(value); }
};
using Certificate = std::unique_ptr<X509, Free>;

Result<Certificate> parse_certificate(ByteView der) {
  const unsigned char* at = der.data();
  Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate || at != der.data() + der.size()) return Error{ErrorCode::malformed, "a certificate does not parse"};
  return certificate;
}

Error verification_error(int code) {
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID: return {ErrorCode::expired, "a certificate is outside of its validity"};
    default: return {ErrorCode::not_authentic, X509_verify_cert_error_string(code)};
  }
}

/// The curve that OpenSSL names for an ECDSA algorithm, or nothing for the Edwards curves.
std::string_view group_name(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::ecdsa_p256_sha256: return "prime256v1";
    case SignatureAlgorithm::ecdsa_p384_sha384: return "secp384r1";
    case SignatureAlgorithm::ecdsa_p521_sha512: return "secp521r1";
    default: return {};
  }
}

Result<Bytes> point_of(EVP_PKEY* key, std::string_view wanted_group) {
  std::array<char, 64> name{};
  std::size_t length = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) != 1 || std::string_view(name.data(), length) != wanted_group) {
    return Error{ErrorCode::unsupported, "a certificate's key is on another curve"};
  }
  std::array<unsigned char, 160> point{};
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point.data(), point.size(), &length) != 1) {
    return Error{ErrorCode::malformed, "a certificate's key does not encode"};
  }
  return Bytes(point.begin(), point.begin() + static_cast<std::ptrdiff_t>(length));
}

Result<Bytes> public_key_of(X509* certificate, SignatureAlgorithm algorithm) {
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return Error{ErrorCode::malformed, "a certificate has no key"};
  const auto wanted_group = group_name(algorithm);
  if (!wanted_group.empty()) return point_of(key, wanted_group);
  const int wanted = algorithm == SignatureAlgorithm::ed25519 ? EVP_PKEY_ED25519 : EVP_PKEY_ED448;
  std::size_t length = 0;
  if (EVP_PKEY_get_base_id(key) != wanted || EVP_PKEY_get_raw_public_key(key, nullptr, &length) != 1) {
    return Error{ErrorCode::unsupported, "a certificate's key is of another algorithm"};
  }
  Bytes bytes(length);
  EVP_PKEY_get_raw_public_key(key, bytes.data(), &length);
  return bytes;
}

/// Where no usage is said, none is ruled out (RFC 5280 section 4.2.1.12).
bool serves_persons(X509* certificate) {
  if ((X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) == 0) return true;
  const std::uint32_t usages = X509_get_extended_key_usage(certificate);
  return (usages & personal_usages) != 0 && (usages & XKU_SSL_SERVER) == 0;
}

bool names_host(X509* certificate) {
  int critical = 0;
  const std::unique_ptr<GENERAL_NAMES, Free> names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nullptr)));
  if (!names) return critical != -1;  // not absent, but damaged, or there twice
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const int kind = sk_GENERAL_NAME_value(names.get(), i)->type;
    if (kind == GEN_DNS || kind == GEN_IPADD) return true;
  }
  return false;
}

Result<void> check_personal(X509* certificate) {
  const auto refuse = [](const char* why) { return Error{ErrorCode::not_authentic, why}; };
  if (X509_check_ca(certificate) != 0) return refuse("the certificate of an authority stands for nobody");
  if ((X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) == 0) return refuse("a certificate whose key is not for signatures");
  if (!serves_persons(certificate) || names_host(certificate)) return refuse("the certificate of a server, or of something else that is no person");
  return {};
}

/// Of the chain as it was built: who is trusted has vouched for somebody else, and through nobody who may vouch for servers alone.
Result<void> check_personal_chain(STACK_OF(X509) * chain) {
  if (sk_X509_num(chain) < 2) return Error{ErrorCode::not_authentic, "a certificate that vouches for itself"};
  for (int i = 1; i + 1 < sk_X509_num(chain); ++i) {
    if (!serves_persons(sk_X509_value(chain, i))) return Error{ErrorCode::not_authentic, "an authority that may not vouch for persons"};
  }
  return check_personal(sk_X509_value(chain, 0));
}

Result<std::string> name_entry(ByteView der, int kind) {
  constexpr int longest = 256;
  CONCLAVE_ASSIGN(certificate, parse_certificate(der));
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const int at = X509_NAME_get_index_by_NID(subject, kind, -1);
  if (at < 0) return std::string();
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) return Error{ErrorCode::malformed, "a certificate's name does not parse"};
  std::string name(reinterpret_cast<const char*>(text), static_cast<std::size_t>(std::min(size, longest)));
  OPENSSL_free(text);
  return name;
}

}  // namespace

Result<CertificateRoots> CertificateRoots::parse(std::span<const ByteView> certificates) {
  CertificateRoots roots;
  X509_STORE* store = X509_STORE_new();
  roots.store_ = std::shared_ptr<void>(store, [](void* value) { X509_STORE_free(static_cast<X509_STORE*>(value)); });
  for (const ByteView der : certificates) {
    CONCLAVE_ASSIGN(certificate, parse_certificate(der));
    if (X509_STORE_add_cert(store, certificate.get()) != 1) return Error{ErrorCode::malformed, "a root does not fit into the store"};
  }
  return roots;
}

Result<Bytes> CertificateRoots::verify(std::span<const ByteView> chain, SignatureAlgorithm algorithm, UnixSeconds now, CertificateUse use) const {
  if (chain.empty() || chain.size() > max_chain) return Error{ErrorCode::malformed, "a chain is empty or too long"};
  CONCLAVE_ASSIGN(leaf, parse_certificate(chain[0]));
  const std::unique_ptr<STACK_OF(X509), Free> others(sk_X509_new_null());
  for (const ByteView der : chain.subspan(1)) {
    CONCLAVE_ASSIGN(certificate, parse_certificate(der));
    sk_X509_push(others.get(), certificate.release());
  }
  const std::unique_ptr<X509_STORE_CTX, Free> context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), static_cast<X509_STORE*>(store_.get()), leaf.get(), others.get()) != 1) {
    return Error{ErrorCode::internal, "OpenSSL has no room for a chain"};
  }
  X509_STORE_CTX_set_time(context.get(), 0, static_cast<time_t>(now.value));
  X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(context.get()), security_level);
  if (X509_verify_cert(context.get()) != 1) return verification_error(X509_STORE_CTX_get_error(context.get()));
  if (use == CertificateUse::person) CONCLAVE_TRY(check_personal_chain(X509_STORE_CTX_get0_chain(context.get())));
  return public_key_of(leaf.get(), algorithm);
}

Result<Bytes> certified_key(ByteView der, SignatureAlgorithm algorithm) {
  CONCLAVE_ASSIGN(certificate, parse_certificate(der));
  return public_key_of(certificate.get(), algorithm);
}

Result<void> check_personal(ByteView der) {
  CONCLAVE_ASSIGN(certificate, parse_certificate(der));
  return check_personal(certificate.get());
}

Result<std::string> common_name(ByteView der) { return name_entry(der, NID_commonName); }

Result<std::string> organisation_name(ByteView der) { return name_entry(der, NID_organizationName); }

std::string certificate_fingerprint(ByteView der) { return to_hex(hash(HashAlgorithm::sha256, der).view()).substr(0, 16); }

}  // namespace conclave::crypto
