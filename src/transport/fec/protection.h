// What is sent beside the packets of a path that loses some: parity for pictures, and sound twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "transport/fec/block.h"
#include "transport/fec/loss_average.h"

namespace conclave::transport::fec {

/// What a path gives for it at present.
struct Terms {
  double loss = 0;        ///< of what is sent, 0 to 1
  bool sound_twice = false;
  bool pictures = false;  ///< get parity
  bool base_layers_alone = false;
  double rate = 0;        ///< bits a second that may be spent on all of it
};

/// So many rows that of all blocks of `packets` about two in a hundred lose more, at most half as many as packets. 1 to `max_rows`.
std::size_t rows_for(std::size_t packets, double loss);

/// Of one path. A block of a stream is closed when it has `most_packets`, or is `longest` old; pictures that begin later are another's. Sound is repeated
/// behind the packet after it, so that a burst of one does no harm.
class Protection {
 public:
  static constexpr std::size_t most_packets = 16;
  static constexpr Duration longest = std::chrono::milliseconds(85);  ///< three pictures at 25 a second

  void set_terms(const Terms& terms, Time now);
  [[nodiscard]] const Terms& terms() const { return terms_; }

  /// A packet went, under the receiver's number for it; returns what goes behind it.
  std::vector<MediaPacket> sent(const MediaPacket& packet, bool sound, Time now);
  /// What is due without a packet.
  std::vector<MediaPacket> due(Time now);
  [[nodiscard]] Time next_deadline() const { return openings_.empty() ? never : openings_.begin()->first + longest; }
  /// Nothing more comes of the stream.
  void forget(std::uint16_t stream_id);

  /// Bits a second that it took lately.
  [[nodiscard]] double cost() const { return cost_; }
  /// Streams of which a packet is kept. Of one that has ended, or goes by another id, none is before long.
  [[nodiscard]] std::size_t streams() const { return blocks_.size() + sounds_.size(); }

 private:
  struct Sound {
    MediaPacket packet;
    Time at{};
  };
  using Blocks = std::map<std::uint16_t, Block>;  ///< none of them is empty

  void refill(Time now);
  std::size_t spend(std::size_t payload, std::size_t packets, double leaving);
  void repeat(const MediaPacket& packet, Time now, std::vector<MediaPacket>& out);
  void cover(const MediaPacket& packet, Time now, std::vector<MediaPacket>& out);
  void close(Blocks::iterator open, std::vector<MediaPacket>& out);

  Terms terms_;
  Blocks blocks_;
  std::set<std::pair<Time, std::uint16_t>> openings_;  ///< of `blocks_`, in order
  std::map<std::uint16_t, Sound> sounds_;              ///< the last of each stream
  double credit_ = 0;  ///< bits
  double cost_ = 0;
  double spent_ = 0;   ///< bits since `measured_`
  Time refilled_{};
  Time measured_{};
};

}  // namespace conclave::transport::fec
