// What members say to each other beside media: MLS application messages, so signed by their sender and sealed from the relay.
#pragma once

#include <string>
#include <variant>

#include "room/policy.h"

namespace conclave::room {

/// Plain text; needs the right to chat. At most 4,096 bytes, made inert by whoever reads it.
struct Chat {
  static constexpr std::uint8_t tag = 1;
  Bytes text;
  CONCLAVE_FIELDS(text)
};

/// One of a few symbols, so that nobody can write with them.
enum class Symbol : std::uint8_t { applause = 1, agree = 2, disagree = 3, heart = 4, laugh = 5, surprise = 6 };
struct Reaction {
  static constexpr std::uint8_t tag = 2;
  Symbol symbol = Symbol::applause;
  CONCLAVE_FIELDS(symbol)
};

/// A hand goes up or down: asking for the floor.
struct Hand {
  static constexpr std::uint8_t tag = 3;
  std::uint8_t raised = 0;  ///< 0 or 1
  CONCLAVE_FIELDS(raised)
};

/// An heir's voice for another one to become owner in this epoch; `signature` by the heir's identity key over room_id || epoch ||
/// claimant, label "conclave succession v1".
struct Endorsement {
  static constexpr std::uint8_t tag = 4;
  std::uint64_t epoch = 0;
  IdentityHash claimant{};
  Bytes heir_key;
  Bytes signature;
  CONCLAVE_FIELDS(epoch, claimant, heir_key, signature)

  static Result<Endorsement> sign(const Identity& heir, const RoomId& room_id, std::uint64_t epoch, const IdentityHash& claimant);
  [[nodiscard]] bool verify(const RoomId& room_id) const;
};

///     struct {
///         opaque label[8] = "CLVroom1";
///         uint8 kind;
///         select (kind) { case 1: Chat; case 2: Reaction; case 3: Hand; case 4: Endorsement; };
///     } RoomMessage;
using RoomMessage = std::variant<Chat, Reaction, Hand, Endorsement>;

Bytes encode_message(const RoomMessage& message);

/// `unsupported` for an unknown kind or another label, `malformed` otherwise. Chat text comes out inert.
Result<RoomMessage> parse_message(ByteView bytes);

/// The endorsements that a claim's commit carries as authenticated data: `Endorsement endorsements<V>`, at most 16. Empty when the data is
/// empty or does not parse: then nobody endorses.
std::vector<Endorsement> parse_endorsements(ByteView authenticated_data);

Bytes encode_endorsements(std::vector<Endorsement> endorsements);

/// What a message needs: chat needs the right to chat; hands, reactions and voices are everybody's.
Rights needed_for(const RoomMessage& message);

}  // namespace conclave::room
