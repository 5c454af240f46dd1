// Who answers knocks beside the founder: how the key that opens them is asked for and handed on, and whom the relay tells of them.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "conference/context.h"
#include "crypto/kem.h"
#include "transport/messages.h"

namespace conclave::conference {

/// Moderators and heirs ask for the key in a word of the group; the owner hands it on, or, where the owner does not answer, whoever has it. The
/// owner also tells the relay who keeps the door, and who no longer does. See docs/decisions/013-door-keepers.md.
class DoorKeeping {
 public:
  /// What is to be said to the members, and to the relay.
  struct Outcome {
    std::vector<Bytes> words;
    std::vector<transport::ShareDoor> shares;
    bool opened = false;  ///< from now on knocks can be read
  };

  /// `key`: of the founder; `admission_key`: its public half, as the room's card names it.
  DoorKeeping(const Context& context, std::optional<crypto::KemPrivateKey> key, Bytes admission_key);

  /// Null until there is one.
  [[nodiscard]] const crypto::KemPrivateKey* key() const { return key_ ? &*key_ : nullptr; }

  /// A word of `sender`, which came over `connection`. False when it is not about the door.
  bool hear(const SessionMember& sender, ByteView content, std::optional<std::uint64_t> connection, const Session& session, Outcome& outcome);
  /// Asks for the key when we should have it, and tells the relay what has changed. After each change of the room, and when due.
  void review(const Session& session, Time now, Outcome& outcome);
  /// While we wait for the key.
  [[nodiscard]] Time next_deadline() const { return wanting_ && requests_ < most_requests ? next_request_ : never; }

 private:
  void answer(const SessionMember& sender, const room::IdentityHash& identity, ByteView content, const Session& session, Outcome& outcome);
  void ask(Time now, Outcome& outcome);

  static constexpr Duration request_interval = std::chrono::seconds(4);
  static constexpr std::uint8_t owner_alone = 2;   ///< requests that the owner alone answers
  static constexpr std::uint8_t most_requests = 30;

  const Context* context_;
  std::optional<crypto::KemPrivateKey> key_;
  Bytes admission_key_;
  std::optional<crypto::KemPrivateKey> wanting_;  ///< what the key is to be sealed for
  std::uint8_t requests_ = 0;
  Time next_request_{};
  std::map<room::IdentityHash, std::uint64_t> connections_;            ///< of those who asked, as the relay names them
  std::map<room::IdentityHash, transport::DoorRank> told_;  ///< what we told the relay
};

}  // namespace conclave::conference
