#include "mls/objects/credential.h"

CONCLAVE_WIRE_HERE(conclave::mls::Credential)

namespace conclave::mls {

CredentialType type_of(const Credential& credential) {
  return std::holds_alternative<BasicCredential>(credential) ? BasicCredential::tag : X509Credential::tag;
}

}  // namespace conclave::mls
