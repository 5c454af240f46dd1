// What stands behind the seal of a saved group.
#pragma once

#include "mls/group/group.h"

namespace conclave::mls {

/// The whole state, without its seal: secrets.
SecretBuffer write_state(const Group& group);
/// Reads it back. Any error means that it is damaged; a state that reads is one whose parts fit together.
Result<Group> read_state(ByteView bytes, GroupOptions options, crypto::Random& random);

}  // namespace conclave::mls
