// A member of a session, as its credential says and its founder vouches.
#pragma once

#include <cstdint>
#include <string>

#include "conclave/bytes.h"

namespace conclave::session {

/// The leaf index in the MLS group (RFC 9420 section 4.1.1): stable while the member stays, given again after it left.
using MemberId = std::uint32_t;

struct Member {
  MemberId id = 0;
  std::string display_name;  ///< inert (room/text.h)
  Bytes identity_key;
};

}  // namespace conclave::session
