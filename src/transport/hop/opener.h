// The receiving end of one direction of a hop.
#pragma once

#include <cstdint>
#include <memory>
#include <variant>

#include "base/replay_window.h"
#include "conclave/bytes.h"
#include "conclave/transport.h"
#include "transport/hop/keys.h"
#include "transport/hop/record.h"

namespace conclave::transport::hop {

/// Why a packet was dropped. Nothing dropped changed any state.
enum class Drop : std::uint8_t { malformed, forged, replayed };

struct PathChallenge {
  PathData data{};
};
struct PathResponse {
  PathData data{};
};

using Content = std::variant<MediaPacket, TransportFeedback, PathChallenge, PathResponse>;

/// An authentic packet that was not seen before.
struct OpenedPacket {
  Content content;
  bool newest = false;  ///< its number is the highest so far
};

/// Opens packets of one connection; refuses numbers that it has seen or that are older than the window of 1,024, and parity whose payload is not sealed.
class Opener {
 public:
  explicit Opener(const DirectionSecret& secret);

  std::variant<OpenedPacket, Drop> open(ByteView datagram);

 private:
  /// Packets of every type that were sent before the highest seen, and have not come.
  [[nodiscard]] std::uint32_t lost() const { return static_cast<std::uint32_t>(seen_.next() - accepted_); }
  [[nodiscard]] const PhaseKey* key_for(std::uint8_t key_phase);
  void advance_to(std::uint8_t key_phase);

  DirectionSecret next_secret_;  ///< of the phase after the current one
  PhaseKey current_;
  // A kilobyte each, for what happens once in 2^30 packets.
  std::unique_ptr<PhaseKey> previous_;
  std::unique_ptr<PhaseKey> next_;  ///< made when a packet claims it, and kept: who forges many has it made once
  std::uint64_t phase_ = 0;
  ReplayWindow seen_;
  std::uint64_t accepted_ = 0;
};

}  // namespace conclave::transport::hop
