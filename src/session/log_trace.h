// A fingerprint of what a member read from the room's log while it was in one epoch: members compare it to know that they read the same.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "conclave/bytes.h"

namespace conclave::session {

using TraceHash = std::array<std::uint8_t, 32>;

/// A hash chain over the messages of the log between the commit that began an epoch and the one that ended it, in its order: whatever they are, also commits that
/// lost or were refused, what cannot be read, and what claims another epoch, since late messages of the epochs before are heard as well. It begins with the epoch, so that
/// whoever is admitted needs nothing from before.
///
///     hash[0] = SHA-256("conclave log v2" || epoch_authenticator);   hash[n] = SHA-256(hash[n-1] || message[n])
class LogTrace {
 public:
  explicit LogTrace(ByteView epoch_authenticator);

  void add(ByteView message);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] const TraceHash& hash() const { return hash_; }
  /// The hash after `count` messages, if it is among the latest 256 or more; nothing for others.
  [[nodiscard]] std::optional<TraceHash> at(std::uint64_t count) const;

  /// Where a saved state goes on; what was before is not compared any more.
  LogTrace(std::uint64_t count, const TraceHash& hash) : count_(count), first_kept_(count), hash_(hash) { kept_.push_back(hash); }

 private:
  static constexpr std::size_t most_kept = 256;

  std::uint64_t count_ = 0;
  std::uint64_t first_kept_ = 0;  ///< the count that the oldest hash in `kept_` belongs to
  TraceHash hash_{};
  std::vector<TraceHash> kept_;   ///< from there to the latest
};

}  // namespace conclave::session
