// The numbers under which receivers of some layers get the packets of a stream: without gaps where the relay left others out.
#pragma once

#include <cstdint>
#include <deque>

namespace conclave::relay {

/// Of all packets of a stream, in its own unwrapped sequence, a lane carries those up to one temporal layer. A receiver takes a gap
/// for a loss; so what the lane leaves out does not count. A packet that reaches the relay late and is to be left out has its
/// number spent already: the receiver misses it in vain, which is rare.
class Lane {
 public:
  /// Notes that the lane leaves a packet out. Of two packets the later one in the stream may be told first.
  void skip(std::uint64_t sequence);
  /// A packet passes, whether the lane carries or skips it.
  void pass(std::uint64_t sequence) { next_ = sequence >= next_ ? sequence + 1 : next_; }

  /// The number of a packet that the lane carries.
  [[nodiscard]] std::uint64_t number(std::uint64_t sequence) const;
  /// The packet that has this number; the inverse.
  [[nodiscard]] std::uint64_t sequence(std::uint64_t number) const;
  /// The number of the next new packet.
  [[nodiscard]] std::uint64_t next_number() const { return number(next_); }

 private:
  static constexpr std::size_t remembered = 1024;  ///< packets left out: more than a ring holds

  std::uint64_t next_ = 0;       ///< one past the highest that passed
  std::uint64_t forgotten_ = 0;  ///< left out longer ago than is remembered
  std::deque<std::uint64_t> skipped_;  ///< ascending
};

}  // namespace conclave::relay
