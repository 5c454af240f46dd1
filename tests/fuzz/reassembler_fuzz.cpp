#include <cstdlib>

#include "media/loss_tracker.h"
#include "media/reassembler.h"

/// Packets of six bytes: frame number, sequence, flags, size, time.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace conclave;
  media::Reassembler reassembler;
  media::LossTracker losses;
  Time now{};
  for (; size >= 6; data += 6, size -= 6) {
    MediaHeader header;
    header.frame.frame_number = data[0];
    header.stream_sequence = static_cast<std::uint32_t>(data[1] | (data[2] & 0x1F) << 8 | ((data[2] & 0xE0) != 0 ? 0xFF'E000 : 0));
    header.start = (data[3] & 1) != 0;
    header.end = (data[3] & 2) != 0;
    header.fec = (data[3] & 12) == 12;
    header.retransmission = (data[3] & 16) != 0;
    header.frame.keyframe = (data[3] & 0xE0) == 0xE0;
    header.send_time = data[5];
    now += Duration(data[5]) * 1'000;
    const auto frame = reassembler.push({header, SealedPayload::received(Bytes(data[4] * std::size_t{16}))}, now);
    if (frame && (frame->ciphertext.empty() || frame->ciphertext.size() > media::max_sealed_frame_size)) std::abort();
    losses.push(header, now);
    static_cast<void>(losses.due_nacks(now, Duration(50'000), Duration(200'000)));
    if (reassembler.frames_in_flight() > media::Reassembler::max_frames_in_flight) std::abort();
    if (reassembler.bytes_in_flight() > media::Reassembler::max_bytes_in_flight) std::abort();
  }
  return 0;
}
