// The gate of a room: who has no link is turned away here, and learns nothing.
#pragma once

#include <cstddef>
#include <optional>

#include "crypto/random.h"
#include "crypto/signature.h"
#include "relay/commit_log.h"
#include "transport/messages.h"

namespace conclave::relay {

/// Checks knocks under the public key that follows from a room's link. Holds no secret of the meeting.
class Gate {
 public:
  /// `malformed` when one is no Ed25519 key. Without a `lane_key` there is no lane.
  static Result<Gate> parse(ByteView gate_key, ByteView lane_key = {});

  enum class Way : std::uint8_t {
    none,
    link,  ///< who has the link, and has shown the work that was asked for
    lane,  ///< who has a personal invitation
  };
  /// By whose key `knock` is signed over ("conclave knock v1" || room_id || challenge || sealed), for this connection. The work is looked at first: it costs one hash.
  [[nodiscard]] Way way_of(const RoomId& room, ByteView challenge, std::uint8_t work_bits, const transport::Knock& knock) const;

 private:
  friend class Facade;
  explicit Gate(crypto::SignaturePublicKey key, std::optional<crypto::SignaturePublicKey> lane_key) : key_(std::move(key)), lane_key_(std::move(lane_key)) {}
  crypto::SignaturePublicKey key_;
  std::optional<crypto::SignaturePublicKey> lane_key_;
};

/// What a relay shows in place of a room that is not open: bytes that look like a sealed card, the same at each visit, and a gate
/// that nobody passes. Who has a room id but not its link cannot tell whether the room exists; docs/relay.md
/// says where this ends.
class Facade {
 public:
  explicit Facade(crypto::Random& random);

  /// From now on false cards follow from this key, 32 bytes, and so stay the same when the relay is started again.
  void set_key(ByteView key) { key_.assign(key.begin(), key.end()); }
  [[nodiscard]] Bytes card(const RoomId& room) const;
  [[nodiscard]] const Gate& gate() const { return gate_; }
  /// From now on false cards are as long as this one.
  void imitate(ByteView card) { card_size_ = card.size(); }

 private:
  Bytes key_;
  Gate gate_;
  std::size_t card_size_ = 163;  ///< of the cards of suites on Ed25519 and X25519, until one is seen
};

}  // namespace conclave::relay
