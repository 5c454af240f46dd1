// How old pictures are when they are seen.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>

#include "conclave/client.h"

namespace conclave::call {

/// One-way delays from capture to screen. They mean something where both members share a monotonic clock, that is on
/// one machine; what cannot be a delay (negative, or ten seconds and more) is left out.
struct DelaySummary {
  enum class Basis { none, picture, frame };
  Basis basis = Basis::none;  ///< read from the picture itself, or else from the sealed frame's capture time
  std::uint64_t samples = 0;
  Duration p50{};
  Duration p95{};
};

/// A sink that measures each picture shown.
class DelayMeter final : public MediaSink {
 public:
  void show(MemberId member, const VideoFrame& picture, Time now) override;

  /// Of the whole call.
  [[nodiscard]] DelaySummary summary() const;
  /// The newest delay.
  [[nodiscard]] std::optional<Duration> newest() const;

 private:
  static constexpr std::size_t buckets = 10'000;  ///< of a millisecond

  [[nodiscard]] Duration quantile(double share) const;
  void add(Duration delay, DelaySummary::Basis basis);

  mutable std::mutex mutex_;
  DelaySummary::Basis basis_ = DelaySummary::Basis::none;
  std::uint64_t samples_ = 0;
  std::array<std::uint32_t, buckets> histogram_{};
  std::optional<Duration> newest_;
};

}  // namespace conclave::call
