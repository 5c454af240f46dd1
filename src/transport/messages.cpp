#include "transport/messages.h"

#include <algorithm>

#include "base/bytes.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"

namespace conclave::transport {

Bytes opening_message(ByteView room_id, ByteView challenge, const OpenRoom& open) {
  const ByteView parts[] = {as_bytes("conclave open v1"), room_id, challenge, open.gate_key, open.card, open.lane_key};
  std::size_t size = 0;
  for (const ByteView part : parts) size += part.size();
  Bytes message(size);
  auto at = message.begin();
  for (const ByteView part : parts) at = std::copy(part.begin(), part.end(), at);
  return message;
}

Bytes entry_digest(ByteView message) { return to_bytes(crypto::hash(crypto::HashAlgorithm::sha256, {as_bytes("conclave entry v1"), message}).view()); }

Bytes seat_digest(const ResumeToken& token) {
  return to_bytes(crypto::hash(crypto::HashAlgorithm::sha256, {as_bytes("conclave seat v1"), token.expose()}).view());
}

std::array<std::uint8_t, 32> opening_digest(const SecretBuffer& token) {
  std::array<std::uint8_t, 32> out{};
  crypto::hkdf_expand(crypto::HashAlgorithm::sha256, token.expose(), as_bytes("conclave token"), out);
  return out;
}

}  // namespace conclave::transport
