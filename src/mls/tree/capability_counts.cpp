#include "mls/tree/capability_counts.h"

#include <algorithm>

namespace conclave::mls {
namespace {

/// A list that names a type twice still counts once.
template <class T>
std::vector<T> distinct(std::vector<T> list) {
  std::ranges::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

}  // namespace

void CapabilityCounts::count(const LeafNode& leaf, int by) {
  const Capabilities& capabilities = leaf.capabilities;
  for (const auto type : distinct(capabilities.credentials)) step(Kind::credential, static_cast<std::uint16_t>(type), by);
  for (const auto type : distinct(capabilities.extensions)) step(Kind::extension, static_cast<std::uint16_t>(type), by);
  for (const auto type : distinct(capabilities.proposals)) step(Kind::proposal, static_cast<std::uint16_t>(type), by);
  step(Kind::used_credential, static_cast<std::uint16_t>(type_of(leaf.credential)), by);
}

std::vector<CredentialType> CapabilityCounts::used_credentials() const {
  std::vector<CredentialType> types;
  const auto first = counts_.lower_bound(static_cast<std::uint32_t>(Kind::used_credential) << 16);
  for (auto it = first; it != counts_.end(); ++it) types.push_back(static_cast<CredentialType>(it->first & 0xFFFF));
  return types;
}

void CapabilityCounts::step(Kind kind, std::uint16_t type, int by) {
  const std::uint32_t key = (static_cast<std::uint32_t>(kind) << 16) | type;
  std::uint32_t& number = counts_[key];
  number = static_cast<std::uint32_t>(static_cast<std::int64_t>(number) + by);
  if (number == 0) counts_.erase(key);
}

std::uint32_t CapabilityCounts::at(Kind kind, std::uint16_t type) const {
  const auto found = counts_.find((static_cast<std::uint32_t>(kind) << 16) | type);
  return found == counts_.end() ? 0 : found->second;
}

}  // namespace conclave::mls
