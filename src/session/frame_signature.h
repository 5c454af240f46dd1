// Signed frames: whoever holds the media keys of an epoch, and the relay with them, cannot speak as somebody else.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/secret_buffer.h"
#include "conclave/policy.h"
#include "crypto/signature.h"
#include "room/identity.h"

namespace conclave::session {

/// Which history of the room an epoch belongs to: MLS-Exporter("conclave frame signing", "", 32). A number says too little: whoever is led into a fork
/// signs under the same numbers as in the room afterwards.
using FrameHistory = std::array<std::uint8_t, 32>;

/// Whether the frames of an epoch are signed, and in which room.
struct SigningRule {
  room::RoomId room_id{};
  FrameSigning signing = FrameSigning::none;
  FrameHistory history{};

  [[nodiscard]] bool signs() const { return signing != FrameSigning::none; }
  /// How the frames of one of a sender's contexts (frame_keys.h) are signed: batches are for sound, which comes often and is small.
  [[nodiscard]] FrameSigning of(std::uint64_t context) const;
};

/// Which frame it is: as sealed (RFC 9605 section 4.4), so that a signed frame that is sealed again elsewhere is another one.
struct FramePlace {
  std::uint64_t epoch = 0;
  std::uint32_t sender = 0;
  std::uint64_t context = 0;  ///< of the sender's streams
  std::uint64_t counter = 0;  ///< of SFrame
  FrameHistory history{};     ///< of the epoch
};

/// Who signs: a seat is given to somebody else once its member has left.
struct Speaker {
  Bytes identity_key;
  std::string display_name;
};

inline constexpr std::size_t frame_signature_size = 64;  // Ed25519
/// Frames of sound under one signature: with 20 ms each, two wait 20 and 40 ms for the third.
inline constexpr std::uint64_t frames_per_batch = 3;
/// Of a frame in a batch: what is held before it is proven is bounded by this.
inline constexpr std::size_t max_batched_frame = 4096;

/// How a stream is signed. A batch is three counters in a row, from a multiple of three on; its last frame carries the signature.
///
///     content     = SHA-256 ("conclave frame content v1" || 0 || opaque metadata<V> || plaintext)
///     frame hash  = SHA-256 ("conclave frame v3" || 0 || room_id || history || uint64 epoch || uint32 sender || uint64 context || uint64 counter || content)
///     per frame   : plaintext || Ed25519 ("conclave signed frame v1" || 0 || frame hash)
///     batched     : the third plaintext || Ed25519 ("conclave signed batch v1" || 0 || three frame hashes)
///
/// What a frame carries behind its plaintext, in bytes.
std::size_t signature_overhead(FrameSigning signing, std::uint64_t counter);

/// Short for the frame hashes under one signature, in order: what a sender states of them in the room's log (frame_statement.h). Who could
/// find two lists with the same one would have to try 2^64 of them, for a place that nobody else can sign for.
///
///     SHA-256 ("conclave stated frames v1" || 0 || frame hashes) [0..16]
using UnitDigest = std::array<std::uint8_t, 16>;

/// What a sender signed at once, without the contents: a frame, or the frames of a batch. Proof towards anybody who knows its key.
struct SignedUnit {
  FramePlace place;  ///< of its first frame
  Bytes contents;    ///< the content hash of each
  Bytes signature;

  [[nodiscard]] bool batch() const;
  /// Which one of its stream it is: frames are counted by frames, batches by batches.
  [[nodiscard]] std::uint64_t number() const;
  [[nodiscard]] UnitDigest digest(const room::RoomId& room_id) const;
  [[nodiscard]] bool verify(const room::RoomId& room_id, const crypto::SignaturePublicKey& key) const;
};

/// Signs the plaintext in `frame` as `per_frame` has it, into the bytes behind it: the last `frame_signature_size` of `frame`.
Result<UnitDigest> sign_frame(const room::RoomId& room_id, const crypto::SignaturePrivateKey& key, const FramePlace& place, ByteView metadata, ByteSpan frame);

/// What was signed, where `opened` is a plaintext with the signature of `key` behind it, as `per_frame` has it; else nothing.
std::optional<SignedUnit> verify_frame(const room::RoomId& room_id, const crypto::SignaturePublicKey& key, const FramePlace& place, ByteView metadata, ByteView opened);

/// Signs the frames of one stream, in the order of their counters.
class FrameSigner {
 public:
  FrameSigner(const room::RoomId& room_id, FrameSigning signing) : room_id_(room_id), signing_(signing) {}

  /// Appends what the frame carries to `plaintext`. The same counter may come again: then the frame before was not sealed. `limit_exceeded` for a frame
  /// that is too long for a batch.
  Result<void> sign(const crypto::SignaturePrivateKey& key, const FramePlace& place, ByteView metadata, Bytes& plaintext);
  /// Of what the last call signed: nothing when it was not the last frame of a batch.
  [[nodiscard]] const std::optional<UnitDigest>& signed_now() const { return signed_now_; }

 private:
  room::RoomId room_id_;
  FrameSigning signing_;
  Bytes batch_;              ///< hashes of the batch so far
  std::uint64_t first_ = 0;  ///< the counter that it begins with
  std::optional<UnitDigest> signed_now_;
};

/// Verifies the frames of one stream of one sender in one epoch. Holds a few batches that are not whole, and gives up the one that was begun first for a
/// new one: who floods it with forged frames has to go on doing so.
class FrameVerifier {
 public:
  FrameVerifier(const room::RoomId& room_id, crypto::SignaturePublicKey key, FrameSigning signing)
      : room_id_(room_id), key_(std::move(key)), signing_(signing) {}

  /// A frame that its sender signed, without its signature. `tag` is the caller's.
  struct Verified {
    std::uint64_t counter = 0;
    std::uint64_t tag = 0;
    Bytes metadata;
    SecretBuffer plaintext;
  };

  /// Takes an opened frame; returns what is proven by now, in order. What is missing, cut or not signed never comes out.
  std::vector<Verified> push(const FramePlace& place, ByteView metadata, ByteView opened, std::uint64_t tag);
  /// What proved the frames that the last call gave; nothing when it gave none.
  [[nodiscard]] const std::optional<SignedUnit>& proof() const { return proof_; }

  [[nodiscard]] std::uint64_t unsigned_frames() const { return unsigned_; }  ///< forged, or of a batch that never became whole
  [[nodiscard]] std::uint64_t forged_frames() const { return forged_; }      ///< of these, the ones whose signature is not the sender's

 private:
  static constexpr std::size_t max_batches = 4;
  struct Held {
    Verified frame;
    Bytes content;
  };
  struct Batch {
    FramePlace place;  ///< of its first frame
    std::vector<Held> frames;
    Bytes signature;
  };

  std::vector<Verified> push_single(const FramePlace& place, Held frame, ByteView signature);
  std::vector<Verified> push_batched(const FramePlace& place, Held frame, ByteView signature);
  Batch& batch_of(const FramePlace& place);
  std::vector<Verified> settle(Batch& batch);

  room::RoomId room_id_;
  crypto::SignaturePublicKey key_;
  FrameSigning signing_;
  std::optional<SignedUnit> proof_;
  std::deque<Batch> batches_;  ///< in the order in which they were begun
  std::uint64_t unsigned_ = 0;
  std::uint64_t forged_ = 0;
};

}  // namespace conclave::session
