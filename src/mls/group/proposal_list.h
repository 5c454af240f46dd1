// The proposals that a commit covers: validated and applied (RFC 9420 sections 12.2 and 12.3).
#pragma once

#include "mls/schedule/group_context.h"

namespace conclave::mls {

/// A proposal as it was sent.
struct SentProposal {
  Proposal proposal;
  Sender sender;
  std::optional<ProposalRef> reference;  ///< nothing for one that stands in the commit itself
  bool validated = false;                ///< its signatures were verified when it arrived
};
using SharedProposal = std::shared_ptr<const SentProposal>;
using ProposalList = std::vector<SharedProposal>;

/// In which kind of commit a list stands: decides about resumption PSKs and who may do what.
enum class CommitKind : std::uint8_t { regular, external, reinit, branch };

/// The state against which proposals are checked.
struct ProposalRules {
  const RatchetTree& tree;  ///< of the epoch before the commit
  const GroupContext& context;
  CommitKind kind = CommitKind::regular;
  std::optional<LeafIndex> committer;  ///< nothing for an external commit
  std::optional<UnixSeconds> now;      ///< nothing: lifetimes are not looked at
};

/// The checks of one proposal by itself (RFC 9420 section 12.1), signatures included. Errors name the proposal's sender.
Result<void> check_proposal(const ProposalRules& rules, const SentProposal& sent);

/// The checks of the whole list before it is applied (RFC 9420 section 12.2). Individual proposals that were validated
/// on arrival are not verified again.
Result<void> check_proposal_list(const ProposalRules& rules, const ProposalList& list);

/// True when a commit of this list must have a path (RFC 9420 section 12.4).
bool requires_path(const ProposalList& list);

/// What a list did to the tree.
struct AppliedProposals {
  struct Joined {
    LeafIndex leaf;
    std::shared_ptr<const KeyPackage> key_package;
  };
  std::vector<Joined> joined;
  std::vector<LeafIndex> joiners;  ///< the leaves of `joined`, sorted
  std::vector<PreSharedKeyId> psks;
};

/// Applies updates, removals and additions to the tree (RFC 9420 section 12.3); keys must stay unique.
/// On an error the tree is left half changed: the caller rewinds it.
Result<AppliedProposals> apply_proposals(RatchetTree& tree, const ProposalList& list);

/// Checks what must hold for all members after a commit: everybody supports every credential type in use, every extension
/// of the group and all required capabilities (RFC 9420 sections 7.3, 11.1, 12.1.7 and 13.4).
Result<void> check_support(const RatchetTree& tree, const Extensions& extensions);

/// The only proposal of a type in the list, or null.
template <class T>
const T* find_proposal(const ProposalList& list) {
  for (const SharedProposal& sent : list) {
    if (const auto* found = std::get_if<T>(&sent->proposal)) return found;
  }
  return nullptr;
}

}  // namespace conclave::mls
