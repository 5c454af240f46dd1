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
  /// False for a packet that has no place here: too far behind the first, or before it, or there already, or one too many, or too large for parity.
  bool add(const MediaPacket& packet, Time now);
  [[nodiscard]] std::size_t size() const { return packets_.size(); }
  [[nodiscard]] bool empty() const { return packets_.empty(); }
  /// When the first came.
  [[nodiscard]] Time opened() const { return opened_; }
  /// Of the payload of each packet of parity, in bytes.
  [[nodiscard]] std::size_t parity_size() const { return parity_overhead + largest_; }
  /// Parity for what there is, in so many rows; empty from here on.
  std::vector<MediaPacket> close(std::size_t rows);

 private:
  Covered covered_;
  std::size_t largest_ = 0;  ///< of the symbols
  std::vector<MediaPacket> packets_;
  Time opened_{};
};

}  // namespace conclave::transport::fec
