#include "mls/framing/commit.h"

#include <algorithm>

CONCLAVE_WIRE_HERE(conclave::mls::Commit)

namespace conclave::mls {

void ProposalRef::read_from(wire::Reader& reader) {
  const ByteView content = reader.read_opaque();
  if (content.size() < 32 || content.size() > 64) return reader.fail("a reference is no hash");
  hash = crypto::Digest(content.size());
  std::ranges::copy(content, hash.span().begin());
}

void ProposalRef::write_to(wire::Writer& writer) const { wire::write(writer, wire::Opaque{hash.view()}); }

}  // namespace conclave::mls
