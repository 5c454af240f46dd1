// What the members support and use, counted, so that no check walks over all leaves (RFC 9420 section 7.3).
#pragma once

#include <map>

#include "mls/tree/leaf_node.h"

namespace conclave::mls {

class CapabilityCounts {
 public:
  void add(const LeafNode& leaf) { count(leaf, 1); }
  void remove(const LeafNode& leaf) { count(leaf, -1); }

  /// How many members list support for a type. Default types are supported by everybody and not listed.
  [[nodiscard]] std::uint32_t supporting(CredentialType type) const { return at(Kind::credential, static_cast<std::uint16_t>(type)); }
  [[nodiscard]] std::uint32_t supporting(ExtensionType type) const { return at(Kind::extension, static_cast<std::uint16_t>(type)); }
  [[nodiscard]] std::uint32_t supporting(ProposalType type) const { return at(Kind::proposal, static_cast<std::uint16_t>(type)); }
  /// How many members present a credential of this type.
  [[nodiscard]] std::uint32_t using_credential(CredentialType type) const { return at(Kind::used_credential, static_cast<std::uint16_t>(type)); }
  /// The credential types that some member presents.
  [[nodiscard]] std::vector<CredentialType> used_credentials() const;

 private:
  enum class Kind : std::uint32_t { credential, extension, proposal, used_credential };

  void count(const LeafNode& leaf, int step);
  void step(Kind kind, std::uint16_t type, int by);
  [[nodiscard]] std::uint32_t at(Kind kind, std::uint16_t type) const;

  std::map<std::uint32_t, std::uint32_t> counts_;
};

}  // namespace conclave::mls
