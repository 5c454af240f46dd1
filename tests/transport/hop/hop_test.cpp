#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "transport/hop/opener.h"
#include "transport/hop/sealer.h"
#include "transport/packets.h"

using namespace conclave;
using namespace conclave::transport;
using namespace conclave::transport::hop;
using conclave::test::media_packet;
using conclave::test::same_header;

namespace {

HopSecrets secrets(std::uint8_t seed = 1) {
  return HopSecrets::derive(ExporterSecret::copy_of(Bytes(secret_size, seed)));
}

Bytes seal(Sealer& sealer, const MediaPacket& packet) {
  return packet.header.fec ? sealer.seal_whole_media(packet.header, packet.payload.bytes()) : sealer.seal_media(packet.header, packet.payload.bytes());
}

/// The drop's reason, or nothing when the packet was accepted.
std::optional<Drop> dropped(const std::variant<OpenedPacket, Drop>& result) {
  const auto* drop = std::get_if<Drop>(&result);
  return drop == nullptr ? std::nullopt : std::optional(*drop);
}

const MediaPacket& media(const std::variant<OpenedPacket, Drop>& result) {
  return std::get<MediaPacket>(std::get<OpenedPacket>(result).content);
}

}  // namespace

TEST_CASE("media comes out of a hop as it went in", "[transport][hop]") {
  Sealer sealer(secrets().client_to_server, 7);
  Opener opener(secrets().client_to_server);
  for (std::uint32_t i = 0; i < 300; ++i) {
    MediaPacket packet = media_packet(i, i * 4 % 1163);
    packet.header.send_time = send_time(Time(std::chrono::microseconds(i * 640)));
    const auto result = opener.open(seal(sealer, packet));
    REQUIRE_FALSE(dropped(result).has_value());
    CHECK(same_header(media(result).header, packet.header));
    CHECK(media(result).header.send_time == i * 10);
    CHECK(equal(media(result).payload.bytes(), packet.payload.bytes()));
  }
}

TEST_CASE("the payload crosses a hop untouched and adds 38 bytes", "[transport][hop]") {
  Sealer sealer(secrets().client_to_server, 0x01020304);
  const MediaPacket packet = media_packet(9, max_payload_size);
  const Bytes datagram = seal(sealer, packet);
  CHECK(datagram.size() == max_datagram_size);
  CHECK(media_overhead == 38);
  CHECK(equal(ByteView(datagram).subspan(media_overhead), packet.payload.bytes()));
  CHECK(to_hex(ByteView(datagram).first(clear_size)) == "800102030400000000");
}

TEST_CASE("feedback and path data are sealed whole", "[transport][hop]") {
  Sealer sealer(secrets().server_to_client, 7);
  Opener opener(secrets().server_to_client);
  const Bytes feedback(max_feedback_size, 0x77);
  const Bytes datagram = sealer.seal(PacketType::feedback, feedback);
  CHECK(datagram.size() == feedback_overhead + feedback.size());
  const auto result = opener.open(datagram);
  REQUIRE_FALSE(dropped(result).has_value());
  CHECK(std::get<TransportFeedback>(std::get<OpenedPacket>(result).content).feedback == feedback);
  const PathData data{1, 2, 3, 4, 5, 6, 7, 8};
  const auto challenge = opener.open(sealer.seal(PacketType::path_challenge, data));
  CHECK(std::get<PathChallenge>(std::get<OpenedPacket>(challenge).content).data == data);
  const auto response = opener.open(sealer.seal(PacketType::path_response, data));
  CHECK(std::get<PathResponse>(std::get<OpenedPacket>(response).content).data == data);
}

TEST_CASE("a replayed packet is refused, also after others", "[transport][hop][attack]") {
  Sealer sealer(secrets().client_to_server, 7);
  Opener opener(secrets().client_to_server);
  std::vector<Bytes> sent;
  for (std::uint32_t i = 0; i < 1500; ++i) sent.push_back(seal(sealer, media_packet(i)));
  for (std::size_t i = 400; i < sent.size(); ++i) REQUIRE_FALSE(dropped(opener.open(sent[i])).has_value());
  for (std::size_t i = 400; i < sent.size(); ++i) CHECK(dropped(opener.open(sent[i])) == Drop::replayed);
  CHECK(dropped(opener.open(sent[399])) == Drop::replayed);  // older than the window
}

TEST_CASE("a packet within the window is accepted late and is not the newest", "[transport][hop]") {
  Sealer sealer(secrets().client_to_server, 7);
  Opener opener(secrets().client_to_server);
  const Bytes first = seal(sealer, media_packet(0));
  const Bytes second = seal(sealer, media_packet(1));
  CHECK(std::get<OpenedPacket>(opener.open(second)).newest);
  CHECK_FALSE(std::get<OpenedPacket>(opener.open(first)).newest);
}

TEST_CASE("no flipped bit in what a hop protects and no truncation is accepted", "[transport][hop][attack]") {
  Sealer sealer(secrets().client_to_server, 7);
  Opener opener(secrets().client_to_server);
  const Bytes datagram = seal(sealer, media_packet(1, 60));
  for (std::size_t bit = 0; bit < media_overhead * 8; ++bit) {
    Bytes damaged = datagram;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    const bool id = bit / 8 >= 1 && bit / 8 <= 4;  // routes the packet; it is authenticated too
    CHECK(dropped(opener.open(damaged)).has_value());
    if (id) CHECK(dropped(opener.open(damaged)) == Drop::forged);
  }
  for (std::size_t size = 0; size < datagram.size(); ++size) CHECK(dropped(opener.open(ByteView(datagram).first(size))).has_value());
  Bytes longer = datagram;
  longer.push_back(0);
  CHECK(dropped(opener.open(longer)) == Drop::forged);
  CHECK_FALSE(dropped(opener.open(datagram)).has_value());  // nothing of that changed any state
}

TEST_CASE("a packet of the other direction or of another connection is refused", "[transport][hop][attack]") {
  Opener opener(secrets().client_to_server);
  Sealer reflected(secrets().server_to_client, 7);
  CHECK(dropped(opener.open(seal(reflected, media_packet(0)))) == Drop::forged);
  Sealer stranger(secrets(2).client_to_server, 7);
  CHECK(dropped(opener.open(seal(stranger, media_packet(0)))) == Drop::forged);
  CHECK(secrets().connection_id != secrets(2).connection_id);
}

TEST_CASE("a payload that is sealed on the hop too comes out as it went in, and cannot be changed", "[transport][hop]") {
  Sealer sealer(secrets().client_to_server, 7);
  Opener opener(secrets().client_to_server);
  const MediaPacket packet = media_packet(5);
  const Bytes datagram = sealer.seal_whole_media(packet.header, packet.payload.bytes());
  CHECK(datagram.size() == media_overhead + packet.payload.size());
  for (std::size_t at = 0; at < datagram.size(); at += 7) {
    Bytes damaged = datagram;
    damaged[at] ^= 1;
    CHECK(dropped(opener.open(damaged)).has_value());
  }
  CHECK(dropped(opener.open(ByteView(datagram).first(datagram.size() - 1))) == Drop::forged);
  auto opened = opener.open(datagram);
  const auto& media = std::get<MediaPacket>(std::get<OpenedPacket>(opened).content);
  CHECK(media.header.stream_sequence == packet.header.stream_sequence);
  CHECK(equal(media.payload.bytes(), packet.payload.bytes()));
}

TEST_CASE("parity is taken only where its payload is sealed", "[transport][hop][attack]") {
  Sealer sealer(secrets().client_to_server, 7);
  Opener opener(secrets().client_to_server);
  MediaPacket parity = media_packet(1);
  parity.header.fec = true;
  const Bytes open_payload = sealer.seal_media(parity.header, parity.payload.bytes());
  CHECK(dropped(opener.open(open_payload)) == Drop::forged);
  CHECK(dropped(opener.open(open_payload)) == Drop::forged);  // its number was not remembered
  CHECK_FALSE(dropped(opener.open(sealer.seal_whole_media(parity.header, parity.payload.bytes()))).has_value());
}

TEST_CASE("unknown types and impossible sizes do not parse", "[transport][hop][attack]") {
  for (unsigned first = 0; first < 256; ++first) {
    Bytes datagram(clear_size + tag_size + media_header_size, static_cast<std::uint8_t>(first));
    const unsigned type = first & 15;
    const bool parses = (first & 0xc0) == 0x80 && (type < 2 || type == 4);
    CHECK(read_clear_header(datagram).has_value() == parses);
  }
  CHECK_FALSE(read_clear_header(Bytes(max_hop_packet_size + 1, 0x80)).has_value());
  CHECK_FALSE(read_clear_header(Bytes(feedback_overhead + max_feedback_size + 1, 0x81)).has_value());
}

TEST_CASE("keys change with their phase and stragglers of the phase before are still read", "[transport][hop]") {
  Sealer sealer(secrets().client_to_server, 7, 10);
  Opener opener(secrets().client_to_server);
  std::vector<Bytes> sent;
  for (std::uint32_t i = 0; i < 100; ++i) sent.push_back(seal(sealer, media_packet(i)));
  CHECK((sent[9][0] >> 4 & 3) == 0);
  CHECK((sent[10][0] >> 4 & 3) == 1);
  CHECK((sent[40][0] >> 4 & 3) == 0);
  for (std::size_t i = 0; i < sent.size(); i += 10) {
    if (i > 0) REQUIRE_FALSE(dropped(opener.open(sent[i])).has_value());
    if (i > 0) CHECK_FALSE(dropped(opener.open(sent[i - 1])).has_value());
    for (std::size_t k = i == 0 ? 0 : i + 1; k < i + 9; ++k) REQUIRE_FALSE(dropped(opener.open(sent[k])).has_value());
  }
}

TEST_CASE("a forged key phase moves no keys", "[transport][hop][attack]") {
  Sealer sealer(secrets().client_to_server, 7);
  Opener opener(secrets().client_to_server);
  const Bytes datagram = seal(sealer, media_packet(0));
  for (std::uint8_t phase = 1; phase < 4; ++phase) {
    Bytes forged = datagram;
    forged[0] = static_cast<std::uint8_t>(forged[0] | phase << 4);
    for (int i = 0; i < 3; ++i) CHECK(dropped(opener.open(forged)) == Drop::forged);
  }
  CHECK_FALSE(dropped(opener.open(datagram)).has_value());
}

TEST_CASE("packet numbers are widened to the nearest", "[transport][hop]") {
  constexpr std::uint64_t span = std::uint64_t{1} << 32;
  CHECK(widen(0, 0) == 0);
  CHECK(widen(5, 3) == 5);
  CHECK(widen(0xffffffff, 0) == 0xffffffff);
  CHECK(widen(0, span - 1) == span);
  CHECK(widen(0xffffffff, span) == span - 1);
  CHECK(widen(7, 5 * span + 9) == 5 * span + 7);
}

TEST_CASE("a hop counts its own losses, whatever numbers its streams have, and takes those back that were merely late", "[transport][hop]") {
  Sealer sealer(secrets().client_to_server, 7);
  Opener opener(secrets().client_to_server);
  const auto lost = [&](ByteView datagram) {
    const auto result = opener.open(datagram);
    REQUIRE_FALSE(dropped(result).has_value());
    return media(result).header.hop_lost;
  };
  CHECK(lost(seal(sealer, media_packet(5, 10))) == 0);
  CHECK(lost(seal(sealer, media_packet(4000, 10))) == 0);
  const Bytes late = seal(sealer, media_packet(4001, 10));
  (void)seal(sealer, media_packet(4002, 10));
  CHECK(lost(seal(sealer, media_packet(4003, 10))) == 2);
  CHECK(lost(late) == 1);
  CHECK(dropped(opener.open(late)) == Drop::replayed);
  CHECK(dropped(opener.open(sealer.seal(PacketType::feedback, Bytes(5)))) == std::nullopt);
  CHECK(lost(seal(sealer, media_packet(4004, 10))) == 1);
}
