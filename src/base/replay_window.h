// A sliding window over counters that were seen (after RFC 6479).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace conclave {

/// Remembers which of the last `window` counters were accepted. The zero value is ready to use. Ask `fresh` first,
/// authenticate, then `accept`: nothing that was not authenticated changes the window.
class ReplayWindow {
 public:
  static constexpr std::uint64_t window = 1024;

  /// True when `counter` was not accepted before and is not older than the window.
  [[nodiscard]] bool fresh(std::uint64_t counter) const {
    if (counter >= next_) return true;
    return next_ - counter <= window && (words_[word_of(counter)] & bit_of(counter)) == 0;
  }

  /// Remembers an authenticated counter that is `fresh`.
  void accept(std::uint64_t counter) {
    if (counter >= next_) advance_to(counter);
    words_[word_of(counter)] |= bit_of(counter);
  }

  /// One more than the highest counter accepted; 0 at the beginning.
  [[nodiscard]] std::uint64_t next() const { return next_; }

 private:
  // One word more than the window, so that clearing ahead never touches what is still inside it.
  static constexpr std::size_t words = window / 64 + 1;
  static std::size_t word_of(std::uint64_t counter) { return counter / 64 % words; }
  static std::uint64_t bit_of(std::uint64_t counter) { return std::uint64_t{1} << (counter % 64); }

  void advance_to(std::uint64_t counter) {
    const std::uint64_t last = next_ == 0 ? 0 : (next_ - 1) / 64;
    const std::uint64_t steps = counter / 64 - last;
    for (std::uint64_t i = 1; i <= steps && i <= words; ++i) words_[(last + i) % words] = 0;
    next_ = counter + 1;
  }

  std::array<std::uint64_t, words> words_{};
  std::uint64_t next_ = 0;
};

}  // namespace conclave
