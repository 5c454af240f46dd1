// Feedback datagrams about media, between a member and a relay. The relay routes by stream id.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "base/result.h"
#include "conclave/bytes.h"
#include "conclave/time.h"

namespace conclave::transport {

inline constexpr std::size_t max_feedback_size = 1100;
inline constexpr std::size_t max_nack_sequences = 256;

/// Packets of a stream that are missing, to be sent again (after RFC 4585 section 6.2.1).
struct Nack {
  std::uint16_t stream_id = 0;
  std::vector<std::uint32_t> sequences;  ///< 1–256, each a 24-bit stream sequence
};

/// A decoder of the stream needs a keyframe (after RFC 4585 PLI / RFC 5104 FIR).
struct KeyframeRequest {
  std::uint16_t stream_id = 0;
  std::uint8_t spatial_layers = 0x0f;  ///< a bit for each layer that it is needed of; 1-15
};

/// What arrived of a stream since the last report: for bandwidth estimation and for the statistics of both ends.
struct ReceiverReport {
  std::uint16_t stream_id = 0;
  std::uint32_t highest_sequence = 0;
  std::uint32_t received = 0;  ///< packets since the last report
  std::uint32_t lost = 0;      ///< of those expected since the last report
  std::uint32_t jitter = 0;    ///< us, as RFC 3550 section 6.4.1 estimates it
  std::uint32_t last_send_time = 0;  ///< of the newest packet, in its units
  std::uint32_t delay_since_last = 0;  ///< us between its arrival and this report
};

/// How all media packets of the hop arrived, every 50 ms while some do: what the sending end estimates the path from. Counts run since
/// the connection began, modulo 2^32, so that a lost report loses nothing. Times are in units of 64 us, modulo 2^24.
struct PathReport {
  std::uint32_t packets = 0;
  std::uint32_t lost = 0;            ///< gaps that no packet of the first sending filled
  std::uint32_t bytes = 0;           ///< of payloads
  std::uint32_t least_transit = 0;   ///< since the last report: arrival on the receiver's clock, less send time
  std::uint32_t last_send_time = 0;  ///< of the newest packet
  std::uint32_t held = 0;            ///< between its arrival and this report
};

/// Was said before the other, and overtaken by it.
[[nodiscard]] inline bool is_older(const PathReport& report, const PathReport& other) {
  return static_cast<std::int32_t>(report.packets - other.packets) < 0;
}

using Feedback = std::variant<Nack, KeyframeRequest, ReceiverReport, PathReport>;

/// One datagram of at most 1,100 bytes. `limit_exceeded` when the items do not fit; `invalid_argument` when there are
/// none, or a field is outside its range.
Result<Bytes> encode_feedback(const std::vector<Feedback>& items);
/// Strict: unknown types, truncated items, trailing bytes and an empty or oversized datagram are `malformed`.
Result<std::vector<Feedback>> decode_feedback(ByteView datagram);

}  // namespace conclave::transport
