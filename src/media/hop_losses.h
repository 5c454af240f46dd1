// What our hop has lost, whatever it was of.
#pragma once

#include <cstdint>

#include "conclave/frame.h"

namespace conclave::media {

/// Only ever grows: also by a datagram that comes after all, late.
class HopLosses {
 public:
  /// Note every packet of media, of all streams, in the order of their arrival.
  void note(const MediaHeader& header) {
    const auto more = static_cast<std::int32_t>(header.hop_lost - last_);
    if (more > 0) total_ += static_cast<std::uint64_t>(more);
    last_ = header.hop_lost;
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  std::uint32_t last_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace conclave::media
