// A still of a picture.
#pragma once

#include <string>

#include "base/result.h"
#include "conclave/media.h"

namespace conclave::media {

/// Writes an 8-bit RGB PNG (BT.601, limited range). `invalid_argument` for a malformed picture, `io_error` with the
/// reason.
Result<void> write_png(const std::string& path, const VideoFrame& picture);

}  // namespace conclave::media
