// Media frames after sealing: what a relay may see of them, and the only types that a transport takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "conclave/bytes.h"
#include "conclave/time.h"

namespace conclave {

class FrameSealer;

/// What a relay sees of a frame. Identical in every fragment of it, and authenticated end to end as SFrame metadata
/// (RFC 9605 section 4.4.3), so that a relay can read it but not change it. Says nothing of identity, codec or capture time.
struct FrameInfo {
  std::uint16_t stream_id = 0;     ///< room-local, random, new with each epoch
  std::uint16_t frame_number = 0;  ///< counts frames of the stream, modulo 2^16
  bool keyframe = false;           ///< decodable without any earlier frame
  bool discardable = false;        ///< no later frame refers to it
  bool layer_sync = false;         ///< a receiver may begin this temporal layer here
  std::uint8_t temporal_layer = 0; ///< 0–7
  std::uint8_t spatial_layer = 0;  ///< 0–3
  std::uint8_t priority = 0;       ///< 0–7, higher first; audio is 7
  std::uint8_t base_layer_index = 0;  ///< counts frames of temporal layer 0, modulo 2^8

  friend bool operator==(const FrameInfo&, const FrameInfo&) = default;
};

/// A whole sealed frame. Only a sealer makes one: there is no path by which plaintext reaches a transport.
class SealedFrame {
 public:
  [[nodiscard]] const FrameInfo& info() const { return info_; }  ///< what the relay sees of it
  [[nodiscard]] ByteView bytes() const { return *bytes_; }  ///< header, ciphertext and tag

 private:
  friend class FrameSealer;
  friend class SealedPayload;
  SealedFrame(FrameInfo info, Bytes bytes) : info_(info), bytes_(std::make_shared<const Bytes>(std::move(bytes))) {}
  FrameInfo info_;
  std::shared_ptr<const Bytes> bytes_;
};

/// Ciphertext of a media packet: a window on a sealed frame, or what came from the network. Copies share the bytes.
class SealedPayload {
 public:
  SealedPayload() = default;

  /// `size` bytes from `offset` of the frame; the window lies inside it.
  static SealedPayload fragment_of(const SealedFrame& frame, std::size_t offset, std::size_t size) {
    return SealedPayload(frame.bytes_, offset, size);
  }

  /// What a peer sent: for transports and relays, whose input is sealed or garbage, never plaintext of ours.
  static SealedPayload received(ByteView bytes) {
    return SealedPayload(std::make_shared<const Bytes>(bytes.begin(), bytes.end()), 0, bytes.size());
  }

  [[nodiscard]] ByteView bytes() const { return bytes_ ? ByteView(*bytes_).subspan(offset_, size_) : ByteView(); }  ///< header, ciphertext and tag
  [[nodiscard]] std::size_t size() const { return size_; }  ///< in bytes

 private:
  SealedPayload(std::shared_ptr<const Bytes> bytes, std::size_t offset, std::size_t size)
      : bytes_(std::move(bytes)), offset_(offset), size_(size) {}
  std::shared_ptr<const Bytes> bytes_;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;
};

/// The header of one media packet: the frame's, and where the packet stands in the stream.
struct MediaHeader {
  FrameInfo frame;
  std::uint32_t stream_sequence = 0;  ///< counts packets of the stream, modulo 2^24: gaps are losses
  bool start = false;                 ///< first fragment of its frame
  bool end = false;                   ///< last fragment of its frame
  bool fec = false;                   ///< repair packet
  bool retransmission = false;        ///< answers a NACK
  bool per_packet = false;            ///< the payload is sealed by itself, not a fragment of a sealed frame
  std::uint32_t send_time = 0;        ///< units of 64 us, modulo 2^24, of this hop's sender
  std::uint32_t hop_lost = 0;         ///< datagrams of this hop that had not come when this one did, modulo 2^32; the receiving transport counts them
};

/// What a transport carries of a frame: a relay-visible header, and a part of the sealed payload.
struct MediaPacket {
  MediaHeader header;
  SealedPayload payload;
};

/// The largest datagram that leaves us before the path MTU is probed: UDP payload, headers of ours included.
inline constexpr std::size_t max_datagram_size = 1200;

/// The payload of a media packet that every transport carries: a datagram without the hop's 40 bytes.
inline constexpr std::size_t max_media_payload_size = max_datagram_size - 40;

}  // namespace conclave
