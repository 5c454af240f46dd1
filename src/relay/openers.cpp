#include "relay/openers.h"

#include "base/bytes.h"
#include "crypto/hkdf.h"
#include "crypto/signature.h"

namespace conclave::relay {
namespace {

std::array<std::uint8_t, 32> digest(ByteView token) {
  std::array<std::uint8_t, 32> out{};
  crypto::hkdf_expand(crypto::HashAlgorithm::sha256, token, as_bytes("conclave token"), out);
  return out;
}

}  // namespace

void Openers::add_token(ByteView token) { tokens_.insert(digest(token)); }

bool Openers::admit(const RoomId& room, ByteView challenge, const transport::OpenRoom& open) const {
  if (tokens_.empty() && keys_.empty()) return true;
  if (!open.token.empty() && tokens_.contains(digest(open.token))) return true;
  if (!keys_.contains(open.opener_key)) return false;
  const auto key = crypto::SignaturePublicKey::parse(crypto::SignatureAlgorithm::ed25519, open.opener_key);
  return key.ok() && key->verify(transport::opening_message(room, challenge, open), open.opener_signature);
}

}  // namespace conclave::relay
