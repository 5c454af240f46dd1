#include "conclave/link.h"

#include <catch2/catch.hpp>

#include "crypto/random.h"
#include "room/invitation.h"

using namespace conclave;

namespace {

Link sample(const std::string& host = "relay.example", std::uint16_t port = 4433) {
  crypto::SeededRandom random(7);
  Link link;
  link.host = host;
  link.port = port;
  random.fill(link.room_id);
  random.fill(link.relay_key_hash);
  random.fill(link.founder_hash);
  random.fill(link.invitation);
  return link;
}

}  // namespace

TEST_CASE("a link reads back what it wrote, for names and for addresses", "[room]") {
  for (const char* host : {"relay.example", "127.0.0.1", "::1", "2001:db8::7"}) {
    const Link link = sample(host, 65535);
    const Result<Link> read = Link::parse(link.text());
    REQUIRE(read.ok());
    CHECK(read->host == host);
    CHECK(read->port == 65535);
    CHECK(read->room_id == link.room_id);
    CHECK(read->relay_key_hash == link.relay_key_hash);
    CHECK(read->founder_hash == link.founder_hash);
    CHECK(read->invitation == link.invitation);
    CHECK(read->text() == link.text());
  }
}

TEST_CASE("every truncation of a link is refused without quoting it", "[room][attack]") {
  const std::string text = sample().text();
  for (std::size_t length = 0; length < text.size(); ++length) {
    const Result<Link> read = Link::parse(text.substr(0, length));
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().detail.find("relay.example") == std::string::npos);
  }
}

TEST_CASE("a link has one spelling", "[room][attack]") {
  const std::string text = sample().text();
  CHECK_FALSE(Link::parse(" " + text).ok());
  CHECK_FALSE(Link::parse(text + " ").ok());
  CHECK_FALSE(Link::parse(text + "=").ok());
  CHECK_FALSE(Link::parse("https" + text.substr(8)).ok());
  for (const char* bad : {"conclave://:1/", "conclave://a:0/", "conclave://a:01/", "conclave://a:65536/", "conclave://a:/",
                          "conclave://a b:1/", "conclave://[::1:1/", "conclave://a%0a:1/", "conclave://user@a:1/"}) {
    CHECK_FALSE(Link::parse(bad + text.substr(text.rfind('/') + 1)).ok());
  }
}

TEST_CASE("a link of another version says so", "[room]") {
  std::string text = sample().text();
  text[text.find('#') + 1] = 'B';
  const Result<Link> read = Link::parse(text);
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().code == ErrorCode::version_mismatch);
}

TEST_CASE("keys of a link depend on the room and on the invitation", "[room]") {
  const Link link = sample();
  Link other_room = link;
  other_room.room_id[0] ^= 1;
  Link other_invitation = link;
  other_invitation.invitation[31] ^= 1;
  const auto keys = room::InvitationKeys::derive(link);
  REQUIRE(keys.ok());
  for (const Link& other : {other_room, other_invitation}) {
    const auto other_keys = room::InvitationKeys::derive(other);
    REQUIRE(other_keys.ok());
    CHECK_FALSE(constant_time_equal(keys->card_key.expose(), other_keys->card_key.expose()));
    CHECK_FALSE(keys->gate_key.public_key() == other_keys->gate_key.public_key());
  }
}
