#include "conclave/relay_place.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/random.h"
#include "crypto/signature.h"

namespace conclave {
namespace {

constexpr std::size_t max_place_length = 400;

Error malformed(const char* what) { return Error{ErrorCode::malformed, what}; }

/// "host", "1.2.3.4" or "[::1]", without the brackets; empty when it is none of them.
std::string_view host_in(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']') && text.size() > 2) return text.substr(1, text.size() - 2);
  return text.find_first_of(":[]/@ ") == std::string_view::npos ? text : std::string_view();
}

}  // namespace

RoomPermit::~RoomPermit() {
  wipe(ByteSpan(reinterpret_cast<std::uint8_t*>(token.data()), token.size()));
  if (key_seed) wipe(*key_seed);
}

Result<RelayPlace> RelayPlace::parse(std::string_view text) {
  if (text.size() > max_place_length) return malformed("the relay's place is too long");
  const std::size_t hash = text.find('#');
  if (hash == std::string_view::npos) return malformed("the relay's place is HOST:PORT#KEY, and has no #KEY");
  const auto key = from_hex(text.substr(hash + 1));
  RelayPlace place;
  if (!key.ok() || key->size() != place.key_hash.size()) return malformed("the relay's key is 64 hexadecimal digits after the #");
  std::copy(key->begin(), key->end(), place.key_hash.begin());
  const std::string_view where = text.substr(0, hash);
  const std::size_t colon = where.rfind(':');
  if (colon == std::string_view::npos) return malformed("the relay's place has no port");
  const std::string_view port = where.substr(colon + 1);
  const auto [stop, failed] = std::from_chars(port.data(), port.data() + port.size(), place.port);
  if (failed != std::errc() || stop != port.data() + port.size() || place.port == 0) return malformed("the relay's port is from 1 to 65535");
  place.host = host_in(where.substr(0, colon));
  if (place.host.empty()) return malformed("the relay's host is a name, an IPv4 address, or an IPv6 one in brackets");
  return place;
}

std::string RelayPlace::text() const {
  const bool bracketed = host.find(':') != std::string::npos;
  return (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port) + "#" + to_hex(key_hash);
}

Result<OpenerKey> make_opener_key() {
  CONCLAVE_ASSIGN(key, crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, crypto::system_random()));
  OpenerKey out;
  std::copy_n(key.expose().begin(), out.seed.size(), out.seed.begin());
  std::copy_n(key.public_key().bytes().begin(), out.public_key.size(), out.public_key.begin());
  return out;
}

}  // namespace conclave
