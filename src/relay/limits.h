// What one relay grants: to everybody together, to a room, to a connection. Whatever is over a limit is refused or dropped and
// counted; no limit can be passed by splitting a request.
#pragma once

#include <cstddef>

#include "conclave/time.h"

namespace conclave::relay {

/// A pace that may be exceeded for a moment: `per_second` on average, `burst` at once.
struct Pace {
  double per_second = 0;
  double burst = 0;
};

struct Limits {
  // ---- the relay ----
  std::size_t connections = 4096;  ///< of all rooms, who only looks in included
  std::size_t rooms = 1024;
  double free_visits = 128;        ///< within some seconds, before a knock has to show work
  std::uint8_t work_bits = 18;     ///< at most: 0.1 s of one core
  std::size_t seats_away_per_address = 512;  ///< kept for broken connections of one address, or of one /64 of IPv6
  std::size_t strikes = 16;  ///< bad messages of a member that are dropped before it is turned away

  // ---- time ----
  Duration hello_timeout = std::chrono::seconds(5);   ///< from connecting to Hello
  Duration visit_timeout = std::chrono::seconds(60);  ///< from Hello to a knock or the opening of a room
  Duration knock_timeout = std::chrono::minutes(15);  ///< from a knock to its answer
  Duration resume_window = std::chrono::seconds(60);  ///< how long the seat of a broken connection is kept; 0: not at all
  Duration contested_welcome_delay = std::chrono::seconds(2);  ///< see docs/decisions/004-commit-log.md

  Duration heirs_delay = std::chrono::minutes(2);  ///< before another list of heirs counts
  Duration acclaim_lasts = std::chrono::seconds(60);  ///< what an heir said of a new host

  // ---- a room ----
  std::size_t members = 1024;
  std::size_t knocks = 100;         ///< waiting at once by the link
  Pace knock_pace{.per_second = 20, .burst = 100};  ///< through one link
  std::size_t lane_knocks = 100;    ///< waiting at once by personal invitations
  Pace lane_pace{.per_second = 20, .burst = 100};   ///< of these
  std::size_t log_entries = 4096;   ///< kept for catching up
  std::size_t log_bytes = std::size_t{8} << 20;
  std::size_t streams_per_room = 4096;
  Duration announcement_interval = std::chrono::milliseconds(50);  ///< between two lists of streams

  // ---- a connection ----
  Pace messages{.per_second = 100, .burst = 400};         ///< of all kinds
  Pace commits{.per_second = 5, .burst = 50};
  Pace broadcasts{.per_second = 50, .burst = 200};
  Pace log_bytes_sent{.per_second = 262'144, .burst = 8'388'608};  ///< commits and broadcasts together
  Pace publishes{.per_second = 5, .burst = 30};           ///< `Publish` and `Subscribe` together
  Pace resumes{.per_second = 0.5, .burst = 12};           ///< of one seat, over all its connections
  Pace feedback{.per_second = 200, .burst = 200};         ///< datagrams
  Pace media{.per_second = 5'000, .burst = 5'000};        ///< packets
  double parity_price = 4;                                ///< of these, for one of parity: it may have the relay compute as much
  Pace retransmissions{.per_second = 500, .burst = 512};  ///< packets that the connection gets again for its NACKs
  std::size_t broadcast_bytes = std::size_t{64} << 10;
  std::size_t streams_published = 16;
  std::size_t streams_subscribed = 256;

  // ---- a stream ----
  std::size_t ring_packets = 512;  ///< kept for NACKs, shared by all receivers; rounded up to a power of two
  std::size_t ring_bytes = std::size_t{512} << 10;
  std::size_t gaps = 64;           ///< missing packets that are asked for at once
  Duration keyframe_interval = std::chrono::milliseconds(500);  ///< between two requests to the publisher
  Duration reorder_delay = std::chrono::milliseconds(10);  ///< before a missing packet is asked for
  Duration nack_interval = std::chrono::milliseconds(60);  ///< between two requests for the same packet
  int nack_tries = 3;
  double sound_rate = 400'000;     ///< bit/s of what counts as sound of one publisher, whatever it says
  Duration pause_delay = std::chrono::seconds(2);  ///< before a publisher hears that nobody takes a layer
};

}  // namespace conclave::relay
