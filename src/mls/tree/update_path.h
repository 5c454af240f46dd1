// New keys along a committer's path, and how they reach the others (RFC 9420 sections 7.4 to 7.6).
#pragma once

#include <map>

#include "mls/objects/labels.h"
#include "mls/tree/ratchet_tree.h"

namespace conclave::mls {

using PathSecret = Secret<struct PathSecretTag>;
using CommitSecret = Secret<struct CommitSecretTag>;

///     struct { HPKEPublicKey encryption_key; HPKECiphertext encrypted_path_secret<V>; } UpdatePathNode;
struct UpdatePathNode {
  Bytes encryption_key;
  std::vector<HpkeCiphertext> encrypted_path_secret;
  CONCLAVE_FIELDS(encryption_key, encrypted_path_secret)
  friend bool operator==(const UpdatePathNode&, const UpdatePathNode&) = default;
};

///     struct { LeafNode leaf_node; UpdatePathNode nodes<V>; } UpdatePath;
struct UpdatePath {
  LeafNode leaf_node;
  std::vector<UpdatePathNode> nodes;
  CONCLAVE_FIELDS(leaf_node, nodes)
  friend bool operator==(const UpdatePath&, const UpdatePath&) = default;
};

/// The private keys that one member holds: of its leaf and of parents above it. A copy shares the keys.
class PrivateKeys {
 public:
  void set(NodeIndex node, crypto::KemPrivateKey key);
  void set(NodeIndex node, std::shared_ptr<const crypto::KemPrivateKey> key);
  /// The key of this node, or null, also where the tree holds another public key by now.
  [[nodiscard]] const crypto::KemPrivateKey* find(const RatchetTree& tree, NodeIndex node) const;
  /// Forgets the keys of nodes that are blank by now, or hold another key (RFC 9420 section 7.5).
  void prune(const RatchetTree& tree);
  /// True when every key belongs to its node of the tree.
  [[nodiscard]] bool matches(const RatchetTree& tree) const;
  [[nodiscard]] auto begin() const { return keys_.begin(); }
  [[nodiscard]] auto end() const { return keys_.end(); }

 private:
  friend struct GroupSnapshot;
  std::map<NodeIndex, std::shared_ptr<const crypto::KemPrivateKey>> keys_;
};

/// A path that its sender has put into its tree, still to be encrypted to the others.
struct NewPath {
  LeafNode leaf_node;
  std::vector<PathStep> steps;
  std::vector<PathSecret> secrets;  ///< one per step
  CommitSecret commit_secret;
};

/// Renews the path of `sender` in `tree`: fresh keys go to `keys`, `leaf` (its credential, capabilities and extensions are
/// taken as they are) is signed and put in its place (RFC 9420 section 7.5). The leaf must stand in the tree, old or new.
Result<NewPath> renew_path(RatchetTree& tree, PrivateKeys& keys, LeafIndex sender, LeafNode leaf,
                           const crypto::SignaturePrivateKey& signer, ByteView group_id, crypto::Random& random);

/// Encrypts the path's secrets to all others but `joiners` (sorted), who learn theirs from the Welcome (RFC 9420 section 7.6).
Result<UpdatePath> encrypt_path(const RatchetTree& tree, NewPath& path, ByteView group_context,
                                std::span<const LeafIndex> joiners, crypto::Random& random);

/// Puts the public half of a received path into the tree and checks its parent hashes (RFC 9420 sections 7.5 and 7.9.2).
/// `invalid_message` when the path has another length than the sender's filtered direct path, or a parent hash is wrong.
Result<std::vector<PathStep>> merge_path(RatchetTree& tree, LeafIndex sender, const UpdatePath& path);

/// Opens our copy of the path secret, and derives and checks the keys above it (RFC 9420 section 7.5). The new keys go to `keys`.
/// `invalid_message` when ciphertexts are too few or too many, or a derived key is not the published one.
Result<CommitSecret> open_path(const RatchetTree& tree, PrivateKeys& keys, LeafIndex own_leaf, const UpdatePath& path,
                               std::span<const PathStep> steps, ByteView group_context, std::span<const LeafIndex> joiners);

/// Derives the keys of `node` and of all filled parents above it from a path secret, as a joiner does (RFC 9420 section 12.4.3.1).
/// `invalid_message` when one is not the tree's. Returns the commit secret that follows.
Result<CommitSecret> implant_path_secret(const RatchetTree& tree, PrivateKeys& keys, NodeIndex node, PathSecret secret);

}  // namespace conclave::mls

CONCLAVE_WIRE_ELSEWHERE(conclave::mls::UpdatePath)
