// Code points that mean nothing, sent so that others learn to ignore what they do not know (RFC 9420 section 13.5).
#pragma once

#include "crypto/random.h"
#include "mls/tree/leaf_node.h"

namespace conclave::mls {

/// Adds a random GREASE value to the cipher suites, extensions, proposals and credentials.
void add_grease(Capabilities& capabilities, crypto::Random& random);

/// Adds an extension of a random GREASE type with up to 7 random bytes. In a leaf its type must be announced.
void add_grease(Extensions& extensions, crypto::Random& random);
/// The same, chosen by at least 9 bytes of `entropy`, for whoever has no source of randomness at hand.
void add_grease(Extensions& extensions, ByteView entropy);

}  // namespace conclave::mls
