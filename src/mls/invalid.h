// The refusal that most checks of a group end in.
#pragma once

#include "conclave/error.h"

namespace conclave::mls {

inline Error invalid(const char* detail) { return {ErrorCode::invalid_message, detail}; }

}  // namespace conclave::mls
