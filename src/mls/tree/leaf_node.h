// What a leaf of the ratchet tree says about its member (RFC 9420 section 7.2).
#pragma once

#include "conclave/time.h"
#include "crypto/signature.h"
#include "crypto/suite.h"
#include "mls/objects/extension.h"
#include "mls/tree/tree_math.h"

namespace conclave::mls {

///     struct {
///       ProtocolVersion versions<V>;
///       CipherSuite cipher_suites<V>;
///       ExtensionType extensions<V>;
///       ProposalType proposals<V>;
///       CredentialType credentials<V>;
///     } Capabilities;
struct Capabilities {
  std::vector<ProtocolVersion> versions;
  std::vector<crypto::SuiteId> cipher_suites;
  std::vector<ExtensionType> extensions;
  std::vector<ProposalType> proposals;
  std::vector<CredentialType> credentials;
  CONCLAVE_FIELDS(versions, cipher_suites, extensions, proposals, credentials)
  friend bool operator==(const Capabilities&, const Capabilities&) = default;

  /// What this library supports, with `suite` as the only cipher suite and basic and X.509 credentials.
  static Capabilities of_library(crypto::SuiteId suite);

  /// Lists the types of these extensions, but for the default ones.
  void announce(const Extensions& used);
  /// Forgets default types, which must not be listed (RFC 9420 section 7.2). In others' lists they change nothing.
  void drop_defaults();

  /// Default types are supported by everybody (RFC 9420 section 7.2).
  [[nodiscard]] bool supports(ExtensionType type) const;
  [[nodiscard]] bool supports(ProposalType type) const;
  [[nodiscard]] bool supports(CredentialType type) const;
  [[nodiscard]] bool supports(const RequiredCapabilities& required) const;
};

enum class LeafNodeSource : std::uint8_t { key_package = 1, update = 2, commit = 3 };

///     struct { uint64 not_before; uint64 not_after; } Lifetime;
struct Lifetime {
  static constexpr auto tag = LeafNodeSource::key_package;
  std::uint64_t not_before = 0;  ///< seconds since 1970-01-01 00:00 UTC
  std::uint64_t not_after = 0;
  CONCLAVE_FIELDS(not_before, not_after)
  friend bool operator==(const Lifetime&, const Lifetime&) = default;
  [[nodiscard]] bool contains(UnixSeconds now) const { return not_before <= now.value && now.value <= not_after; }
};

struct UpdatedLeaf {
  static constexpr auto tag = LeafNodeSource::update;
  CONCLAVE_NO_FIELDS
  friend bool operator==(const UpdatedLeaf&, const UpdatedLeaf&) = default;
};

struct CommittedLeaf {
  static constexpr auto tag = LeafNodeSource::commit;
  Bytes parent_hash;
  CONCLAVE_FIELDS(parent_hash)
  friend bool operator==(const CommittedLeaf&, const CommittedLeaf&) = default;
};

///     struct {
///       HPKEPublicKey encryption_key;
///       SignaturePublicKey signature_key;
///       Credential credential;
///       Capabilities capabilities;
///       LeafNodeSource leaf_node_source;
///       select (LeafNode.leaf_node_source) {
///         case key_package: Lifetime lifetime;
///         case update:      struct{};
///         case commit:      opaque parent_hash<V>;
///       };
///       Extension extensions<V>;
///       opaque signature<V>;   /* SignWithLabel(., "LeafNodeTBS", LeafNodeTBS) */
///     } LeafNode;
struct LeafNode {
  Bytes encryption_key;
  Bytes signature_key;
  Credential credential;
  Capabilities capabilities;
  std::variant<Lifetime, UpdatedLeaf, CommittedLeaf> source;
  Extensions extensions;
  Bytes signature;
  CONCLAVE_FIELDS(encryption_key, signature_key, credential, capabilities, source, extensions, signature)
  friend bool operator==(const LeafNode&, const LeafNode&) = default;

  [[nodiscard]] LeafNodeSource source_type() const;

  /// Signs with `key`, whose public half becomes `signature_key`. `place` is where the leaf stands; it is
  /// ignored for a leaf of a key package (RFC 9420 section 7.2, LeafNodeTBS).
  Result<void> sign(const crypto::SignaturePrivateKey& key, ByteView group_id, LeafIndex place);

  /// True when the signature verifies under `key`, which is the parsed `signature_key`.
  [[nodiscard]] bool verify(const crypto::SignaturePublicKey& key, ByteView group_id, LeafIndex place) const;

 private:
  [[nodiscard]] Bytes to_be_signed(ByteView group_id, LeafIndex place) const;
};

}  // namespace conclave::mls

CONCLAVE_WIRE_ELSEWHERE(conclave::mls::Capabilities)
CONCLAVE_WIRE_ELSEWHERE(conclave::mls::LeafNode)
