// Commits (RFC 9420 section 12.4).
#pragma once

#include "mls/framing/proposal.h"
#include "mls/tree/update_path.h"

namespace conclave::mls {

enum class ProposalOrRefType : std::uint8_t { proposal = 1, reference = 2 };

/// A hash of at least 32 bytes, so that a list of many is as long as it looks.
///
///     opaque HashReference<V>;   (RFC 9420 section 5.2)
struct ProposalRef {
  static constexpr auto tag = ProposalOrRefType::reference;
  crypto::Digest hash;
  void read_from(wire::Reader& reader);
  void write_to(wire::Writer& writer) const;
  friend auto operator<=>(const ProposalRef&, const ProposalRef&) = default;
};

struct InlineProposal {
  static constexpr auto tag = ProposalOrRefType::proposal;
  Proposal proposal;
  CONCLAVE_FIELDS(proposal)
};

///     struct {
///       ProposalOrRefType type;
///       select (ProposalOrRef.type) { case proposal: Proposal proposal; case reference: ProposalRef reference; };
///     } ProposalOrRef;
using ProposalOrRef = std::variant<InlineProposal, ProposalRef>;

///     struct { ProposalOrRef proposals<V>; optional<UpdatePath> path; } Commit;
struct Commit {
  std::vector<ProposalOrRef> proposals;
  std::optional<UpdatePath> path;
  CONCLAVE_FIELDS(proposals, path)
};

}  // namespace conclave::mls

CONCLAVE_WIRE_ELSEWHERE(conclave::mls::Commit)
