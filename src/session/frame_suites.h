// Which SFrame suites a member has, and which one a room uses: agreed within MLS, so that nobody between the members can change it.
#pragma once

#include "base/result.h"
#include "conclave/session.h"
#include "mls/objects/extension.h"
#include "sframe/cipher_suite.h"

namespace conclave::session {

/// A private-use extension: in a leaf the suites that its member has, in the group context the one that the room uses.
///
///     struct { uint16 frame_suites<V>; } FrameSuites;
struct FrameSuites {
  static constexpr auto type = static_cast<mls::ExtensionType>(0xF0C2);
  std::vector<std::uint16_t> suites;
  CONCLAVE_FIELDS(suites)
};

/// `invalid_argument` for an empty list, or one with a suite that we do not have or that has short tags.
Result<FrameSuites> offer_of(const std::vector<FrameSuite>& suites);

/// The suite of a room, which must be one of `accepted`: `unsupported` otherwise, `invalid_message` when the group names none or several.
Result<sframe::CipherSuite> suite_of_room(const mls::Extensions& group, const std::vector<FrameSuite>& accepted);

/// Whether a leaf's member has the suite.
bool has_suite(const mls::Extensions& leaf, sframe::CipherSuite suite);

}  // namespace conclave::session
