#include "room/invitation.h"

#include "base/bytes.h"
#include "crypto/hkdf.h"

namespace conclave::room {
namespace {

using Seed = Secret<struct SeedTag>;

void expand(const Seed& root, std::string_view label, const Link& link, ByteSpan out) {
  Bytes info = to_bytes(as_bytes(label));
  info.insert(info.end(), link.room_id.begin(), link.room_id.end());
  crypto::hkdf_expand(crypto::HashAlgorithm::sha256, root.expose(), info, out);
}

}  // namespace

Result<InvitationKeys> InvitationKeys::derive(const Link& link) {
  Seed root(32);
  crypto::hkdf_extract(crypto::HashAlgorithm::sha256, as_bytes("conclave link v1"), link.invitation, root.expose_mutable());
  InvitationKeys keys;
  keys.card_key = CardKey(32);
  expand(root, "card", link, keys.card_key.expose_mutable());
  Seed gate_seed(32);
  expand(root, "gate", link, gate_seed.expose_mutable());
  CONCLAVE_ASSIGN(gate_key, crypto::SignaturePrivateKey::parse(crypto::SignatureAlgorithm::ed25519, gate_seed.expose()));
  keys.gate_key = std::move(gate_key);
  return keys;
}

}  // namespace conclave::room
