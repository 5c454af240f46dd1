// Sealing and opening media frames (SFrame, RFC 9605) in buffers that the caller owns. No lock, no clock, and no allocation but for signatures.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "conclave/error.h"
#include "conclave/frame.h"
#include "conclave/frame_doubt.h"
#include "conclave/time.h"

namespace conclave {

struct FramesStated;

/// Names a member within its room: the leaf index in the MLS group (RFC 9420 section 4.1.1). Stable while the member stays,
/// given to somebody else after it left.
using MemberId = std::uint32_t;

/// SFrame cipher suites that a room may use (RFC 9605 section 4.5). The suite with tags of 4 bytes is not among them.
enum class FrameSuite : std::uint16_t {
  aes_128_ctr_hmac_sha256_80 = 0x0001,
  aes_128_ctr_hmac_sha256_64 = 0x0002,
  aes_128_gcm_sha256_128 = 0x0004,
  aes_256_gcm_sha512_128 = 0x0005,
  chacha20_poly1305_sha256_128 = 0xF001,  ///< private use: for machines without AES instructions
};

/// What of a frame stays readable. `whole` seals every byte and is right unless a packetiser or SFU outside of our control
/// must read codec headers; the others leave the bytes in the clear, authenticated, that such a one needs (docs/session.md).
/// H.264 and H.265 frames are byte streams with start codes, AV1 frames are temporal units of OBUs with sizes; start codes, OBU sizes,
/// temporal delimiters and padding may change on the way and are made uniform.
enum class FrameMode : std::uint8_t { whole, opus, vp8, vp9, av1, h264, h265 };

inline constexpr std::size_t max_streams = 16;  ///< of one member: stream numbers are below
/// The bytes that any header takes before the ciphertext of a whole frame.
inline constexpr std::size_t max_frame_header_size = 17;

/// The bytes that a sealed frame or packet of `size` bytes has at most.
constexpr std::size_t max_sealed_size(std::size_t size, FrameMode mode = FrameMode::whole) {
  if (mode == FrameMode::whole) return size + 128;  // a signature's 64 bytes among them, for rooms whose frames are signed
  // A codec whose bytes must not look like a start code grows by an emulation prevention byte for two at worst.
  if (mode == FrameMode::h264 || mode == FrameMode::h265) return size + size / 2 + 128;
  return size + (mode == FrameMode::av1 ? 128 : 64);
}

/// What became of a sealed frame. All but `opened` drop it.
enum class FrameStatus : std::uint8_t {
  opened,
  malformed,         ///< not a sealed frame, or not one of this mode
  unknown_epoch,     ///< of an epoch that is over, or that we have not entered yet
  not_in_roster,     ///< nobody in the epoch has this index
  unknown_stream,    ///< the stream number is above the limit
  no_right,          ///< the member may not send this stream
  wrong_sender,      ///< authentic or not, it is not from whom the caller expects
  replayed,          ///< authentic, but seen before
  too_old,           ///< authentic, but behind the replay window of 1,024 frames
  forged,            ///< frame or metadata are not what the member sealed
  suspended,         ///< the session has failed closed
  buffer_too_small,  ///< nothing was written or changed; `size` is what is needed
  held,              ///< waits for the signature of its batch (`FrameOpener::next_proven`): counted again as `opened` or `forged` if that becomes whole
};
inline constexpr std::size_t frame_status_count = 13;

/// The name of a status, as it stands in the enum. Static storage.
const char* name_of(FrameStatus status);

/// `sender`, `stream` and `epoch` are authentic for `opened`, `replayed` and `too_old`; from `unknown_stream` on they are what the
/// frame claims; before that they are not set.
struct OpenedFrame {
  FrameStatus status = FrameStatus::malformed;
  MemberId sender = 0;
  std::uint8_t stream = 0;
  std::uint64_t epoch = 0;
  std::size_t size = 0;  ///< of the plaintext in `out`

  [[nodiscard]] bool opened() const { return status == FrameStatus::opened; }  ///< whether there is a plaintext
  /// Why it was dropped, with the participant where one is known. Only after `!opened()`.
  [[nodiscard]] Error error() const;
};

/// A frame of a batch, once its sender's signature was verified. The bytes are valid until the next call of the opener.
struct ProvenFrame {
  OpenedFrame frame;
  ByteView plaintext;
  ByteView metadata;  ///< with which it was sealed
};

/// Frames of one member's stream, by what became of them.
struct FrameCounters {
  std::array<std::uint64_t, frame_status_count> by_status{};
  [[nodiscard]] std::uint64_t operator[](FrameStatus status) const { return by_status[static_cast<std::size_t>(status)]; }  ///< of one status
};

/// Of one sealer.
struct SealCounters {
  std::uint64_t sealed = 0;
  std::uint64_t refused = 0;
};

/// Seals the frames of one stream in one epoch. Made by `Session::make_sealer`, once per stream and epoch, so that no nonce can
/// repeat. Move-only; each sealer for one thread at a time, different ones for as many threads as there are: what they share
/// does not change. Sealing allocates nothing, but for a signed copy where the room's frames are signed.
class FrameSealer {
 public:
  FrameSealer(FrameSealer&&) noexcept;
  FrameSealer& operator=(FrameSealer&&) noexcept;
  ~FrameSealer();

  /// Seals a frame, or a packet's payload, into `out` and authenticates `metadata` (at most 4,000 bytes) with it; returns the bytes
  /// written. `frame` may lie in `out`; without a copy, for whole frames, where it begins `header_size()` bytes into it.
  /// `buffer_too_small` with the size needed (nothing is written), `limit_exceeded` (frame, metadata, or no counter left:
  /// section 9.3), `wrong_epoch` (the epoch is over for sealing: take the next sealer), `diverged` (the session has failed
  /// closed), `malformed` (the frame is not of this sealer's mode), `invalid_state` after a move.
  Result<std::size_t> seal(ByteView frame, ByteView metadata, ByteSpan out);

  /// For transports of this library: the relay-visible part as metadata.
  Result<SealedFrame> seal(const FrameInfo& info, ByteView plaintext);

  /// Goes on under the keys of `next`, the same stream's sealer of a later epoch; the counters go on too.
  void take_up(FrameSealer next);

  /// Where frames are signed: what is to be said of those since the last call, by `Session::state_frames`, about once a second. Empty: nothing.
  Bytes take_statement();

  [[nodiscard]] std::uint64_t epoch() const;  ///< whose keys it seals under
  [[nodiscard]] std::uint8_t stream() const;  ///< that it seals
  [[nodiscard]] FrameMode mode() const;  ///< what it leaves readable
  /// The bytes before the ciphertext of the next whole frame.
  [[nodiscard]] std::size_t header_size() const;
  [[nodiscard]] const SealCounters& counters() const;  ///< of what it did

  struct State;
  explicit FrameSealer(std::unique_ptr<State> state);  ///< for `Session`

 private:
  std::unique_ptr<State> state_;
};

/// What an opener needs to know: the live epochs' keys, and who may send what in each. Immutable and cheap to copy to other threads.
class FrameKeys {
 public:
  FrameKeys() = default;
  struct State;
  explicit FrameKeys(std::shared_ptr<const State> state) : state_(std::move(state)) {}  ///< for `Session`
  [[nodiscard]] const State* state() const { return state_.get(); }  ///< for `Session`

 private:
  std::shared_ptr<const State> state_;
};

/// Opens the frames of other members: live epoch, roster, right, authentication, replay window, in this order. For one thread at a time.
/// Frames of one sender's stream must all go to one opener, since it holds the replay window. Opening allocates nothing but for the first
/// authentic frame of a stream, and to verify a signature; a frame that is refused changes nothing but a counter.
class FrameOpener {
 public:
  FrameOpener();
  FrameOpener(FrameOpener&&) noexcept;
  FrameOpener& operator=(FrameOpener&&) noexcept;
  ~FrameOpener();

  /// Takes up what `Session::frame_keys` gave, after each `EpochEntered`, `FrameKeysChanged` and `SessionSuspended`. Epochs that are not in it are erased. An opener that is late opens
  /// no frame of an epoch that is over, nor of a session that failed closed.
  void update(const FrameKeys& keys);

  /// Opens a frame, or a packet's payload, with which `metadata` was authenticated, into `out`, which may overlap `sealed` (whose bytes are then used
  /// up) and has room for `sealed.size()` bytes at most. With `sender`, frames of others are dropped. On any status but `opened` no plaintext is left.
  OpenedFrame open(std::optional<MemberId> sender, ByteView sealed, ByteView metadata, ByteSpan out, FrameMode mode = FrameMode::whole);

  /// For transports of this library.
  OpenedFrame open(const FrameInfo& info, ByteView sealed, ByteSpan out);

  /// Where sound is signed in batches, `open` gives `held`, and what the frame completed comes out here, in order, until there is nothing left. A batch that
  /// never becomes whole never comes out.
  std::optional<ProvenFrame> next_proven();

  /// What a member stated of its frames: for every opener of the room. The same may be said again, after `update` brought an epoch's keys.
  void hear_statement(const FramesStated& stated);
  /// Whose signed frames were not as stated; about once a second. Each once for a stream and epoch between two calls.
  std::vector<FrameDoubt> review_statements(Time now);
  [[nodiscard]] const StatementCounters& statements() const;  ///< over everybody

  /// What became of the frames of a member's stream, since it has its seat. Costs nothing to read.
  [[nodiscard]] FrameCounters counters(MemberId member, std::uint8_t stream) const;
  /// Over everything, frames without a known sender included.
  [[nodiscard]] const FrameCounters& totals() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace conclave
