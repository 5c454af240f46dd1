// Which SFrame suite a room uses is agreed among its members, and cannot be talked down.
#include <catch2/catch.hpp>

#include "session/meeting.h"

using namespace conclave;
using namespace conclave::test;

TEST_CASE("a room of any suite seals and opens, ChaCha20-Poly1305 among them", "[session]") {
  for (const FrameSuite suite : {FrameSuite::aes_128_ctr_hmac_sha256_80, FrameSuite::aes_128_ctr_hmac_sha256_64, FrameSuite::aes_128_gcm_sha256_128,
                                 FrameSuite::aes_256_gcm_sha512_128, FrameSuite::chacha20_poly1305_sha256_128}) {
    SessionConfig config;
    config.frame_suites = {suite};
    Meeting meeting(config);
    const std::size_t bob = meeting.enter("Bob");
    CHECK(meeting.parties[bob].session.frame_suite() == suite);
    auto sealer = *meeting.parties[bob].session.make_sealer(3);
    Bytes buffer(max_sealed_size(1000)), out(1000);
    const std::size_t size = *sealer.seal(Bytes(1000, 9), as_bytes("about it"), buffer);
    const OpenedFrame frame = meeting.parties[0].opener.open(std::nullopt, ByteView(buffer).first(size), as_bytes("about it"), out);
    REQUIRE(frame.opened());
    CHECK(frame.sender == meeting.parties[bob].session.self());
    CHECK(frame.stream == 3);
    CHECK(out == Bytes(1000, 9));
  }
}

TEST_CASE("who does not have the room's suite is not admitted, and who does not accept it does not join", "[session][attack]") {
  SessionConfig config;
  config.frame_suites = {FrameSuite::chacha20_poly1305_sha256_128, FrameSuite::aes_128_gcm_sha256_128};
  Meeting meeting(config);
  SessionConfig other = meeting.seeded();
  other.frame_suites = {FrameSuite::aes_128_gcm_sha256_128};
  const Identity& eve = meeting.identity();
  const auto joining = *Joining::begin(other, eve, "Eve", meeting.at());
  CHECK(meeting.parties[0].session.inspect(joining.key_package(), meeting.at()).error().code == ErrorCode::unsupported);
  CHECK(meeting.parties[0].session.admit(1, joining.key_package(), meeting.at()).error().code == ErrorCode::unsupported);
}
