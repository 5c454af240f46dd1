// Packets of one stream that are about to get parity.
#pragma once

#include <cstddef>
#include <vector>

#include "conclave/time.h"
#include "transport/fec/parity.h"

namespace conclave::transport::fec {

/// Holds the packets, whose payloads are shared, until it is closed. Begins with whatever packet comes first.
class Block {
 public:
  /// False for a packet that has no place here: too far behind the first, or before it, or there already, or too large for parity.
  bool add(const MediaPacket& packet, Time now);
  [[nodiscard]] std::size_t size() const { return packets_.size(); }
  [[nodiscard]] bool empty() const { return packets_.empty(); }
  /// When the first came.
  [[nodiscard]] Time opened() const { return opened_; }
  /// Parity for what there is, in so many rows; empty from here on.
  std::vector<MediaPacket> close(std::size_t rows);
  void clear() { packets_.clear(); }

 private:
  Covered covered_;
  std::vector<MediaPacket> packets_;
  Time opened_{};
};

}  // namespace conclave::transport::fec
