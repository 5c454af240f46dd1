// The inside of `FrameSealer`.
#pragma once

#include "conclave/frame_sealer.h"
#include "session/frame_keys.h"
#include "session/frame_statement.h"
#include "sframe/sealer.h"

namespace conclave {

struct FrameSealer::State {
  State(sframe::Sealer frame_sealer, std::shared_ptr<const session::EpochGate> epoch_gate, std::uint64_t number, std::uint8_t stream_number,
        FrameMode frame_mode)
      : sealer(std::move(frame_sealer)), gate(std::move(epoch_gate)), epoch(number), stream(stream_number), mode(frame_mode) {}

  /// Of rooms whose frames are signed, in which all are whole.
  struct Signing {
    room::RoomId room_id{};
    std::shared_ptr<const crypto::SignaturePrivateKey> key;
    MemberId self = 0;
    std::optional<session::FrameSigner> batches;  ///< where one signature is for several frames
    session::FrameStatement statement{};          ///< that is to be made
    session::FrameHistory history{};              ///< of the epoch
  };

  Result<std::size_t> seal(ByteView frame, ByteView metadata, ByteSpan out);
  /// In a buffer of its own: the signature stands behind the frame, where the caller's has no place for it.
  Result<std::size_t> sign_and_seal(ByteView frame, ByteView metadata, ByteSpan out);
  Result<std::size_t> seal_in_batch(const session::FramePlace& place, ByteView frame, ByteView metadata, ByteSpan out);

  sframe::Sealer sealer;
  std::shared_ptr<const session::EpochGate> gate;
  std::uint64_t epoch;
  std::uint8_t stream;
  FrameMode mode;
  SealCounters counters;
  std::optional<Signing> signing;
};

}  // namespace conclave
