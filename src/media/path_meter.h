// How media packets arrive over one hop, whatever stream they are of: what the sending end estimates the path from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "conclave/frame.h"
#include "conclave/time.h"

namespace conclave::media {

/// Counts run from the first packet on, modulo 2^32; times are in units of 64 us, modulo 2^24.
struct PathArrivals {
  std::uint32_t packets = 0;
  std::uint32_t lost = 0;           ///< datagrams of the hop, as the transport counts them
  std::uint32_t bytes = 0;
  std::uint32_t least_transit = 0;  ///< since the last report: arrival on this clock less send time on the other
  std::uint32_t last_send_time = 0;
  std::uint32_t held = 0;           ///< since the newest packet arrived
};

class PathMeter {
 public:
  static constexpr Duration report_interval = std::chrono::milliseconds(50);

  /// A packet arrived. What is lost is what the hop lost: gaps in the numbers of a stream may have come from its publisher.
  void note(const MediaHeader& header, std::size_t payload_size, Time now);
  /// Nothing when nothing arrived since the last one.
  std::optional<PathArrivals> report(Time now);
  /// When `report` has something to say; `never` while nothing arrives.
  [[nodiscard]] Time next_report() const { return next_report_; }

 private:
  PathArrivals arrivals_;
  std::optional<std::uint32_t> least_transit_;
  Time last_arrival_{};
  Time next_report_ = never;
};

}  // namespace conclave::media
