// A relay that somebody else runs, and what it asks of those who open rooms there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "conclave/error.h"

namespace conclave {

/// HOST:PORT#KEY, as conclave-relay prints it; KEY is 64 hexadecimal digits. Public.
struct RelayPlace {
  std::string host;  ///< a name or an address; IPv6 in brackets in the text, without them here
  std::uint16_t port = 0;
  std::array<std::uint8_t, 32> key_hash{};  ///< SHA-256 of the relay's SubjectPublicKeyInfo

  /// `malformed` with a sentence that says which part is wrong.
  static Result<RelayPlace> parse(std::string_view text);
  [[nodiscard]] std::string text() const;  ///< as `parse` takes it
};

/// Shown to a relay that does not let everybody open rooms. Both parts may be there; the relay looks at the one it asks for.
struct RoomPermit {
  std::string token;  ///< 1–128 bytes, a secret between relay and host; empty: none
  std::optional<std::array<std::uint8_t, 32>> key_seed;  ///< of the Ed25519 key that the relay lists; it signs, and never leaves

  RoomPermit() = default;
  RoomPermit(const RoomPermit&) = default;
  RoomPermit& operator=(const RoomPermit&) = default;
  ~RoomPermit();  ///< wipes both
};

/// A new Ed25519 key: `seed` for `RoomPermit::key_seed`, `public_key` for the relay's list.
struct OpenerKey {
  std::array<std::uint8_t, 32> seed{};
  std::array<std::uint8_t, 32> public_key{};
};
Result<OpenerKey> make_opener_key();

}  // namespace conclave
