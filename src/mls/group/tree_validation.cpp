#include "mls/group/tree_validation.h"

#include <algorithm>
#include <functional>

#include "base/bytes.h"
#include "mls/group/claims.h"
#include "mls/group/group.h"
#include "mls/invalid.h"
#include "mls/tree/leaf_validation.h"
#include "mls/tree/parent_hash.h"

namespace conclave::mls {
namespace {

/// Checks every list of unmerged leaves at and below `node`: filled leaves below its node, in order, and listed by every filled
/// parent in between. `listed` are those below `node` that the nearest filled parent above it lists.
Result<void> check_unmerged(const RatchetTree& tree, NodeIndex node, std::span<const LeafIndex> listed) {
  if (is_leaf(node)) return listed.empty() || !tree.is_blank(node) ? Result<void>() : invalid("an unmerged leaf is blank or elsewhere");
  std::vector<LeafIndex> unmerged;
  if (const TreeParent* filled = tree.parent(node)) {
    unmerged = filled->unmerged_leaves();
    if (std::ranges::adjacent_find(unmerged, std::greater_equal()) != unmerged.end()) return invalid("unmerged leaves are out of order");
    if (!unmerged.empty() && !(is_under(unmerged.front(), node) && is_under(unmerged.back(), node))) return invalid("an unmerged leaf is blank or elsewhere");
    if (!std::ranges::includes(unmerged, listed)) return invalid("an unmerged leaf is missing from a parent in between");
    listed = unmerged;
  }
  const auto middle = std::ranges::upper_bound(listed, last_leaf(left(node)));
  CONCLAVE_TRY(check_unmerged(tree, left(node), {listed.begin(), middle}));
  return check_unmerged(tree, right(node), {middle, listed.end()});
}

Result<void> check_parents(const RatchetTree& tree) {
  for (std::uint32_t i = 1; i < node_count(tree.leaf_count()); i += 2) {
    if (tree.is_blank({i})) continue;
    CONCLAVE_TRY(crypto::KemPublicKey::parse(tree.suite().kem, tree.encryption_key({i})));
  }
  return check_unmerged(tree, tree.root(), {});
}

Result<void> check_keys_differ(const RatchetTree& tree) {
  std::vector<ByteView> encryption;
  std::vector<ByteView> signature;
  for (std::uint32_t i = 0; i < node_count(tree.leaf_count()); ++i) {
    const NodeIndex node{i};
    if (tree.is_blank(node)) continue;
    encryption.push_back(tree.encryption_key(node));
    if (is_leaf(node)) signature.push_back(tree.leaf(leaf_of(node))->signature_key());
  }
  for (auto* keys : {&encryption, &signature}) {
    std::ranges::sort(*keys, [](ByteView a, ByteView b) { return std::ranges::lexicographical_compare(a, b); });
    if (std::ranges::adjacent_find(*keys, equal) != keys->end()) return invalid("a key stands in the tree twice");
  }
  return {};
}

Result<void> check_leaf(const RatchetTree& tree, ByteView group_id, LeafIndex index, bool bound_lifetimes) {
  const TreeLeaf* leaf = tree.leaf(index);
  if (leaf == nullptr) return {};
  const LeafNode parsed = leaf->parsed();
  Result<void> valid = bound_lifetimes ? check_lifetime_length(parsed) : Result<void>();
  if (valid.ok()) {
    const auto key = validate_leaf(tree.suite(), parsed, group_id, index, std::nullopt);
    if (key.ok()) return {};
    valid = key.error();
  }
  valid.error().participant = index.value;
  return valid;
}

/// Leaves that one job checks: enough for handing them out to cost nothing, few enough to keep many threads busy to the end.
constexpr std::uint32_t leaves_per_job = 16;

/// What the jobs share. Whoever holds on to a job holds on to this, and touches the tree no more once the claims are closed.
struct LeafJobs {
  const RatchetTree& tree;
  ByteView group_id;
  bool bound_lifetimes;
  Claims claims;
  std::vector<Result<void>> results;

  LeafJobs(const RatchetTree& of, ByteView id, bool bound, std::size_t count)
      : tree(of), group_id(id), bound_lifetimes(bound), claims(count), results(count, Error{ErrorCode::invalid_argument, "the executor left a job undone"}) {}

  void run(std::size_t number) {
    claims.run(number, [&] { results[number] = check_some(static_cast<std::uint32_t>(number) * leaves_per_job); });
  }
  [[nodiscard]] Result<void> check_some(std::uint32_t first) const {
    for (std::uint32_t i = first; i < std::min(first + leaves_per_job, tree.leaf_count()); ++i) {
      CONCLAVE_TRY(check_leaf(tree, group_id, {i}, bound_lifetimes));
    }
    return {};
  }
};

/// Ends the work on lent threads, whichever way the executor is left.
struct Closing {
  Claims& claims;
  ~Closing() { claims.close(); }
};

Result<void> check_leaves(const RatchetTree& tree, ByteView group_id, const Executor& executor, bool bound_lifetimes) {
  const std::size_t count = (tree.leaf_count() + leaves_per_job - 1) / leaves_per_job;
  const auto jobs = std::make_shared<LeafJobs>(tree, group_id, bound_lifetimes, count);
  if (executor) {
    const Closing closing{jobs->claims};
    executor(count, [jobs](std::size_t number) { jobs->run(number); });
  } else {
    for (std::size_t number = 0; number < count && (number == 0 || jobs->results[number - 1].ok()); ++number) jobs->run(number);
  }
  for (const Result<void>& result : jobs->results) CONCLAVE_TRY(result);
  return {};
}

Result<void> check_reinit(const GroupContext& context, const RatchetTree& tree, const Group& old, std::uint64_t psk_epoch) {
  const auto& reinit = old.reinitialized_as();
  if (!reinit) return invalid("the old group was not reinitialised");
  if (psk_epoch != old.epoch()) return invalid("the PSK is not of the epoch that the reinitialization began");
  if (reinit->group_id != context.group_id || reinit->version != context.version || reinit->cipher_suite != context.cipher_suite ||
      reinit->extensions != context.extensions) {
    return invalid("the new group is not what the old one was reinitialised as");
  }
  if (tree.member_count() < old.member_count()) return invalid("a member of the old group is missing from the new one");
  return {};
}

Result<void> check_branch(const GroupContext& context, const RatchetTree& tree, const Group& old) {
  if (context.version != old.context().version || context.cipher_suite != old.context().cipher_suite) {
    return invalid("a branch has another version or cipher suite than its origin");
  }
  if (tree.member_count() > old.member_count()) return invalid("a branch has more members than its origin");
  return {};
}

/// The signature, and that the tree is the one that was signed for.
Result<void> verify_group_info(const GroupInfo& info, RatchetTree& tree) {
  if (!equal(tree.tree_hash(), info.group_context.tree_hash)) return Error{ErrorCode::invalid_message, "the tree is not the one of the group info", info.signer.value};
  const TreeLeaf* signer = tree.leaf(info.signer);
  if (signer == nullptr) return Error{ErrorCode::invalid_message, "the signer of a group info is a blank leaf", info.signer.value};
  CONCLAVE_ASSIGN(key, crypto::SignaturePublicKey::parse(tree.suite().signature, signer->signature_key()));
  if (!info.verify(key)) return Error{ErrorCode::not_authentic, "the signature of a group info does not verify", info.signer.value};
  return {};
}

}  // namespace

Error blame_signer(Error error, const GroupInfo& info) {
  if (!error.participant && group_of(error.code) != ErrorGroup::misuse) error.participant = info.signer.value;
  return error;
}

Result<void> verify_group(const GroupInfo& info, RatchetTree& tree, const Executor& executor, bool bound_lifetimes) {
  CONCLAVE_TRY(verify_group_info(info, tree));
  auto valid = validate_tree(tree, info.group_context, executor, bound_lifetimes);
  if (!valid.ok()) return blame_signer(std::move(valid).error(), info);
  return {};
}

Result<void> validate_tree(RatchetTree& tree, const GroupContext& context, const Executor& executor, bool bound_lifetimes) {
  CONCLAVE_TRY(check_parents(tree));
  CONCLAVE_TRY(check_keys_differ(tree));
  CONCLAVE_TRY(check_support(tree, context.extensions));
  CONCLAVE_TRY(verify_parent_hashes(tree));
  return check_leaves(tree, context.group_id, executor, bound_lifetimes);
}

Result<void> check_lineage(const std::vector<PreSharedKeyId>& psks, const GroupContext& context, const RatchetTree& tree, const Group* predecessor) {
  const auto special = std::ranges::find_if(psks, [](const PreSharedKeyId& id) { return id.usage() != ResumptionPskUsage::application; });
  if (special == psks.end()) return {};
  if (context.epoch != 1) return invalid("a reinitialised or branched group does not begin with epoch 1");
  const auto& id = std::get<ResumptionPskId>(special->psk);
  if (predecessor == nullptr || !equal(predecessor->group_id(), id.psk_group_id)) {
    return Error{ErrorCode::unknown_key, "the group before the reinitialization or branching is not at hand"};
  }
  return id.usage == ResumptionPskUsage::reinit ? check_reinit(context, tree, *predecessor, id.psk_epoch) : check_branch(context, tree, *predecessor);
}

}  // namespace conclave::mls
