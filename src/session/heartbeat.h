// What members tell each other every few seconds, so that nobody between them can show them different rooms.
#pragma once

#include "session/log_trace.h"
#include "wire/fields.h"

namespace conclave::session {

/// The content of an MLS application message, and so signed by its sender: what a session says for itself, or a message of its app.
///
///     enum { app(0), heartbeat(1), room(2), frames(3), (255) } ContentKind;   /* 2: a RoomMessage follows (room/message.h), 3: a FrameStatement */
///
///     struct {
///         ContentKind kind = heartbeat;
///         uint64 log_count;                      /* messages of this epoch that the sender has read from the log */
///         opaque log_hash[32];                   /* LogTrace over them */
///         opaque confirmed_transcript_hash<V>;   /* of the epoch: RFC 9420 section 8.2 */
///     } Heartbeat;
enum class ContentKind : std::uint8_t { app = 0, heartbeat = 1, room = 2, frames = 3 };

struct Heartbeat {
  ContentKind kind = ContentKind::heartbeat;
  std::uint64_t log_count = 0;
  TraceHash log_hash{};
  Bytes confirmed_transcript_hash;
  CONCLAVE_FIELDS(kind, log_count, log_hash, confirmed_transcript_hash)
};

}  // namespace conclave::session
