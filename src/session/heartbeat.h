// What members tell each other every few seconds, so that nobody between them can show them different rooms.
#pragma once

#include "session/epoch_ends.h"
#include "wire/fields.h"

namespace conclave::session {

/// So many epochs that are over still open messages that come late.
inline constexpr std::uint64_t past_epochs = 4;

/// The content of an MLS application message, and so signed by its sender: what a session says for itself, or a message of its app.
///
///     enum { app(0), heartbeat(1), room(2), frames(3), (255) } ContentKind;   /* 2: a RoomMessage follows (room/message.h), 3: a FrameStatement */
///
///     struct {
///         ContentKind kind = heartbeat;
///         uint64 log_count;                      /* messages that the sender has read from the log in this epoch */
///         opaque log_hash[32];                   /* LogTrace over them */
///         opaque confirmed_transcript_hash<V>;   /* of the epoch: RFC 9420 section 8.2 */
///         uint64 since;                          /* the first epoch of which `ends` tells; this epoch where it tells of none */
///         opaque ends<V>;                        /* how the epochs before this one ended (EpochEnds) */
///     } Heartbeat;
enum class ContentKind : std::uint8_t { app = 0, heartbeat = 1, room = 2, frames = 3 };

struct Heartbeat {
  ContentKind kind = ContentKind::heartbeat;
  std::uint64_t log_count = 0;
  TraceHash log_hash{};
  Bytes confirmed_transcript_hash;
  std::uint64_t since = 0;
  Bytes ends;
  CONCLAVE_FIELDS(kind, log_count, log_hash, confirmed_transcript_hash, since, ends)

  /// Whether it can have been said in this epoch.
  [[nodiscard]] bool sound(std::uint64_t epoch) const { return kind == ContentKind::heartbeat && since <= epoch && ends.size() == EpochEnds::size_for(epoch - since); }
};

}  // namespace conclave::session
