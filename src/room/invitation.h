// What the secret of a link is good for: passing the relay's gate, and reading the room's card.
#pragma once

#include "base/secret.h"
#include "conclave/link.h"
#include "crypto/signature.h"

namespace conclave::room {

using CardKey = Secret<struct CardKeyTag>;

/// The keys that every holder of one link derives from it (HKDF-SHA-256, extract salt "conclave link v1").
struct InvitationKeys {
  CardKey card_key;                      ///< ChaCha20-Poly1305 key of the room's card: expand "card" || room_id
  crypto::SignaturePrivateKey gate_key;  ///< Ed25519 key that signs knocks: seed from expand "gate" || room_id

  static Result<InvitationKeys> derive(const Link& link);
};

}  // namespace conclave::room
