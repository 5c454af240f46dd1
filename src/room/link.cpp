#include "conclave/link.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/secret.h"

namespace conclave {
namespace {

constexpr std::string_view scheme = "conclave://";
constexpr std::uint8_t public_version = 1;
constexpr std::uint8_t personal_version = 2;
constexpr std::size_t secret_size = 1 + 32 + 32 + 32;
constexpr std::size_t max_personal_size = 512;
constexpr std::size_t max_link_length = 1200;

Error malformed(const char* what) { return Error{ErrorCode::malformed, what}; }

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

bool is_address_character(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.'; }

/// Splits "host:port" or "[v6]:port" into `link`.
Result<void> read_authority(std::string_view authority, Link& link) {
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos) return malformed("the link has no port");
  std::string_view host = authority.substr(0, colon);
  const std::string_view port = authority.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool fits = !host.empty() && host.size() <= 253 &&
                    std::all_of(host.begin(), host.end(), bracketed ? is_address_character : is_host_character);
  if (!fits) return malformed("the host in the link is not a name or an address");
  const auto [end, status] = std::from_chars(port.data(), port.data() + port.size(), link.port);
  const bool number = status == std::errc() && end == port.data() + port.size() && port.front() != '0';
  if (!number) return malformed("the port in the link is not a number from 1 to 65535");
  link.host = std::string(host);
  return {};
}

Result<void> read_secret(std::string_view text, Link& link) {
  Result<Bytes> read = from_base64url(text);
  if (!read.ok() || read->size() < secret_size) return malformed("the part of the link after # is damaged or cut short");
  Bytes& secret = *read;
  const bool known = secret[0] == public_version || secret[0] == personal_version;
  const std::size_t personal = secret.size() - secret_size;
  const bool fits = secret[0] == personal_version ? personal > 0 && personal <= max_personal_size : personal == 0;
  std::copy_n(secret.begin() + 1, 32, link.relay_key_hash.begin());
  std::copy_n(secret.begin() + 33, 32, link.founder_hash.begin());
  std::copy_n(secret.begin() + 65, 32, link.invitation.begin());
  link.personal.assign(secret.begin() + secret_size, secret.end());
  wipe(secret);
  if (known && !fits) return malformed("the part of the link after # is damaged or cut short");
  if (!known) return Error{ErrorCode::version_mismatch, "the link was made by another version of conclave"};
  return {};
}

}  // namespace

Link::~Link() {
  wipe(invitation);
  wipe(personal);
}

Result<Link> Link::parse(std::string_view text) {
  if (text.size() > max_link_length) return malformed("the link is too long");
  if (!text.starts_with(scheme)) return malformed("the link does not begin with conclave://");
  text.remove_prefix(scheme.size());
  const std::size_t slash = text.find('/');
  const std::size_t hash = text.find('#');
  if (hash == std::string_view::npos) return malformed("the link has no part after #: was it copied whole?");
  if (slash == std::string_view::npos || slash > hash) return malformed("the link names no room");
  Link link;
  CONCLAVE_TRY(read_authority(text.substr(0, slash), link));
  CONCLAVE_ASSIGN(room, from_base64url(text.substr(slash + 1, hash - slash - 1)));
  if (room.size() != link.room_id.size()) return malformed("the room in the link is damaged or cut short");
  std::copy(room.begin(), room.end(), link.room_id.begin());
  CONCLAVE_TRY(read_secret(text.substr(hash + 1), link));
  return link;
}

std::string Link::text() const {
  Bytes secret;
  secret.reserve(secret_size + personal.size());
  secret.push_back(personal.empty() ? public_version : personal_version);
  secret.insert(secret.end(), relay_key_hash.begin(), relay_key_hash.end());
  secret.insert(secret.end(), founder_hash.begin(), founder_hash.end());
  secret.insert(secret.end(), invitation.begin(), invitation.end());
  secret.insert(secret.end(), personal.begin(), personal.end());
  const bool v6 = host.find(':') != std::string::npos;
  std::string out = std::string(scheme) + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port) + "/" +
                    to_base64url(room_id) + "#" + to_base64url(secret);
  wipe(secret);
  return out;
}

}  // namespace conclave
