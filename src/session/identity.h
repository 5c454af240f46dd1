// The inside of a public identity.
#pragma once

#include "conclave/session.h"
#include "room/identity.h"

namespace conclave {

struct Identity::State {
  room::Identity identity;
};

namespace session {

/// A new identity out of this source.
Result<Identity> make_identity(crypto::Random& random);

inline const room::Identity& inside(const Identity& identity) { return identity.state().identity; }

}  // namespace session
}  // namespace conclave
