// Sealed frames out: into packets of one stream, and kept for those that get lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/result.h"
#include "conclave/frame.h"

namespace conclave::media {

/// The largest sealed frame, in bytes, and the most fragments that it is cut into.
inline constexpr std::size_t max_sealed_frame_size = std::size_t{2} << 20;
inline constexpr std::size_t max_fragments = 1024;

/// Cuts the sealed frames of one stream into packets and numbers them.
class Packetizer {
 public:
  /// `first_sequence` numbers the first packet, modulo 2^24.
  explicit Packetizer(std::uint32_t first_sequence = 0) : next_sequence_(first_sequence) {}

  /// The fragments of `frame`, in order: as few as `max_payload_size` allows, their sizes at most one byte apart (equal
  /// sizes are what UDP GSO needs). `send_time` is left to the transport. `limit_exceeded` for an empty frame, one over
  /// `max_sealed_frame_size`, or more than `max_fragments`.
  Result<std::vector<MediaPacket>> split(const SealedFrame& frame, std::size_t max_payload_size);

 private:
  std::uint32_t next_sequence_;
};

/// What was sent of one stream in the last second, to be sent again.
class RetransmissionCache {
 public:
  static constexpr Duration default_age = std::chrono::seconds(1);
  static constexpr std::size_t default_bytes = std::size_t{4} << 20;
  /// A packet is sent again at most so often, whatever is asked.
  static constexpr int max_answers = 4;

  explicit RetransmissionCache(Duration max_age = default_age, std::size_t max_bytes = default_bytes)
      : max_age_(max_age), max_bytes_(max_bytes) {}

  /// Keeps `packet`, which must be the successor of the one kept before; a jump empties the cache first.
  void add(const MediaPacket& packet, Time now);

  /// The packet of that number, marked as a retransmission; nothing when it is too old, unknown, or was asked for too
  /// often.
  std::optional<MediaPacket> find(std::uint32_t sequence, Time now);

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Sent {
    MediaPacket packet;
    Time sent_at;
    int answers = 0;
  };
  void drop_front();
  void trim(Time now);

  Duration max_age_;
  std::size_t max_bytes_;
  std::deque<Sent> sent_;
  std::size_t bytes_ = 0;
};

}  // namespace conclave::media
