// A member of a session, as its credential says and the room vouches.
#pragma once

#include "conclave/session.h"

namespace conclave::session {

using Member = SessionMember;

}  // namespace conclave::session
