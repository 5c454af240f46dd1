#include "mls/tree/credential_validation.h"

namespace conclave::mls {

Result<void> verify_certificates(const crypto::CipherSuite& suite, const LeafNode& leaf, const crypto::CertificateRoots& roots, UnixSeconds now) {
  const auto* x509 = std::get_if<X509Credential>(&leaf.credential);
  if (x509 == nullptr) return Error{ErrorCode::unsupported, "the credential is no certificate"};
  std::vector<ByteView> chain;
  for (const Certificate& certificate : x509->certificates) chain.emplace_back(certificate.cert_data);
  CONCLAVE_ASSIGN(key, roots.verify(chain, suite.signature, now));
  if (key != leaf.signature_key) return Error{ErrorCode::identity_mismatch, "the certificate is for another signature key"};
  return {};
}

}  // namespace conclave::mls
