// Groups of any size, for benchmarks and tests of cost, without replaying the history that would have led to them.
#pragma once

#include <iostream>
#include <memory>

#include "forge.h"
#include "mls/group/group.h"
#include "mls/tree/grease.h"
#include "mls/tree/parent_hash.h"

namespace conclave::mls::cost {

inline constexpr UnixSeconds noon{1'800'000'000};

[[noreturn]] inline void give_up(const Error& error) {
  std::cerr << name_of(error.code) << ": " << error.detail << std::endl;
  std::abort();
}
template <class T>
T need(Result<T> result) {
  if (!result.ok()) give_up(result.error());
  return std::move(result).value();
}
inline void need(Result<void> result) {
  if (!result.ok()) give_up(result.error());
}

/// Whether the parents of the tree are blank, or filled as when everybody has committed once.
enum class Trees { fresh, filled };

/// A group of `size` members, of whom two are real: `sender` in leaf 0 and `receiver` in leaf 1, its neighbour, who has the
/// longest way of all: every node above it changes when the sender commits.
class LargeGroup {
 public:
  LargeGroup(std::uint32_t size, Trees trees) : random_(size), suite_(*crypto::find_suite(1)), tree_(suite_, random_) {
    random_.fill(group_id_);
    sender_bundle_ = bundle();
    receiver_bundle_ = bundle();
    build(size, trees);
    welcome_ = forge(receiver_bundle_, {0}, sender_bundle_.signature_key);
    receiver = std::make_unique<Group>(join());
    make_sender();
    if (trees == Trees::filled) settle();
  }

  /// Joins once more by the receiver's Welcome.
  Group join(Executor executor = {}) {
    return need(Group::join({welcome_, receiver_bundle_, {}, nullptr, nullptr, options(), std::move(executor)}, random_));
  }

  KeyPackageBundle bundle() {
    const auto signer = need(crypto::SignaturePrivateKey::generate(suite_.signature, random_));
    ClientProfile profile;
    profile.credential = BasicCredential{Bytes(12, static_cast<std::uint8_t>(++names_))};
    profile.capabilities = Capabilities::of_library(suite_.id);
    profile.lifetime = {noon.value - 3600, noon.value + 86400};
    return need(KeyPackageBundle::generate(suite_, signer, std::move(profile), {}, random_));
  }

  Proposal add_proposal() { return Add{std::make_shared<KeyPackage>(bundle().key_package)}; }

  /// The sender commits, both merge.
  void commit(std::vector<Proposal> proposals, bool path) {
    CommitOptions how;
    how.force_path = path;
    how.tree_in_welcome = false;
    const PendingCommit pending = need(sender->commit(std::move(proposals), std::move(how), noon, random_));
    need(sender->merge_pending());
    need(receiver->merge(need(receiver->stage(pending.commit, noon))));
  }

  /// A new epoch by the receiver, after the sender used up generations with commits that went nowhere.
  void refresh() {
    sender->discard_pending();
    const PendingCommit pending = need(receiver->commit({}, {}, noon, random_));
    need(receiver->merge_pending());
    need(sender->merge(need(sender->stage(pending.commit, noon))));
  }

  crypto::Random& random() { return random_; }
  static GroupOptions options() {
    GroupOptions out;
    out.past_epochs = 0;
    return out;
  }

  std::unique_ptr<Group> sender;
  std::unique_ptr<Group> receiver;

 private:
  void build(std::uint32_t size, Trees trees) {
    const TreeLeaf first(sender_bundle_.key_package.leaf_node);
    const TreeLeaf second(receiver_bundle_.key_package.leaf_node);
    tree_.place(first);
    tree_.place(second);
    for (std::uint32_t i = 2; i < size; ++i) {
      signers_.push_back(need(crypto::SignaturePrivateKey::generate(suite_.signature, random_)));
      tree_.place(TreeLeaf(other_leaf(i, Lifetime{noon.value - 3600, noon.value + 86400})));
    }
    if (trees == Trees::fresh || size <= 2) return;
    // The two real members are not there yet when the others commit, and are added to the parents above them afterwards.
    tree_.remove({0});
    tree_.remove({1});
    fill(tree_.root(), random_bytes());
    tree_.add(first);
    tree_.add(second);
  }

  Bytes random_bytes() {
    Bytes out(32);
    random_.fill(out);
    return out;
  }

  /// A member who does nothing: nobody holds the private half of its encryption key.
  LeafNode other_leaf(std::uint32_t index, std::variant<Lifetime, UpdatedLeaf, CommittedLeaf> source) {
    LeafNode leaf;
    leaf.encryption_key = random_bytes();
    leaf.credential = BasicCredential{Bytes(12, static_cast<std::uint8_t>(index))};
    leaf.capabilities = Capabilities::of_library(suite_.id);
    add_grease(leaf.extensions, random_);
    leaf.capabilities.announce(leaf.extensions);
    add_grease(leaf.capabilities, random_);
    leaf.source = std::move(source);
    need(leaf.sign(signers_[index - 2], group_id_, {index}));
    return leaf;
  }

  [[nodiscard]] bool has_members(NodeIndex node) const { return !tree_.has_empty_resolution(node); }

  /// Fills the parents at and below a node as when the members below it have committed from left to right. `parent_hash` is what
  /// the last of them carries upwards; where another overwrote its parent, nobody looks at it any more.
  void fill(NodeIndex node, Bytes parent_hash_above) {
    if (is_leaf(node)) {
      const LeafIndex leaf = leaf_of(node);
      return tree_.set_leaf(leaf, TreeLeaf(other_leaf(leaf.value, CommittedLeaf{std::move(parent_hash_above)})));
    }
    if (!has_members(left(node))) return fill(right(node), std::move(parent_hash_above));
    if (!has_members(right(node))) return fill(left(node), std::move(parent_hash_above));
    fill(left(node), random_bytes());
    const Bytes key = random_bytes();
    const Bytes hash = to_bytes(parent_hash(suite_, key, parent_hash_above, tree_.tree_hash(left(node))).view());
    tree_.set_parent(node, TreeParent(ParentNode{key, std::move(parent_hash_above), {}}));
    fill(right(node), hash);
  }

  Bytes forge(const KeyPackageBundle& to, LeafIndex signer, const crypto::SignaturePrivateKey& key) {
    return test::forge_welcome(tree_, group_id_, {signer, key, to.key_package, {}}, random_);
  }

  /// The sender joins the same epoch as the receiver: by the commit of a third, who stands aside.
  void make_sender() {
    const Bytes info = need(receiver->group_info(true));
    ExternalJoin request;
    request.group_info = info;
    request.signer = sender_bundle_.signature_key.clone();
    request.profile.credential = BasicCredential{Bytes(12, 1)};
    request.profile.capabilities = Capabilities::of_library(suite_.id);
    request.resync = LeafIndex{0};
    request.options = options();
    auto joined = need(Group::join_external(std::move(request), random_));
    need(receiver->merge(need(receiver->stage(joined.commit, noon))));
    sender = std::make_unique<Group>(std::move(joined.group));
  }

  /// Both commit once, so that every parent is filled and nobody is unmerged.
  void settle() {
    refresh();
    commit({}, true);
  }

  crypto::SeededRandom random_;
  const crypto::CipherSuite& suite_;
  RatchetTree tree_;
  std::vector<crypto::SignaturePrivateKey> signers_;  ///< of the members from leaf 2 on
  std::array<std::uint8_t, 32> group_id_{};
  int names_ = 0;
  KeyPackageBundle sender_bundle_;
  KeyPackageBundle receiver_bundle_;
  Bytes welcome_;
};

}  // namespace conclave::mls::cost
