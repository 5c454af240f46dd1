// Who a member says it is (RFC 9420 section 5.3).
#pragma once

#include "mls/types.h"
#include "wire/fields.h"

namespace conclave::mls {

/// A bare assertion of an identity, in the application's own format.
struct BasicCredential {
  static constexpr auto tag = CredentialType::basic;
  Bytes identity;
  CONCLAVE_FIELDS(identity)
  friend bool operator==(const BasicCredential&, const BasicCredential&) = default;
};

///     struct { opaque cert_data<V>; } Certificate;
struct Certificate {
  Bytes cert_data;  ///< one DER-encoded X.509 certificate
  CONCLAVE_FIELDS(cert_data)
  friend bool operator==(const Certificate&, const Certificate&) = default;
};

/// A chain of certificates; the first one is the member's own and holds its signature key.
struct X509Credential {
  static constexpr auto tag = CredentialType::x509;
  std::vector<Certificate> certificates;
  CONCLAVE_FIELDS(certificates)
  friend bool operator==(const X509Credential&, const X509Credential&) = default;
};

///     struct {
///       CredentialType credential_type;
///       select (Credential.credential_type) {
///         case basic: opaque identity<V>;
///         case x509:  Certificate certificates<V>;
///       };
///     } Credential;
using Credential = std::variant<BasicCredential, X509Credential>;

CredentialType type_of(const Credential& credential);

}  // namespace conclave::mls

CONCLAVE_WIRE_ELSEWHERE(conclave::mls::Credential)
