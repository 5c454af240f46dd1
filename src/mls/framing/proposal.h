// Proposals (RFC 9420 section 12.1).
#pragma once

#include "mls/objects/key_package.h"
#include "mls/schedule/psk_id.h"

namespace conclave::mls {

///     struct { KeyPackage key_package; } Add;
struct Add {
  static constexpr auto tag = ProposalType::add;
  std::shared_ptr<const KeyPackage> key_package;
  CONCLAVE_FIELDS(key_package)
};

///     struct { LeafNode leaf_node; } Update;
struct Update {
  static constexpr auto tag = ProposalType::update;
  std::shared_ptr<const LeafNode> leaf_node;
  CONCLAVE_FIELDS(leaf_node)
};

///     struct { uint32 removed; } Remove;
struct Remove {
  static constexpr auto tag = ProposalType::remove;
  LeafIndex removed;
  CONCLAVE_FIELDS(removed)
};

///     struct { PreSharedKeyID psk; } PreSharedKey;
struct PreSharedKey {
  static constexpr auto tag = ProposalType::psk;
  PreSharedKeyId psk;
  CONCLAVE_FIELDS(psk)
};

///     struct { opaque group_id<V>; ProtocolVersion version; CipherSuite cipher_suite; Extension extensions<V>; } ReInit;
struct ReInit {
  static constexpr auto tag = ProposalType::reinit;
  Bytes group_id;
  ProtocolVersion version = ProtocolVersion::mls10;
  crypto::SuiteId cipher_suite{};
  Extensions extensions;
  CONCLAVE_FIELDS(group_id, version, cipher_suite, extensions)
  friend bool operator==(const ReInit&, const ReInit&) = default;
};

///     struct { opaque kem_output<V>; } ExternalInit;
struct ExternalInit {
  static constexpr auto tag = ProposalType::external_init;
  Bytes kem_output;
  CONCLAVE_FIELDS(kem_output)
};

///     struct { Extension extensions<V>; } GroupContextExtensions;
struct GroupContextExtensions {
  static constexpr auto tag = ProposalType::group_context_extensions;
  Extensions extensions;
  CONCLAVE_FIELDS(extensions)
};

///     struct {
///       ProposalType proposal_type;
///       select (Proposal.proposal_type) { case add: Add; … case group_context_extensions: GroupContextExtensions; };
///     } Proposal;
using Proposal = std::variant<Remove, Add, Update, PreSharedKey, ReInit, ExternalInit, GroupContextExtensions>;

ProposalType type_of(const Proposal& proposal);

/// True when a commit with a proposal of this type must have a path (RFC 9420 section 12.4).
constexpr bool requires_path(ProposalType type) {
  return type != ProposalType::add && type != ProposalType::psk && type != ProposalType::reinit;
}

/// True when an `external` sender may send it (RFC 9420 section 12.1.8).
constexpr bool allowed_from_outside(ProposalType type) {
  return type != ProposalType::update && type != ProposalType::external_init;
}

}  // namespace conclave::mls

CONCLAVE_WIRE_ELSEWHERE(conclave::mls::Proposal)
