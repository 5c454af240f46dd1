// Sealed frames in: packets of one stream made whole again. Everything it sees is unauthenticated.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>

#include "conclave/frame.h"
#include "conclave/time.h"
#include "media/packetizer.h"

namespace conclave::media {

/// A frame whose fragments are all there; neither authenticated nor opened.
struct ReassembledFrame {
  FrameInfo info;
  Bytes ciphertext;
  Time arrival{};  ///< of the fragment that completed it
};

/// Packets and frames by what became of them. `packets` is the sum of the accepted, `duplicate`, `inconsistent` and
/// `unsupported` ones.
struct ReassemblerCounters {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;         ///< of their payloads
  std::uint64_t frames = 0;        ///< made whole
  std::uint64_t duplicate = 0;     ///< fragments there already, or of a frame already made whole
  std::uint64_t inconsistent = 0;  ///< fragments that contradict what came before of the same frame, or the limits
  std::uint64_t unsupported = 0;   ///< repair packets and packets sealed by themselves
  std::uint64_t incomplete = 0;    ///< frames given up: too old, or pushed out by newer ones
};

/// Collects fragments per frame. The fragments of one frame carry consecutive sequences from `start` to `end`; that
/// alone says when a frame is whole, so that nothing is allocated on the word of a header. A forged fragment spoils at
/// most the frame that it claims to belong to.
class Reassembler {
 public:
  static constexpr std::size_t max_frames_in_flight = 64;
  static constexpr std::size_t max_bytes_in_flight = std::size_t{4} << 20;
  static constexpr Duration max_age = std::chrono::seconds(2);

  /// Takes one packet of the stream; returns the frame that it completes. The payload is shared, not copied, until
  /// then.
  std::optional<ReassembledFrame> push(const MediaPacket& packet, Time now);

  /// Gives up frames older than `max_age`. `push` does so too.
  void expire(Time now);

  [[nodiscard]] const ReassemblerCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t frames_in_flight() const { return frames_.size(); }
  [[nodiscard]] std::size_t bytes_in_flight() const { return bytes_; }

 private:
  struct Partial {
    FrameInfo info;
    Time first_arrival{};
    std::uint32_t origin = 0;  ///< sequence of the fragment that came first; offsets count from it
    std::map<std::int32_t, SealedPayload> fragments;
    std::optional<std::int32_t> start;
    std::optional<std::int32_t> end;
    std::size_t bytes = 0;
  };
  using Partials = std::list<Partial>;  ///< oldest first

  bool plausible(const MediaHeader& header, const SealedPayload& payload);
  Partials::iterator partial_of(const MediaHeader& header, Time now);
  bool accept(Partial& partial, const MediaPacket& packet);
  [[nodiscard]] bool fits(const Partial& partial, const MediaHeader& header, std::int32_t offset) const;
  ReassembledFrame finish(Partials::iterator partial, Time now);
  void make_room(Partials::const_iterator keep);
  void give_up(Partials::iterator partial);
  [[nodiscard]] bool seen_whole(std::uint16_t frame_number) const;

  Partials frames_;
  std::size_t bytes_ = 0;
  std::array<std::optional<std::uint16_t>, 256> whole_;  ///< numbers of frames made whole, by their low byte
  ReassemblerCounters counters_;
};

}  // namespace conclave::media
