// Heirs who agree on a new owner, in a room whose leaders do not answer any more.
#pragma once

#include <map>
#include <optional>

#include "conclave/time.h"
#include "room/message.h"

namespace conclave::session {

/// Whom we speak for, and who has spoken for us. A voice counts in one epoch, so it is repeated in each while the wish lasts. Single-threaded.
class Succession {
 public:
  /// From now on, for a while, we want `claimant` to become owner; ourselves, perhaps.
  void support(const room::IdentityHash& claimant, Time now);

  /// Whom we want in this epoch and have not said so yet; nothing when there is nothing to say. Forgets wishes that are over.
  std::optional<room::IdentityHash> next_voice(const room::RoomPolicy& policy, std::uint64_t epoch, Time now);

  /// Takes an heir's verified voice. True when it is news.
  bool hear(const room::Endorsement& voice);

  /// The voices for ourselves, once they suffice in this epoch; once per epoch.
  std::optional<Bytes> claim(const room::RoomPolicy& policy, const room::IdentityHash& self, std::uint64_t epoch);

 private:
  static constexpr Duration lasting = std::chrono::minutes(2);

  std::optional<room::IdentityHash> supported_;
  Time until_{};
  std::optional<std::uint64_t> spoken_in_;
  std::optional<std::uint64_t> claimed_in_;
  std::map<room::IdentityHash, room::Endorsement> voices_;  ///< the latest of each heir
};

}  // namespace conclave::session
