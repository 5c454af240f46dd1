#include "mls/group/commit_changes.h"

#include <algorithm>

#include "base/bytes.h"
#include "mls/invalid.h"

namespace conclave::mls {
namespace {

struct Noting {
  CommitSummary& summary;
  const RatchetTree& tree;
  const Sender& sender;

  void operator()(const Remove& remove) const {
    summary.removed.push_back({remove.removed, tree.leaf(remove.removed)->parsed(), sender});
  }
  void operator()(const Update& update) const {
    const LeafIndex leaf = *member_of(sender);
    summary.updated.push_back({leaf, tree.leaf(leaf)->parsed(), *update.leaf_node});
  }
  void operator()(const PreSharedKey& psk) const { summary.psks.push_back(psk.psk); }
  void operator()(const ReInit& reinit) const { summary.reinit = reinit; }
  void operator()(const GroupContextExtensions& change) const { summary.extensions = change.extensions; }
  void operator()(const Add&) const {}
  void operator()(const ExternalInit&) const {}
};

}  // namespace

const Extensions& extensions_after(const ProposalList& list, const Extensions& before) {
  const auto* change = find_proposal<GroupContextExtensions>(list);
  return change == nullptr ? before : change->extensions;
}

void summarize_before(CommitSummary& summary, const RatchetTree& tree, const ProposalList& list) {
  for (const SharedProposal& sent : list) std::visit(Noting{summary, tree, sent->sender}, sent->proposal);
}

void summarize_after(CommitSummary& summary, const AppliedProposals& applied, const ProposalList& list) {
  auto joined = applied.joined.begin();
  for (const SharedProposal& sent : list) {
    const auto* add = std::get_if<Add>(&sent->proposal);
    if (add != nullptr) summary.added.push_back({(joined++)->leaf, add->key_package->leaf_node, sent->sender});
  }
}

Bytes staging_base(ByteView group_id, ByteView interim_transcript_hash, LeafIndex own_leaf) {
  return wire::encode(to_bytes(group_id), to_bytes(interim_transcript_hash), own_leaf);
}

Result<void> check_path_keys(const RatchetTree& tree, const UpdatePath& path, const TreeLeaf* replaced) {
  if (path.nodes.size() > max_path_length) return invalid("an update path is longer than any tree is high");  // before any work on it
  std::vector<ByteView> keys{path.leaf_node.encryption_key};
  for (const UpdatePathNode& node : path.nodes) {
    CONCLAVE_TRY(crypto::KemPublicKey::parse(tree.suite().kem, node.encryption_key));
    keys.emplace_back(node.encryption_key);
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (tree.has_encryption_key(keys[i])) return invalid("a key of an update path stands in the tree already");
    for (std::size_t j = 0; j < i; ++j) {
      if (equal(keys[i], keys[j])) return invalid("a key stands in an update path twice");
    }
  }
  const bool keeps_signature_key = replaced != nullptr && equal(replaced->signature_key(), path.leaf_node.signature_key);
  if (!keeps_signature_key && tree.has_signature_key(path.leaf_node.signature_key)) {
    return invalid("the signature key of a committed leaf is another member's");
  }
  return {};
}

GroupContext provisional_context(const GroupContext& before, RatchetTree& tree, const Extensions& extensions) {
  GroupContext context = before;
  context.epoch = before.epoch + 1;
  context.tree_hash = to_bytes(tree.tree_hash());
  context.extensions = extensions;
  return context;
}

CommitSecret zero_commit_secret(const crypto::CipherSuite& suite) { return CommitSecret(suite.hash_size); }

}  // namespace conclave::mls
