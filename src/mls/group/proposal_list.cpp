#include "mls/group/proposal_list.h"

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "mls/invalid.h"

namespace conclave::mls {
namespace {

std::size_t count(const ProposalList& list, ProposalType type) {
  return static_cast<std::size_t>(std::ranges::count_if(list, [&](const SharedProposal& sent) { return type_of(sent->proposal) == type; }));
}

/// No leaf twice, and neither update nor removal of the committer.
Result<void> check_changed_leaves(const ProposalRules& rules, const ProposalList& list) {
  std::set<LeafIndex> changed;
  for (const SharedProposal& sent : list) {
    std::optional<LeafIndex> leaf;
    if (const auto* remove = std::get_if<Remove>(&sent->proposal)) leaf = remove->removed;
    if (std::holds_alternative<Update>(sent->proposal)) leaf = member_of(sent->sender);
    if (!leaf) continue;
    if (rules.committer == leaf) return invalid("a commit updates or removes its committer");
    if (!changed.insert(*leaf).second) return invalid("a commit updates or removes a leaf twice");
  }
  return {};
}

Result<void> check_psks_differ(const ProposalList& list) {
  std::set<PreSharedKeyId> ids;
  for (const SharedProposal& sent : list) {
    const auto* psk = std::get_if<PreSharedKey>(&sent->proposal);
    if (psk != nullptr && !ids.insert(psk->psk).second) return invalid("a commit names a PSK twice");
  }
  return {};
}

Result<void> check_external_list(const ProposalList& list) {
  if (count(list, ProposalType::external_init) != 1) return invalid("an external commit needs exactly one external init");
  if (count(list, ProposalType::remove) > 1) return invalid("an external commit removes more than one member");
  const std::size_t allowed = count(list, ProposalType::external_init) + count(list, ProposalType::remove) + count(list, ProposalType::psk);
  if (allowed != list.size()) return invalid("an external commit covers a proposal that it may not");
  if (std::ranges::any_of(list, [](const SharedProposal& sent) { return sent->reference.has_value(); })) {
    return invalid("an external commit refers to a proposal");
  }
  return {};
}

Result<void> check_regular_list(const ProposalRules& rules, const ProposalList& list) {
  if (count(list, ProposalType::group_context_extensions) > 1) return invalid("a commit changes the group's extensions twice");
  if (count(list, ProposalType::reinit) > 0 && list.size() > 1) return invalid("a reinitialization stands beside other proposals");
  return check_changed_leaves(rules, list);
}

/// Puts a leaf into the tree through `place`, which returns its index, unless one of its keys stands there already.
template <class Place>
Result<LeafIndex> place_unique(RatchetTree& tree, const LeafNode& leaf, Place place) {
  if (tree.has_signature_key(leaf.signature_key)) return invalid("a signature key stands in the group already");
  if (tree.has_encryption_key(leaf.encryption_key)) return invalid("an encryption key stands in the group already");
  return place(TreeLeaf(leaf));
}

template <class T>
Result<void> require_all(const RatchetTree& tree, const std::vector<T>& types, const char* detail) {
  for (const T type : types) {
    if constexpr (!std::is_same_v<T, CredentialType>) {
      if (is_default(type)) continue;
    }
    if (tree.capabilities().supporting(type) != tree.member_count()) return invalid(detail);
  }
  return {};
}

}  // namespace

Result<void> check_proposal_list(const ProposalRules& rules, const ProposalList& list) {
  if (rules.kind == CommitKind::external) {
    CONCLAVE_TRY(check_external_list(list));
  } else {
    CONCLAVE_TRY(check_regular_list(rules, list));
  }
  CONCLAVE_TRY(check_psks_differ(list));
  for (const SharedProposal& sent : list) {
    if (!sent->validated) CONCLAVE_TRY(check_proposal(rules, *sent));
  }
  return {};
}

bool requires_path(const ProposalList& list) {
  return list.empty() || std::ranges::any_of(list, [](const SharedProposal& sent) { return requires_path(type_of(sent->proposal)); });
}

Result<AppliedProposals> apply_proposals(RatchetTree& tree, const ProposalList& list) {
  AppliedProposals applied;
  // What goes, goes first: a key may pass from one leaf to another within a commit.
  for (const SharedProposal& sent : list) {
    if (const auto* remove = std::get_if<Remove>(&sent->proposal)) tree.remove(remove->removed);
    if (std::holds_alternative<Update>(sent->proposal)) tree.remove(*member_of(sent->sender));
  }
  for (const SharedProposal& sent : list) {
    const auto* update = std::get_if<Update>(&sent->proposal);
    if (update == nullptr) continue;
    CONCLAVE_TRY(place_unique(tree, *update->leaf_node, [&](TreeLeaf leaf) {
      tree.set_leaf(*member_of(sent->sender), std::move(leaf));
      return *member_of(sent->sender);
    }));
  }
  if (count(list, ProposalType::remove) > 0) tree.truncate();
  for (const SharedProposal& sent : list) {
    if (const auto* psk = std::get_if<PreSharedKey>(&sent->proposal)) applied.psks.push_back(psk->psk);
    const auto* add = std::get_if<Add>(&sent->proposal);
    if (add == nullptr) continue;
    CONCLAVE_ASSIGN(index, place_unique(tree, add->key_package->leaf_node, [&](TreeLeaf leaf) { return tree.add(std::move(leaf)); }));
    applied.joined.push_back({index, add->key_package});
    applied.joiners.push_back(index);
  }
  std::ranges::sort(applied.joiners);
  return applied;
}

Result<void> check_support(const RatchetTree& tree, const Extensions& extensions) {
  for (const CredentialType type : tree.capabilities().used_credentials()) {
    if (tree.capabilities().supporting(type) != tree.member_count()) return invalid("a member does not support a credential type in use");
  }
  std::vector<ExtensionType> types;
  for (const Extension& extension : extensions) types.push_back(extension.extension_type);
  CONCLAVE_TRY(require_all(tree, types, "a member does not support an extension of the group"));
  CONCLAVE_ASSIGN(required, extensions.get<RequiredCapabilities>());
  if (!required) return {};
  constexpr const char* detail = "a member lacks a required capability";
  CONCLAVE_TRY(require_all(tree, required->extension_types, detail));
  CONCLAVE_TRY(require_all(tree, required->proposal_types, detail));
  return require_all(tree, required->credential_types, detail);
}

}  // namespace conclave::mls
