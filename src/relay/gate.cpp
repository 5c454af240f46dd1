#include "relay/gate.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "crypto/hkdf.h"
#include "crypto/work.h"

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

Result<Gate> Gate::parse(ByteView gate_key, ByteView lane_key) {
  CONCLAVE_ASSIGN(key, crypto::SignaturePublicKey::parse(crypto::SignatureAlgorithm::ed25519, gate_key));
  if (lane_key.empty()) return Gate(std::move(key), std::nullopt);
  CONCLAVE_ASSIGN(lane, crypto::SignaturePublicKey::parse(crypto::SignatureAlgorithm::ed25519, lane_key));
  return Gate(std::move(key), std::move(lane));
}

Gate::Way Gate::way_of(const RoomId& room, ByteView challenge, std::uint8_t work_bits, const transport::Knock& knock) const {
  Bytes subject(room.begin(), room.end());
  subject.insert(subject.end(), challenge.begin(), challenge.end());
  const bool worked = crypto::check_work(subject, work_bits, knock.work);
  Bytes message = to_bytes(as_bytes(knock_label));
  message.insert(message.end(), room.begin(), room.end());
  message.insert(message.end(), challenge.begin(), challenge.end());
  message.insert(message.end(), knock.sealed.begin(), knock.sealed.end());
  if (worked && key_.verify(message, knock.signature)) return Way::link;
  return lane_key_ && lane_key_->verify(message, knock.signature) ? Way::lane : Way::none;
}

Facade::Facade(crypto::Random& random) : key_(random_bytes(random, 32)), gate_(unowned_key(random), unowned_key(random)) {}

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
