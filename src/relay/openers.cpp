#include "relay/openers.h"

#include "base/secret.h"
#include "crypto/signature.h"

namespace conclave::relay {

void Openers::add_token(ByteView token) { tokens_.push_back(transport::opening_digest(SecretBuffer::copy_of(token))); }

/// All are looked at, so that the time tells nothing about any.
bool Openers::lists(const SecretBuffer& token) const {
  const auto shown = transport::opening_digest(token);
  bool listed = false;
  for (const auto& digest : tokens_) listed |= constant_time_equal(shown, digest);
  return listed;
}

bool Openers::admit(const RoomId& room, ByteView challenge, const transport::OpenRoom& open) const {
  if (tokens_.empty() && keys_.empty()) return true;
  if (!open.token.empty() && lists(open.token)) return true;
  if (!keys_.contains(open.opener_key)) return false;
  const auto key = crypto::SignaturePublicKey::parse(crypto::SignatureAlgorithm::ed25519, open.opener_key);
  return key.ok() && key->verify(transport::opening_message(room, challenge, open), open.opener_signature);
}

}  // namespace conclave::relay
