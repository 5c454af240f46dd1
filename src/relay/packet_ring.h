// The last packets of one stream, shared by all its receivers, to answer NACKs from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "conclave/frame.h"

namespace conclave::relay {

/// Makes 64-bit sequence numbers of the 24-bit ones on the wire: the nearest to the highest seen, which wins a tie forwards.
class SequenceUnwrapper {
 public:
  /// The full number of `sequence`; does not change what the next call answers.
  [[nodiscard]] std::uint64_t peek(std::uint32_t sequence) const;
  /// The same, and remembers it if it is the highest.
  std::uint64_t unwrap(std::uint32_t sequence);
  [[nodiscard]] std::uint64_t highest() const { return highest_; }
  [[nodiscard]] bool started() const { return highest_ != 0; }

 private:
  std::uint64_t highest_ = 0;
};

enum class RingInsert : std::uint8_t { stored, duplicate, late };

/// Holds at most `max_packets` (rounded up to a power of two) and `max_bytes` of payload, whatever the publisher sends. Takes
/// memory as packets come.
class PacketRing {
 public:
  PacketRing(std::size_t max_packets, std::size_t max_bytes);

  /// `sequence` is unwrapped. Anything can be inserted in any order; the newest window is kept.
  RingInsert insert(std::uint64_t sequence, MediaPacket packet);
  /// Null when it never came or is too old. Valid until the next `insert`.
  [[nodiscard]] const MediaPacket* find(std::uint64_t sequence) const;
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// Places that memory was taken for.
  [[nodiscard]] std::size_t slots() const { return slots_.size(); }

 private:
  struct Slot {
    std::uint64_t sequence = 0;  ///< 0: empty
    MediaPacket packet;
  };

  void advance_to(std::uint64_t end);
  void make_room_for(std::uint64_t window);
  void drop_oldest();
  Slot& slot(std::uint64_t sequence) { return slots_[static_cast<std::size_t>(sequence) & (slots_.size() - 1)]; }
  [[nodiscard]] const Slot& slot(std::uint64_t sequence) const {
    return slots_[static_cast<std::size_t>(sequence) & (slots_.size() - 1)];
  }

  std::vector<Slot> slots_;  ///< a power of two of them, at most `max_slots_`
  std::size_t max_slots_;
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::uint64_t begin_ = 0;  ///< the window is [begin_, end_), at most as long as the ring
  std::uint64_t end_ = 0;
};

}  // namespace conclave::relay
