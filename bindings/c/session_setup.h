// What sessions begin with, out of the structs of the C interface.
#pragma once

#include "session.h"

namespace conclave::c {

/// Now, for NULL.
Moment moment_of(const conclave_moment* at);

Result<SessionConfig> session_config(const conclave_session_config* given);

}  // namespace conclave::c
