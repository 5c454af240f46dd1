// Codec-aware sealing: the bytes that must stay readable stay where they are, and are authenticated; the rest is sealed in place.
#pragma once

#include "sframe/opener.h"
#include "sframe/sealer.h"
#include "session/codec_units.h"

namespace conclave::session {

/// The hidden bytes of all units are sealed as one SFrame plaintext. Behind those of the last sealed unit stands a trailer:
///
///     struct {
///         opaque sframe_header[header_size];   /* RFC 9605 section 4.3 */
///         opaque tag[tag_size];
///         uint8 size;                          /* of header and tag: never zero */
///     } Trailer;
///
/// The SFrame metadata is: mode (1 byte), SHA-256 over each unit's head, its clear bytes and the lengths of both and of what is hidden,
/// and the caller's metadata. In H.264 and H.265 what is sealed, with the trailer, is kept free of start codes by emulation prevention
/// bytes, and each sealed unit ends in a byte 0x80.
Result<std::size_t> seal_codec_frame(sframe::Sealer& sealer, FrameMode mode, ByteView frame, ByteView metadata, ByteSpan out);

/// The reverse. `out` holds no plaintext unless it opened.
sframe::OpenResult open_codec_frame(sframe::Opener& opener, FrameMode mode, ByteView sealed, ByteView metadata, ByteSpan out,
                                    std::uint64_t expected);

inline constexpr std::size_t max_app_metadata_size = 4000;

}  // namespace conclave::session
