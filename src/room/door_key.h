// The key that opens knocks, handed from one member to another: words of the group, signed by their sender like all of its messages.
#pragma once

#include <optional>

#include "crypto/hpke.h"
#include "room/identity.h"

namespace conclave::room {

///     struct {
///         opaque label[8] = "CLVdoor?";
///         uint8 attempt;          /* how often it was asked before */
///         opaque public_key<V>;   /* HPKE, of the room's suite, made for this */
///     } DoorRequest;
///
/// Of somebody who may admit, or is an heir, and has no key to open knocks with.
struct DoorRequest {
  std::array<std::uint8_t, 8> label{'C', 'L', 'V', 'd', 'o', 'o', 'r', '?'};
  std::uint8_t attempt = 0;
  Bytes public_key;
  CONCLAVE_FIELDS(label, attempt, public_key)

  [[nodiscard]] Bytes encode() const { return wire::encode(*this); }
  /// Nothing when these bytes are something else.
  static std::optional<DoorRequest> parse(ByteView bytes);
};

///     struct {
///         opaque label[8] = "CLVdoor!";
///         opaque recipient[32];   /* identity */
///         opaque kem_output<V>;
///         opaque ciphertext<V>;   /* HPKE base mode: the private admission key; info = opaque "conclave door key v1"<V> || room_id, associated data = recipient */
///     } DoorKey;
struct DoorKey {
  std::array<std::uint8_t, 8> label{'C', 'L', 'V', 'd', 'o', 'o', 'r', '!'};
  IdentityHash recipient{};
  Bytes kem_output;
  Bytes ciphertext;
  CONCLAVE_FIELDS(label, recipient, kem_output, ciphertext)

  /// Seals `admission_key` for the member who asked. `malformed` when its key is none.
  static Result<DoorKey> seal(const crypto::CipherSuite& suite, const RoomId& room_id, const crypto::KemPrivateKey& admission_key,
                              const IdentityHash& recipient, const DoorRequest& request, crypto::Random& random);
  /// `malformed` or `not_authentic`, and `identity_mismatch` when it is not the private half of `admission_key`, which the room's card names.
  [[nodiscard]] Result<crypto::KemPrivateKey> open(const crypto::CipherSuite& suite, const RoomId& room_id, const crypto::KemPrivateKey& requested_for,
                                                   ByteView admission_key) const;

  [[nodiscard]] Bytes encode() const { return wire::encode(*this); }
  static std::optional<DoorKey> parse(ByteView bytes);
};

}  // namespace conclave::room
