#include "mls/framing/proposal.h"

CONCLAVE_WIRE_HERE(conclave::mls::Proposal)

namespace conclave::mls {

ProposalType type_of(const Proposal& proposal) {
  return std::visit([](const auto& arm) { return std::remove_cvref_t<decltype(arm)>::tag; }, proposal);
}

}  // namespace conclave::mls
