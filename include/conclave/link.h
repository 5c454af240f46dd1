// The invitation link: conclave://HOST:PORT/ROOM#SECRET
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "conclave/bytes.h"
#include "conclave/error.h"

namespace conclave {

/// A parsed link. What stands after `#` never leaves the process, towards a relay least of all. Treat the text as a
/// secret: who has it may knock.
struct Link {
  std::string host;         ///< a name or an address; IPv6 in brackets in the text, without them here
  std::uint16_t port = 0;
  std::array<std::uint8_t, 16> room_id{};
  std::array<std::uint8_t, 32> relay_key_hash{};  ///< SHA-256 of the relay's SubjectPublicKeyInfo
  std::array<std::uint8_t, 32> founder_hash{};    ///< SHA-256 of the founder's identity key
  std::array<std::uint8_t, 32> invitation{};      ///< the shared secret that gate key and card key are derived from
  Bytes personal;  ///< a personal invitation, or empty: the link is for everybody

  Link() = default;
  Link(const Link&) = default;
  Link& operator=(const Link&) = default;
  ~Link();  ///< wipes the invitations

  /// Strict: one spelling per link. `malformed` with a sentence that says which part is wrong and quotes none of it.
  static Result<Link> parse(std::string_view text);
  [[nodiscard]] std::string text() const;  ///< as people pass it on: a secret
};

}  // namespace conclave
