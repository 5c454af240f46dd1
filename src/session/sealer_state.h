// The inside of `FrameSealer`.
#pragma once

#include "conclave/frame_sealer.h"
#include "session/epoch_gate.h"
#include "sframe/sealer.h"

namespace conclave {

struct FrameSealer::State {
  State(sframe::Sealer frame_sealer, std::shared_ptr<const session::EpochGate> epoch_gate, std::uint64_t number, std::uint8_t stream_number,
        FrameMode frame_mode)
      : sealer(std::move(frame_sealer)), gate(std::move(epoch_gate)), epoch(number), stream(stream_number), mode(frame_mode) {}

  sframe::Sealer sealer;
  std::shared_ptr<const session::EpochGate> gate;
  std::uint64_t epoch;
  std::uint8_t stream;
  FrameMode mode;
  SealCounters counters;
};

}  // namespace conclave
