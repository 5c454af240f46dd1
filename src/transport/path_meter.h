// How media packets arrive over one hop, whatever stream they are of: what the sending end estimates the path from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "conclave/frame.h"
#include "conclave/time.h"
#include "transport/feedback.h"

namespace conclave::transport {

class PathMeter {
 public:
  static constexpr Duration report_interval = std::chrono::milliseconds(50);

  /// A packet arrived. What is lost is what the hop lost: gaps in the numbers of a stream may have come from its publisher.
  void note(const MediaHeader& header, std::size_t payload_size, Time now);
  /// Nothing when nothing arrived since the last one.
  std::optional<PathReport> report(Time now);
  /// When `report` has something to say; `never` while nothing arrives.
  [[nodiscard]] Time next_report() const { return next_report_; }

 private:
  PathReport arrivals_;
  std::optional<std::uint32_t> least_transit_;
  Time last_arrival_{};
  Time next_report_ = never;
};

}  // namespace conclave::transport
