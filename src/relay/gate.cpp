#include "relay/gate.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "crypto/hkdf.h"

namespace conclave::relay {
namespace {

constexpr std::string_view knock_label = "conclave knock v1";

Bytes random_bytes(crypto::Random& random, std::size_t size) {
  Bytes out(size);
  random.fill(out);
  return out;
}

/// A key whose private half is gone as soon as it is made.
crypto::SignaturePublicKey unowned_key(crypto::Random& random) {
  auto pair = crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random);
  return pair.ok() ? pair->public_key() : crypto::SignaturePublicKey{};
}

}  // namespace

Result<Gate> Gate::parse(ByteView gate_key) {
  CONCLAVE_ASSIGN(key, crypto::SignaturePublicKey::parse(crypto::SignatureAlgorithm::ed25519, gate_key));
  return Gate(std::move(key));
}

bool Gate::admits(const RoomId& room, ByteView challenge, const transport::Knock& knock) const {
  Bytes message = to_bytes(as_bytes(knock_label));
  message.insert(message.end(), room.begin(), room.end());
  message.insert(message.end(), challenge.begin(), challenge.end());
  message.insert(message.end(), knock.sealed.begin(), knock.sealed.end());
  return key_.verify(message, knock.signature);
}

Facade::Facade(crypto::Random& random) : key_(random_bytes(random, 32)), gate_(unowned_key(random)) {}

Bytes Facade::card(const RoomId& room) const {
  constexpr std::size_t largest_block = 255 * 32;  // of HKDF-SHA-256
  Bytes out(card_size_);
  std::uint8_t block = 0;
  for (std::size_t at = 0; at < out.size(); at += largest_block, ++block) {
    Bytes info(room.begin(), room.end());
    info.push_back(block);
    const std::size_t size = std::min(largest_block, out.size() - at);
    crypto::hkdf_expand(crypto::HashAlgorithm::sha256, key_, info, ByteSpan(out).subspan(at, size));
  }
  return out;
}

}  // namespace conclave::relay
