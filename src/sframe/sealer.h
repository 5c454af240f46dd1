// Sealing the frames of one stream (RFC 9605 section 4.4.3).
#pragma once

#include "sframe/header.h"
#include "sframe/keys.h"

namespace conclave::sframe {

/// A frame longer than this is not sealed, and a sealed one not opened.
inline constexpr std::size_t max_frame_size = std::size_t{1} << 28;

/// The bytes that a sealed frame has at most.
constexpr std::size_t max_sealed_size(std::size_t frame_size) { return max_header_size + frame_size + max_tag_size; }

/// Seals the frames of one stream of one member in one epoch, each under the next counter. Move-only: the counter has one owner.
/// For one thread at a time; sealers of different streams share nothing that changes. Sealing allocates nothing.
class Sealer {
 public:
  Sealer(Sealer&& other) noexcept;
  Sealer& operator=(Sealer&& other) noexcept;
  ~Sealer() = default;

  /// Seals `frame`, which may be empty, and authenticates `metadata` with it; returns the bytes written to `out`:
  /// header, ciphertext and tag. `frame` may overlap `out`; without a copy where it begins `header_size()` bytes into it.
  /// `buffer_too_small` (nothing is written; `sealed_size` bytes are needed), `limit_exceeded` (a frame above `max_frame_size`,
  /// metadata above `max_metadata_size`, or no counter is left: the key is used up), `invalid_state` after a move.
  Result<std::size_t> seal(ByteView frame, ByteView metadata, ByteSpan out);

  /// Seals `body` in place and writes header and tag, one after the other, to `header_and_tag`, which has room for both at their
  /// largest; returns their size. For frames whose packetiser wants them elsewhere than around the ciphertext. Errors as of `seal`.
  Result<std::size_t> seal_apart(ByteSpan body, ByteView metadata, ByteSpan header_and_tag);

  /// The bytes of the next frame's header, and of that frame when sealed.
  [[nodiscard]] std::size_t header_size() const { return encoded_size({kid_, next_counter_}); }
  [[nodiscard]] std::size_t sealed_size(std::size_t frame_size) const { return header_size() + frame_size + key_.tag_size(); }

  [[nodiscard]] std::uint64_t kid() const { return kid_; }
  /// The counter of the next frame: as many frames were sealed, if counting began at zero.
  [[nodiscard]] std::uint64_t next_counter() const { return next_counter_; }
  [[nodiscard]] std::size_t tag_size() const { return key_.tag_size(); }

 private:
  friend class SealingRight;
  Sealer(const EpochKeys& keys, std::uint64_t kid, std::uint64_t first_counter);
  /// Takes the next counter: spent before it is used (section 9.1), and never wrapped.
  void spend();
  /// Why `seal` refuses.
  [[nodiscard]] Error refusal(std::size_t frame_size, std::size_t metadata_size) const;

  FrameKey key_;
  std::uint64_t kid_;
  std::uint64_t next_counter_;
  bool usable_ = true;  ///< false when the last counter was used, and after a move
};

}  // namespace conclave::sframe
