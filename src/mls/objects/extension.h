// Extensions, and those that RFC 9420 defines (sections 7.2, 11.1, 12.1.8.1, 12.4.3.2, 13.4).
#pragma once

#include "mls/objects/credential.h"
#include "mls/types.h"
#include "wire/fields.h"

namespace conclave::mls {

///     struct { ExtensionType extension_type; opaque extension_data<V>; } Extension;
struct Extension {
  ExtensionType extension_type{};
  Bytes extension_data;
  CONCLAVE_FIELDS(extension_type, extension_data)
  friend bool operator==(const Extension&, const Extension&) = default;
};

/// A list of extensions, in which no type stands twice: reading such a list fails (RFC 9420 section 13.4).
class Extensions {
 public:
  Extensions() = default;

  /// The content of the extension of this type, or nothing. Valid as long as the list is unchanged.
  [[nodiscard]] std::optional<ByteView> find(ExtensionType type) const;
  /// Adds an extension, or replaces the one of its type.
  void set(ExtensionType type, Bytes data);
  void erase(ExtensionType type);

  /// The extension of type `T::type`, parsed: nothing where it is absent, `malformed` where it does not parse.
  template <class T>
  [[nodiscard]] Result<std::optional<T>> get() const {
    const auto data = find(T::type);
    if (!data) return std::optional<T>();
    CONCLAVE_ASSIGN(value, wire::decode<T>(*data));
    return std::optional<T>(std::move(value));
  }
  template <class T>
  void set(const T& value) {
    set(T::type, wire::encode(value));
  }

  [[nodiscard]] bool empty() const { return list_.empty(); }
  [[nodiscard]] auto begin() const { return list_.begin(); }
  [[nodiscard]] auto end() const { return list_.end(); }

  void read_from(wire::Reader& reader);
  void write_to(wire::Writer& writer) const;
  friend bool operator==(const Extensions&, const Extensions&) = default;

 private:
  std::vector<Extension> list_;
};

///     struct {
///       ExtensionType extension_types<V>;
///       ProposalType proposal_types<V>;
///       CredentialType credential_types<V>;
///     } RequiredCapabilities;
struct RequiredCapabilities {
  static constexpr auto type = ExtensionType::required_capabilities;
  std::vector<ExtensionType> extension_types;
  std::vector<ProposalType> proposal_types;
  std::vector<CredentialType> credential_types;
  CONCLAVE_FIELDS(extension_types, proposal_types, credential_types)
};

///     struct { HPKEPublicKey external_pub; } ExternalPub;
struct ExternalPub {
  static constexpr auto type = ExtensionType::external_pub;
  Bytes external_pub;
  CONCLAVE_FIELDS(external_pub)
};

///     struct { SignaturePublicKey signature_key; Credential credential; } ExternalSender;
struct ExternalSender {
  Bytes signature_key;
  Credential credential;
  CONCLAVE_FIELDS(signature_key, credential)
};

///     ExternalSender external_senders<V>;
struct ExternalSenders {
  static constexpr auto type = ExtensionType::external_senders;
  std::vector<ExternalSender> senders;
  CONCLAVE_FIELDS(senders)
};

}  // namespace conclave::mls

CONCLAVE_WIRE_ELSEWHERE(conclave::mls::Extensions)
CONCLAVE_WIRE_ELSEWHERE(conclave::mls::RequiredCapabilities)
CONCLAVE_WIRE_ELSEWHERE(conclave::mls::ExternalPub)
CONCLAVE_WIRE_ELSEWHERE(conclave::mls::ExternalSenders)
