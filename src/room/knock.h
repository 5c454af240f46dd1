// A knock: a key package sealed to the room's admission key. The relay sees an opaque blob and a signature under the gate key.
#pragma once

#include "crypto/hpke.h"
#include "room/card.h"

namespace conclave::room {

inline constexpr std::size_t max_knock_size = 16 * 1024;

/// Seals `key_package` (a serialised MLS KeyPackage) for whoever admits in the room of `card`. `challenge` is the relay's, for
/// this connection: a recorded knock is worth nothing later.
Result<Bytes> seal_knock(const RoomCard& card, const RoomId& room_id, ByteView challenge, ByteView key_package,
                         crypto::Random& random);

/// The signature by which the relay's gate lets a knock pass.
Result<Bytes> sign_knock(const InvitationKeys& keys, const RoomId& room_id, ByteView challenge, ByteView sealed);

/// The same by a personal invitation's lane key.
Result<Bytes> sign_knock(const crypto::SignaturePrivateKey& key, const RoomId& room_id, ByteView challenge, ByteView sealed);

/// Opens a knock: the serialised key package, not yet checked. `malformed` or `not_authentic`.
Result<Bytes> open_knock(const crypto::CipherSuite& suite, const crypto::KemPrivateKey& admission_key, const RoomId& room_id,
                         ByteView sealed);

}  // namespace conclave::room
