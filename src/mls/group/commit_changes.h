// What the maker and the readers of a commit do alike (RFC 9420 sections 12.3 and 12.4).
#pragma once

#include "mls/group/staged_commit.h"

namespace conclave::mls {

/// The group's extensions after a list of proposals.
const Extensions& extensions_after(const ProposalList& list, const Extensions& before);

/// Fills the parts of a summary that the list tells. `tree` is still that of the old epoch.
void summarize_before(CommitSummary& summary, const RatchetTree& tree, const ProposalList& list);
/// Fills in where those who were added stand. `tree` is that of the new epoch.
void summarize_after(CommitSummary& summary, const AppliedProposals& applied, const ProposalList& list);

/// No tree is higher: leaves are counted with 32 bits.
inline constexpr std::size_t max_path_length = 32;

/// What a staged commit follows: the group, its history so far (RFC 9420 section 8.2), and whose state of it.
Bytes staging_base(ByteView group_id, ByteView interim_transcript_hash, LeafIndex own_leaf);

/// Checks that the keys of a path, its leaf's included, are new to the tree and differ from each other, and that the leaf's
/// signature key is its own (RFC 9420 sections 7.3 and 12.4.2). `replaced` is the leaf that the path's leaf replaces, or null.
Result<void> check_path_keys(const RatchetTree& tree, const UpdatePath& path, const TreeLeaf* replaced);

/// The provisional group context of a commit (RFC 9420 section 12.4.1); computes the tree hash.
GroupContext provisional_context(const GroupContext& before, RatchetTree& tree, const Extensions& extensions);

/// The commit secret of a commit without path: zeros.
CommitSecret zero_commit_secret(const crypto::CipherSuite& suite);

}  // namespace conclave::mls
