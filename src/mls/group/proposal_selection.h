// Which of the noted proposals a commit covers (RFC 9420 sections 12.2 and 12.4).
#pragma once

#include "mls/group/proposal_list.h"

namespace conclave::mls {

/// All of `noted` that fit together and beside `chosen` (which stand in the commit itself): a removal outweighs updates, a later
/// update an earlier one, anything a ReInit. What the committer may not commit itself is left out.
ProposalList select_proposals(const RatchetTree& tree, LeafIndex committer, const ProposalList& noted, const ProposalList& chosen);

}  // namespace conclave::mls
