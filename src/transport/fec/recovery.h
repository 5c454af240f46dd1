// Packets of one stream that did not come, made from those that did and from parity. Everything it sees is unauthenticated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "transport/fec/parity.h"

namespace conclave::transport::fec {

/// Sleeps, and keeps nothing, while no parity comes. Awake it keeps the last `window` packets, and at most `max_blocks` blocks with parity.
/// What it makes is what a packet from the network is: it goes the same way. Each packet of parity is worked on once, and gives at
/// most as many packets as there was parity.
class Recovery {
 public:
  static constexpr std::size_t window = 64;
  static constexpr std::size_t max_blocks = 4;
  static constexpr std::size_t falls_asleep = 1024;  ///< packets after the last parity

  /// Takes a packet of the stream, parity or not; returns those that it makes known, marked as retransmissions.
  std::vector<MediaPacket> push(const MediaPacket& packet);

  [[nodiscard]] bool awake() const { return !packets_.empty(); }

 private:
  struct Block {
    Covered covered;
    std::size_t size = 0;  ///< of its symbols
    struct Row {
      std::uint8_t number = 0;
      SealedPayload payload;
    };
    std::vector<Row> rows;
    bool settled = false;  ///< nothing of it is missing, or nothing can be done
  };

  void keep(const MediaPacket& packet);
  [[nodiscard]] const MediaPacket* find(std::uint32_t sequence) const;
  void take(const MediaPacket& packet, const Parity& parity, std::vector<MediaPacket>& out);
  void settle(Block& block, std::uint16_t stream_id, std::vector<MediaPacket>& out);
  [[nodiscard]] std::vector<MediaPacket> solve(const Block& block, std::uint16_t stream_id, const std::vector<std::uint8_t>& there,
                                               const std::vector<std::uint8_t>& missing) const;
  void fall_asleep();

  struct Kept {
    bool there = false;
    MediaPacket packet;
  };
  std::vector<Kept> packets_;  ///< by the lowest bits of their sequences; empty: asleep
  std::vector<Block> blocks_;  ///< oldest first
  std::size_t since_parity_ = 0;
};

}  // namespace conclave::transport::fec
