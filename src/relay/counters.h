// What one relay has done and refused since it started, by reason. No identifiers.
#pragma once

#include <cstdint>

namespace conclave::relay {

struct Counters {
  // Connections and rooms.
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;   ///< over the limit
  std::uint64_t connections_timed_out = 0; ///< no Hello, or nothing after it
  std::uint64_t connections_slow = 0;      ///< did not take what was sent to them
  std::uint64_t rooms_opened = 0;
  std::uint64_t rooms_refused = 0;         ///< open already, over the limit, or while the relay drains
  std::uint64_t rooms_not_permitted = 0;   ///< by who may not open rooms here
  std::uint64_t rooms_closed = 0;

  std::uint64_t rooms_restored = 0;        ///< from the store, at the start

  // Seats.
  std::uint64_t seats_kept = 0;            ///< their connections broke
  std::uint64_t seats_resumed = 0;
  std::uint64_t seats_over_limit = 0;      ///< not kept: too many of their address wait already
  std::uint64_t seats_expired = 0;         ///< nobody came back for them
  std::uint64_t resumes_refused = 0;       ///< no such seat, another token, too often, or the log no longer reaches back

  // Messages that were dropped.
  std::uint64_t malformed = 0;
  std::uint64_t out_of_place = 0;          ///< well-formed, but not from this connection now
  std::uint64_t over_limit = 0;            ///< the connection was closed for it
  std::uint64_t version_mismatch = 0;

  std::uint64_t messages_held = 0;         ///< waited until what they tell of was written down

  // The door.
  std::uint64_t knocks_forwarded = 0;
  std::uint64_t knocks_forged = 0;         ///< no such room, or not signed under its gate key over this connection's challenge
  std::uint64_t knocks_over_limit = 0;     ///< the waiting room was full, or the pace of the link exceeded
  std::uint64_t knocks_refused = 0;        ///< by a member
  std::uint64_t knocks_expired = 0;
  std::uint64_t knocks_withdrawn = 0;
  std::uint64_t admissions = 0;
  std::uint64_t welcomes_dropped = 0;      ///< from who may not admit, for nobody, or no longer in the log

  // The log.
  std::uint64_t commits = 0;
  std::uint64_t commits_contested = 0;     ///< not the first for their epoch
  std::uint64_t broadcasts = 0;

  // Media.
  std::uint64_t media_received = 0;
  std::uint64_t media_forwarded = 0;       ///< packets times receivers
  std::uint64_t media_layer_dropped = 0;   ///< packets times receivers that take fewer layers
  std::uint64_t media_pacer_dropped = 0;   ///< pictures' packets that waited too long for a narrow path
  std::uint64_t layers_paused = 0;         ///< times that a publisher was told that nobody takes a layer
  std::uint64_t media_not_member = 0;
  std::uint64_t media_foreign_stream = 0;  ///< not a stream that this connection publishes
  std::uint64_t media_over_limit = 0;
  std::uint64_t media_duplicate = 0;
  std::uint64_t media_late = 0;            ///< older than the ring
  std::uint64_t streams_taken = 0;         ///< published with an id that another member has
  std::uint64_t streams_over_limit = 0;

  // Feedback.
  std::uint64_t feedback_malformed = 0;
  std::uint64_t feedback_over_limit = 0;
  std::uint64_t feedback_foreign_stream = 0;  ///< about a stream that the connection does not receive
  std::uint64_t reports = 0;
  std::uint64_t path_reports = 0;
  std::uint64_t paths_narrowed = 0;        ///< paths that showed a limit, each time that one did
  std::uint64_t paths_widened = 0;         ///< those that carry everything again
  std::uint64_t paths_cut = 0;             ///< budgets that were cut: a queue grew, or much was lost
  std::uint64_t paths_tried = 0;           ///< improvements that were tried without knowing that the path carries them
  std::uint64_t layers_raised = 0;         ///< streams that a narrow path gets better than before
  std::uint64_t layers_lowered = 0;
  std::uint64_t keyframes_requested = 0;   ///< by receivers
  std::uint64_t keyframes_forwarded = 0;   ///< to publishers, after merging
  std::uint64_t retransmissions = 0;       ///< NACKs answered from a ring
  std::uint64_t nacks_unanswered = 0;      ///< the ring does not have it
  std::uint64_t nacks_over_limit = 0;
  std::uint64_t uplink_nacks = 0;          ///< packets asked for at publishers

  // What is sent beside media where much is lost.
  std::uint64_t paths_guarded = 0;         ///< times that a path began to lose packets
  std::uint64_t parity_sent = 0;
  std::uint64_t sounds_repeated = 0;
  std::uint64_t uplink_repaired = 0;       ///< packets made from publishers' parity
};

}  // namespace conclave::relay
