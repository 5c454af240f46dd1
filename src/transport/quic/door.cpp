#include "transport/quic/door.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "transport/quic/connection.h"

namespace conclave::transport::quic {
namespace {

constexpr std::size_t max_waiting = 1024;
/// A reset is five bytes of nothing and a token; below this the packet that it answers could be one itself.
constexpr std::size_t min_packet_to_reset = NGTCP2_MIN_STATELESS_RESET_RANDLEN + NGTCP2_STATELESS_RESET_TOKENLEN + 1;

}  // namespace

Door::Door(ServerCredentials credentials, ResetSecret reset_secret, crypto::Random& random)
    : credentials_(std::move(credentials)), random_(random), reset_secret_(std::move(reset_secret)) {
  random_.fill(token_secret_.expose_mutable());
}

bool Door::queue(const Address& to, const std::uint8_t* data, ngtcp2_ssize size) {
  if (size <= 0 || waiting_.size() >= max_waiting) return false;
  waiting_.push_back({to, Bytes(data, data + size)});
  return true;
}

std::optional<ngtcp2_cid> Door::open_token(const ngtcp2_pkt_hd& header, const Address& from, Time now) const {
  const ByteView token = token_of(header);
  if (token.empty() || token[0] != NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY) return std::nullopt;
  const sockaddr_in6 address = to_socket_address(from);
  ngtcp2_cid original;
  const int verdict = ngtcp2_crypto_verify_retry_token(
      &original, token.data(), token.size(), token_secret_.expose().data(), token_secret_.size(), header.version,
      reinterpret_cast<const ngtcp2_sockaddr*>(&address), sizeof address, &header.dcid, to_library(token_lifetime),
      to_library(now));
  if (verdict != 0) return std::nullopt;
  return original;
}

bool Door::offer_versions(const ngtcp2_version_cid& ids, const Address& to) {
  std::array<std::uint8_t, max_datagram_size> packet;
  const std::uint32_t versions[] = {NGTCP2_PROTO_VER_V1};
  // The second bit is set, so that the packet is not taken for one of a hop (RFC 9000 section 17.2.1).
  const auto size = ngtcp2_pkt_write_version_negotiation(packet.data(), packet.size(), 0x40, ids.scid, ids.scidlen, ids.dcid,
                                                         ids.dcidlen, versions, 1);
  return queue(to, packet.data(), size);
}

bool Door::ask_to_retry(const ngtcp2_pkt_hd& header, const Address& to, Time now) {
  const sockaddr_in6 address = to_socket_address(to);
  std::array<std::uint8_t, server_cid_size> id{};
  random_.fill(id);
  const ngtcp2_cid scid = make_cid(id);
  std::array<std::uint8_t, NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN> token;
  const auto token_size = ngtcp2_crypto_generate_retry_token(
      token.data(), token_secret_.expose().data(), token_secret_.size(), header.version,
      reinterpret_cast<const ngtcp2_sockaddr*>(&address), sizeof address, &scid, &header.dcid, to_library(now));
  if (token_size < 0) return false;
  std::array<std::uint8_t, max_datagram_size> packet;
  const auto size = ngtcp2_crypto_write_retry(packet.data(), packet.size(), header.version, &header.scid, &scid, &header.dcid,
                                              token.data(), static_cast<std::size_t>(token_size));
  return queue(to, packet.data(), size);
}

bool Door::refuse(const ngtcp2_pkt_hd& header, const Address& to) {
  std::array<std::uint8_t, max_datagram_size> packet;
  const auto size = ngtcp2_crypto_write_connection_close(packet.data(), packet.size(), header.version, &header.scid, &header.dcid,
                                                         NGTCP2_CONNECTION_REFUSED, nullptr, 0);
  return queue(to, packet.data(), size);
}

bool Door::reset(ByteView packet, const Address& to) {
  if (packet.size() <= min_packet_to_reset || packet.size() < 1 + server_cid_size) return false;
  const ngtcp2_cid id = make_cid(packet.subspan(1, server_cid_size));
  std::array<std::uint8_t, NGTCP2_STATELESS_RESET_TOKENLEN> token{};
  if (ngtcp2_crypto_generate_stateless_reset_token(token.data(), reset_secret_.expose().data(), reset_secret_.size(), &id) != 0) return false;
  Bytes noise(std::min<std::size_t>(packet.size() - min_packet_to_reset + NGTCP2_MIN_STATELESS_RESET_RANDLEN, 40));
  random_.fill(noise);
  std::array<std::uint8_t, max_datagram_size> answer;
  const auto size = ngtcp2_pkt_write_stateless_reset(answer.data(), answer.size(), token.data(), noise.data(), noise.size());
  return queue(to, answer.data(), size);
}

void Door::take_packets(std::vector<OutgoingPacket>& out) {
  out.insert(out.end(), std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end()));
  waiting_.clear();
}

}  // namespace conclave::transport::quic
