// The checks on a whole group that a newcomer makes (RFC 9420 sections 12.4.3.1 and 11.2 to 11.3).
#pragma once

#include "mls/group/executor.h"
#include "mls/group/welcome.h"

namespace conclave::mls {

class Group;

/// Verifies the group info's signature under the key of its signer's leaf, that the tree has the hash that it names, and every node
/// of the tree: parent hashes, unmerged leaves, keys that stand twice, each leaf and its signature, and what all must support. Costs
/// a signature verification per member, which the executor may spread. `not_authentic` or `invalid_message`; names the first leaf that
/// is wrong, or else the signer, who vouches for the tree.
/// Whether a leaf has expired is not looked at (RFC 9420 section 7.3), but how long its lifetime is, unless `bound_lifetimes` is false.
Result<void> verify_group(const GroupInfo& info, RatchetTree& tree, const Executor& executor = {}, bool bound_lifetimes = true);

/// The part of it that looks at the tree.
Result<void> validate_tree(RatchetTree& tree, const GroupContext& context, const Executor& executor = {}, bool bound_lifetimes = true);

/// An error about a group info, laid at its signer's door unless it names somebody else.
Error blame_signer(Error error, const GroupInfo& info);

/// When a Welcome uses a PSK of a reinitialised or branched group, checks that the new group follows from `predecessor`.
/// Whether its members are the same, in the eyes of the application, is for the caller to see.
Result<void> check_lineage(const std::vector<PreSharedKeyId>& psks, const GroupContext& context, const RatchetTree& tree, const Group* predecessor);

}  // namespace conclave::mls
