// Which of the noted proposals a commit covers (RFC 9420 sections 12.2 and 12.4).
#pragma once

#include "mls/group/proposal_list.h"
#include "mls/group/psk_store.h"

namespace conclave::mls {

/// What proposals are tried on: the state of a group, and the leaf that its owner is about to change along with them, or null.
struct Workbench {
  RatchetTree& tree;  ///< changed while a trial lasts, and what it was after it
  ProposalRules rules;
  const PskStore& psks;
  const LeafNode* own_leaf = nullptr;
};

/// Does to the tree what a commit of `list` would, says whether that is allowed, and undoes it (RFC 9420 sections 12.2 and 12.3). The
/// proposals were checked one by one before.
Result<void> try_proposals(const Workbench& bench, const ProposalList& list);

/// All of `noted` that fit together and beside `chosen` (which stand in the commit itself): a removal outweighs updates, a later
/// update an earlier one, anything a ReInit. What the committer may not commit itself, what has expired, names a PSK that is not at
/// hand, or could not be committed along with the others, is left out: no member can make the commits of others fail. Tries a
/// bounded number of times, for each sender by itself; what is undecided then is left out as well.
ProposalList select_proposals(const Workbench& bench, const ProposalList& noted, const ProposalList& chosen);

}  // namespace conclave::mls
