// A path in virtual time, and what its receiver reports of it.
#pragma once

#include <map>
#include <optional>

#include "conclave/time.h"
#include "crypto/random.h"
#include "transport/path_meter.h"
#include "transport/hop/record.h"
#include "transport/memory/path.h"

namespace conclave::test {

struct PathShape {
  Duration delay{};
  Duration jitter{};
  double loss = 0;
  double rate = 0;    ///< bit/s; 0: unlimited
  Duration queue{};   ///< at that rate
};

class SimulatedPath {
 public:
  SimulatedPath(const PathShape& shape, std::uint64_t seed) : path_(impairments(shape), transport::memory::Dice(seed)) {}

  void change(const PathShape& shape) { shape_ = impairments(shape); }

  /// A packet of so much payload, and headers.
  void send(std::size_t payload, Time now) {
    if (shape_) path_.change(now, *shape_);
    shape_.reset();
    MediaHeader header;
    header.stream_sequence = sequence_++ & 0xffffff;
    header.send_time = transport::hop::send_time(now);
    for (const auto& arrival : path_.send(payload + 66, now)) arriving_.emplace(arrival.at, std::pair(header, payload));
  }

  /// What the receiver has said by now. Its words take no time.
  std::optional<transport::PathReport> take_report(Time now) {
    while (!arriving_.empty() && arriving_.begin()->first <= now && (meter_.next_report() == never || arriving_.begin()->first + skew < meter_.next_report())) {
      auto [header, payload] = arriving_.begin()->second;
      lost_ += static_cast<std::uint32_t>(static_cast<std::int64_t>(header.stream_sequence) - expected_);
      header.hop_lost = lost_;
      meter_.note(header, payload, arriving_.begin()->first + skew);
      expected_ = header.stream_sequence + 1;
      arriving_.erase(arriving_.begin());
      reported_at_ = meter_.next_report() - skew;
    }
    if (meter_.next_report() == never || reported_at_ > now) return std::nullopt;
    return meter_.report(reported_at_ + skew);
  }

 private:
  static constexpr Duration skew = std::chrono::hours(7);  ///< of the receiver's clock

  static transport::memory::Impairments impairments(const PathShape& shape) {
    transport::memory::Impairments out;
    out.delay = shape.delay;
    out.jitter = shape.jitter;
    out.loss = shape.loss;
    out.bandwidth = static_cast<std::uint64_t>(shape.rate);
    if (shape.rate > 0) out.queue = static_cast<std::size_t>(shape.rate / 8 * std::chrono::duration<double>(shape.queue).count()) + 1200;
    return out;
  }

  transport::memory::Path path_;
  std::optional<transport::memory::Impairments> shape_;
  std::multimap<Time, std::pair<MediaHeader, std::size_t>> arriving_;
  transport::PathMeter meter_;
  std::uint32_t sequence_ = 0;
  std::int64_t expected_ = 0;
  std::uint32_t lost_ = 0;
  Time reported_at_{};
};

}  // namespace conclave::test
