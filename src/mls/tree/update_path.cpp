#include "mls/tree/update_path.h"

#include <algorithm>

#include "base/bytes.h"
#include "mls/invalid.h"
#include "mls/tree/parent_hash.h"

CONCLAVE_WIRE_HERE(conclave::mls::UpdatePath)

namespace conclave::mls {
namespace {

Result<crypto::KemPrivateKey> node_key(const crypto::CipherSuite& suite, const PathSecret& path_secret) {
  const auto node_secret = derive_secret<Secret<struct NodeSecretTag>>(suite, path_secret.expose(), "node");
  return crypto::KemPrivateKey::derive(suite.kem, node_secret.expose());
}

PathSecret next_path_secret(const crypto::CipherSuite& suite, const PathSecret& path_secret) {
  return derive_secret<PathSecret>(suite, path_secret.expose(), "path");
}

std::vector<NodeIndex> resolution_without(const RatchetTree& tree, NodeIndex node, std::span<const LeafIndex> joiners) {
  std::vector<NodeIndex> resolution = tree.resolution(node);
  std::erase_if(resolution, [&](NodeIndex each) { return is_leaf(each) && std::ranges::binary_search(joiners, leaf_of(each)); });
  return resolution;
}

/// Fills the steps of a path with `keys`, from the top down, and returns the parent hash that the leaf must carry.
Bytes fill_path(RatchetTree& tree, LeafIndex sender, std::span<const PathStep> steps, std::span<const ByteView> keys) {
  tree.blank_path(sender);
  Bytes above;
  for (std::size_t i = steps.size(); i-- > 0;) {
    const ParentNode node{to_bytes(keys[i]), above, {}};
    above = to_bytes(parent_hash(tree.suite(), keys[i], above, tree.tree_hash(steps[i].copath)).view());
    tree.set_parent(steps[i].node, TreeParent(node));
  }
  return above;
}

}  // namespace

void PrivateKeys::set(NodeIndex node, crypto::KemPrivateKey key) {
  set(node, std::make_shared<const crypto::KemPrivateKey>(std::move(key)));
}

void PrivateKeys::set(NodeIndex node, std::shared_ptr<const crypto::KemPrivateKey> key) { keys_[node] = std::move(key); }

const crypto::KemPrivateKey* PrivateKeys::find(const RatchetTree& tree, NodeIndex node) const {
  const auto found = keys_.find(node);
  if (found == keys_.end() || node.value >= node_count(tree.leaf_count()) || tree.is_blank(node)) return nullptr;
  return equal(found->second->public_key().bytes(), tree.encryption_key(node)) ? found->second.get() : nullptr;
}

void PrivateKeys::prune(const RatchetTree& tree) {
  std::erase_if(keys_, [&](const auto& entry) { return find(tree, entry.first) == nullptr; });
}

bool PrivateKeys::matches(const RatchetTree& tree) const {
  return std::ranges::all_of(keys_, [&](const auto& entry) { return find(tree, entry.first) != nullptr; });
}

Result<NewPath> renew_path(RatchetTree& tree, PrivateKeys& keys, LeafIndex sender, LeafNode leaf,
                           const crypto::SignaturePrivateKey& signer, ByteView group_id, crypto::Random& random) {
  const crypto::CipherSuite& suite = tree.suite();
  NewPath path;
  path.steps = tree.filtered_direct_path(sender);

  PathSecret secret(suite.hash_size);
  random.fill(secret.expose_mutable());
  std::vector<ByteView> public_keys;
  std::vector<crypto::KemPrivateKey> private_keys;
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    CONCLAVE_ASSIGN(key, node_key(suite, secret));
    private_keys.push_back(std::move(key));
    PathSecret next = next_path_secret(suite, secret);
    path.secrets.push_back(std::move(secret));
    secret = std::move(next);
  }
  path.commit_secret = CommitSecret::copy_of(secret.expose());

  for (const auto& key : private_keys) public_keys.push_back(key.public_key().bytes());
  leaf.source = CommittedLeaf{fill_path(tree, sender, path.steps, public_keys)};
  CONCLAVE_ASSIGN(leaf_key, crypto::KemPrivateKey::generate(suite.kem, random));
  leaf.encryption_key = to_bytes(leaf_key.public_key().bytes());
  CONCLAVE_TRY(leaf.sign(signer, group_id, sender));
  tree.set_leaf(sender, TreeLeaf(leaf));

  keys.set(node_of(sender), std::move(leaf_key));
  for (std::size_t i = 0; i < private_keys.size(); ++i) keys.set(path.steps[i].node, std::move(private_keys[i]));
  path.leaf_node = std::move(leaf);
  return path;
}

Result<UpdatePath> encrypt_path(const RatchetTree& tree, NewPath& path, ByteView group_context,
                                std::span<const LeafIndex> joiners, crypto::Random& random) {
  const crypto::CipherSuite& suite = tree.suite();
  const crypto::HpkeInfo context = encrypt_context(suite, "UpdatePathNode", group_context);
  UpdatePath out;
  out.leaf_node = path.leaf_node;
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    UpdatePathNode& node = out.nodes.emplace_back();
    node.encryption_key = to_bytes(tree.encryption_key(path.steps[i].node));
    for (const NodeIndex receiver : resolution_without(tree, path.steps[i].copath, joiners)) {
      CONCLAVE_ASSIGN(key, crypto::KemPublicKey::parse(suite.kem, tree.encryption_key(receiver)));
      CONCLAVE_ASSIGN(sealed, encrypt_with_context(context, key, path.secrets[i].expose(), random));
      node.encrypted_path_secret.push_back(std::move(sealed));
    }
  }
  return out;
}

Result<std::vector<PathStep>> merge_path(RatchetTree& tree, LeafIndex sender, const UpdatePath& path) {
  std::vector<PathStep> steps = tree.filtered_direct_path(sender);
  if (steps.size() != path.nodes.size()) return invalid("an update path is longer or shorter than its sender's filtered direct path");
  std::vector<ByteView> keys;
  for (const UpdatePathNode& node : path.nodes) keys.emplace_back(node.encryption_key);
  const Bytes expected = fill_path(tree, sender, steps, keys);
  const auto* committed = std::get_if<CommittedLeaf>(&path.leaf_node.source);
  if (committed == nullptr || committed->parent_hash != expected) return invalid("the parent hash of a committed leaf is wrong");
  tree.set_leaf(sender, TreeLeaf(path.leaf_node));
  return steps;
}

Result<CommitSecret> open_path(const RatchetTree& tree, PrivateKeys& keys, LeafIndex own_leaf, const UpdatePath& path,
                               std::span<const PathStep> steps, ByteView group_context, std::span<const LeafIndex> joiners) {
  const crypto::CipherSuite& suite = tree.suite();
  std::optional<PathSecret> secret;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::vector<NodeIndex> receivers = resolution_without(tree, steps[i].copath, joiners);
    const auto& sealed = path.nodes[i].encrypted_path_secret;
    if (sealed.size() != receivers.size()) return invalid("an update path has too many or too few ciphertexts for a node");
    if (!secret && is_under(own_leaf, steps[i].copath)) {
      const auto ours = std::ranges::find_if(receivers, [&](NodeIndex node) { return is_under(own_leaf, node) && keys.find(tree, node); });
      if (ours == receivers.end()) return invalid("an update path has no ciphertext for us");
      const auto position = static_cast<std::size_t>(ours - receivers.begin());
      CONCLAVE_ASSIGN(opened, decrypt_with_label(suite, *keys.find(tree, *ours), "UpdatePathNode", group_context, sealed[position]));
      if (opened.size() != suite.hash_size) return invalid("a path secret has the wrong size");
      secret = PathSecret::copy_of(opened.expose());
    } else if (secret) {
      *secret = next_path_secret(suite, *secret);
    }
    if (!secret) continue;
    CONCLAVE_ASSIGN(key, node_key(suite, *secret));
    if (!equal(key.public_key().bytes(), path.nodes[i].encryption_key)) return invalid("a path secret does not give the published key");
    keys.set(steps[i].node, std::move(key));
  }
  if (!secret) return invalid("an update path has no ciphertext for us");
  return derive_secret<CommitSecret>(suite, secret->expose(), "path");
}

Result<CommitSecret> implant_path_secret(const RatchetTree& tree, PrivateKeys& keys, NodeIndex node, PathSecret secret) {
  if (tree.is_blank(node)) return invalid("a path secret was given for a blank node");
  for (;; node = parent(node)) {
    if (!tree.is_blank(node)) {
      CONCLAVE_ASSIGN(key, node_key(tree.suite(), secret));
      if (!equal(key.public_key().bytes(), tree.encryption_key(node))) return invalid("a path secret does not give the tree's key");
      keys.set(node, std::move(key));
      secret = next_path_secret(tree.suite(), secret);
    }
    if (node == tree.root()) return CommitSecret::copy_of(secret.expose());
  }
}

}  // namespace conclave::mls
