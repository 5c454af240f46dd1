// Who may open rooms at a relay.
#pragma once

#include <array>
#include <set>
#include <vector>

#include "relay/commit_log.h"
#include "transport/messages.h"

namespace conclave::relay {

/// Everybody, until a token or a key is listed; then only who shows one of them. Of tokens only a digest is kept.
class Openers {
 public:
  /// 1–128 bytes; others are never matched.
  void add_token(ByteView token);
  /// An Ed25519 public key.
  void add_key(ByteView key) { keys_.insert(Bytes(key.begin(), key.end())); }

  /// True when `open` may open `room` over the connection to which `challenge` was given.
  [[nodiscard]] bool admit(const RoomId& room, ByteView challenge, const transport::OpenRoom& open) const;

 private:
  [[nodiscard]] bool lists(const SecretBuffer& token) const;

  std::vector<std::array<std::uint8_t, 32>> tokens_;
  std::set<Bytes> keys_;
};

}  // namespace conclave::relay
