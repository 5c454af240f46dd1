// The code points of RFC 9420 (section 17) that this library knows, and the versions.
#pragma once

#include <cstdint>

namespace conclave::mls {

/// RFC 9420 section 6.
enum class ProtocolVersion : std::uint16_t { mls10 = 1 };

/// RFC 9420 section 17.2.
enum class WireFormat : std::uint16_t {
  public_message = 1,
  private_message = 2,
  welcome = 3,
  group_info = 4,
  key_package = 5,
};

/// RFC 9420 section 17.3. Values from 0xF000 on are for private use.
enum class ExtensionType : std::uint16_t {
  application_id = 1,
  ratchet_tree = 2,
  required_capabilities = 3,
  external_pub = 4,
  external_senders = 5,
};

/// RFC 9420 section 17.4.
enum class ProposalType : std::uint16_t {
  add = 1,
  update = 2,
  remove = 3,
  psk = 4,
  reinit = 5,
  external_init = 6,
  group_context_extensions = 7,
};

/// RFC 9420 section 17.5.
enum class CredentialType : std::uint16_t { basic = 1, x509 = 2 };

/// The values that section 7.2 calls default: everybody supports them, nobody lists them.
constexpr bool is_default(ExtensionType type) { return static_cast<std::uint16_t>(type) >= 1 && static_cast<std::uint16_t>(type) <= 5; }
constexpr bool is_default(ProposalType type) { return static_cast<std::uint16_t>(type) >= 1 && static_cast<std::uint16_t>(type) <= 7; }

/// The values 0x0A0A, 0x1A1A … 0xEAEA, which are sent so that others learn to ignore them (RFC 9420 section 13.5).
constexpr bool is_grease(std::uint16_t value) {
  return (value & 0x0F0F) == 0x0A0A && (value >> 12) == ((value >> 4) & 0xF) && (value >> 12) != 0xF;
}

}  // namespace conclave::mls
