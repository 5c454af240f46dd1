// The inside of `FrameKeys`: live epochs, and who may send what in each.
#pragma once

#include <memory>
#include <vector>

#include "conclave/frame_sealer.h"
#include "session/epoch_gate.h"
#include "session/frame_signature.h"
#include "sframe/opener.h"

namespace conclave {

namespace session {

/// Whose identity key is at which seat in an epoch, ascending; of everybody, whether or not it may send.
using SeatOwners = std::vector<std::pair<MemberId, Bytes>>;

}  // namespace session

struct FrameKeys::State {
  struct Seat {
    MemberId member = 0;
    sframe::StreamSet streams = 0;
    std::shared_ptr<const crypto::SignaturePublicKey> key;  ///< where frames are signed; without one nothing of it opens
    std::shared_ptr<const session::Speaker> speaker;        ///< whose seat it is, likewise
    sframe::StreamSet entitled = 0;                         ///< by the room's policy, whether or not this end listens
  };
  struct Epoch {
    std::shared_ptr<const sframe::EpochKeys> keys;
    std::shared_ptr<const session::EpochGate> gate;
    std::vector<Seat> seats;
    session::SigningRule rule;
    std::shared_ptr<const session::SeatOwners> owners;
  };
  std::vector<Epoch> epochs;      ///< oldest first
  std::vector<MemberId> silent{};  ///< of the members of now: those of whom everybody was told that they are not heard
};

namespace session {

/// The context of a KID (RFC 9605 section 5.2): the stream's number, and whether it is sealed codec-aware, so that a
/// frame of one mode never opens in the other.
constexpr std::uint64_t kid_context(std::uint8_t stream, FrameMode mode) { return stream * std::uint64_t{2} + (mode == FrameMode::whole ? 0 : 1); }
constexpr std::size_t max_contexts = 2 * max_streams;

/// A set of streams as one of contexts.
constexpr sframe::StreamSet contexts_of(std::uint16_t streams) {
  sframe::StreamSet contexts = 0;
  for (unsigned stream = 0; stream < max_streams; ++stream) {
    if ((streams >> stream & 1U) != 0) contexts |= 3U << (2 * stream);
  }
  return contexts;
}

}  // namespace session
}  // namespace conclave
