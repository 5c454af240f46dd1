// Frames of one stream that never became whole, from the gaps that their packets left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "conclave/frame.h"
#include "media/sequence.h"

namespace conclave::media {

/// Frame numbers alone do not tell losses: they run through all sizes and layers of a picture, of which a relay passes on some. Its packets are numbered
/// without gaps for each receiver, whatever it leaves out; so a gap is of packets that were for us, or that it missed itself and whose layer nobody knows.
/// How many frames were in it follows from the frames around it: whether they are whole, and how far their numbers are usually apart.
class FrameLosses {
 public:
  static constexpr std::size_t window = 512;     ///< packets; what comes back later counts as lost
  static constexpr std::int64_t max_gap = 512;   ///< of a larger one nothing is counted: whoever numbers with gaps makes nobody go through thousands for each packet

  /// Notes a packet: sent at first, again, or made of parity. `hop_losses`: as of `LossTracker::push`.
  void push(const MediaHeader& header, std::uint64_t hop_losses);

  /// The next packet is the first of another numbering.
  void restart();

  /// Frames that were for us and are not whole; those whose packets may still come are among them.
  [[nodiscard]] std::uint64_t lost() const;

 private:
  struct Slot {
    std::uint16_t frame = 0;
    bool came = false;
    bool start = false;
    bool end = false;
    bool lost_here = false;  ///< its place was left by a loss on our hop
  };
  struct Tally {
    std::uint64_t lost = 0;
    std::uint16_t stride = 1;            ///< between the numbers of frames that follow each other for us
    std::optional<std::uint16_t> broken;  ///< the frame counted last of which something came
  };

  static Slot slot_of(const MediaHeader& header, bool lost_here);
  void begin(const MediaHeader& header, std::uint64_t hop_losses);
  void settle();
  [[nodiscard]] Tally count(std::size_t last) const;
  static void pass(const Slot& left, const Slot& right, Tally& tally);
  static void add_gap(const Slot& left, const Slot& right, std::size_t packets, bool lost_here, Tally& tally);
  static void add_broken(std::uint16_t frame, Tally& tally);

  Unwrapper<24> sequences_;
  std::int64_t first_ = 0;    ///< sequence of the first slot
  std::deque<Slot> slots_;    ///< the first and the last came
  std::uint64_t hop_losses_ = 0;  ///< when the last came
  Tally settled_;
};

}  // namespace conclave::media
