// The room's card: what who has the link may know before knocking. Served by the relay, sealed under the link.
#pragma once

#include "crypto/kem.h"
#include "room/identity.h"
#include "room/invitation.h"

namespace conclave::room {

///     struct {
///         uint8 version = 1;
///         uint16 suite;                 /* of the room's MLS group */
///         opaque founder_key<V>;        /* identity key; the link pins its hash */
///         opaque admission_key<V>;      /* HPKE key that knocks are sealed to */
///         opaque signature<V>;          /* by founder_key over room_id and the fields above */
///     } RoomCard;
struct RoomCard {
  std::uint8_t version = 1;
  std::uint16_t suite = 0;
  Bytes founder_key;
  Bytes admission_key;
  Bytes signature;
  CONCLAVE_FIELDS(version, suite, founder_key, admission_key, signature)

  /// Signs and seals: a 12-byte nonce, then ChaCha20-Poly1305 with the room id as associated data.
  static Result<Bytes> seal(const Identity& founder, const RoomId& room_id, const InvitationKeys& keys, std::uint16_t suite,
                            ByteView admission_key, crypto::Random& random);

  /// Opens and checks against the link. `not_authentic` when it was not sealed under the link, `identity_mismatch` when its
  /// founder is not the one pinned, `unsupported` for a version or suite that we do not have.
  static Result<RoomCard> open(const Link& link, const InvitationKeys& keys, ByteView sealed);
};

}  // namespace conclave::room
