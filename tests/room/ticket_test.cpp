#include "room/ticket.h"

#include <catch2/catch.hpp>

#include "conclave/link.h"

using namespace conclave;
using namespace conclave::room;

namespace {

struct Tickets {
  crypto::SeededRandom random{21};
  RoomId room_id{1, 2, 3};
  Identity host = *Identity::generate(random);
  Identity guest = *Identity::generate(random);
  Identity raider = *Identity::generate(random);

  PersonalInvitation issue(std::optional<IdentityHash> bound = {}) {
    return *PersonalInvitation::issue(host, room_id, {"Bob from accounting", bound, {1000}}, random);
  }
};

}  // namespace

TEST_CASE("a personal invitation says who gave it to whom, and its use who has it", "[room]") {
  Tickets t;
  const PersonalInvitation invitation = t.issue();
  const Bytes use = *invitation.use(t.guest.public_key());
  const auto ticket = verify_ticket_use(use, t.room_id, t.guest.public_key());
  REQUIRE(ticket.ok());
  CHECK(ticket->issuer() == t.host.hash());
  CHECK(equal(ticket->invitee, as_bytes("Bob from accounting")));
  CHECK(ticket->expires == 1000);
  CHECK(ticket->id() == invitation.ticket().id());
  CHECK(ticket->id() != t.issue().ticket().id());
}

TEST_CASE("a personal invitation travels in a link and comes out whole", "[room]") {
  Tickets t;
  Link link;
  link.host = "relay.example";
  link.port = 443;
  link.room_id = t.room_id;
  const PersonalInvitation invitation = t.issue(t.guest.hash());
  link.personal = to_bytes(invitation.serialise().expose());
  const auto read = Link::parse(link.text());
  REQUIRE(read.ok());
  const auto again = PersonalInvitation::parse(read->personal, read->room_id);
  REQUIRE(again.ok());
  CHECK(again->ticket().id() == invitation.ticket().id());
  for (std::size_t size = 0; size < link.personal.size(); ++size) {
    CHECK_FALSE(PersonalInvitation::parse(ByteView(link.personal).first(size), t.room_id).ok());
  }
  link.personal.push_back(0);
  CHECK_FALSE(PersonalInvitation::parse(link.personal, t.room_id).ok());
}

TEST_CASE("the use of an invitation is worth nothing to another key, in another room, or changed in any bit", "[room][attack]") {
  Tickets t;
  const Bytes use = *t.issue().use(t.guest.public_key());
  CHECK(verify_ticket_use(use, t.room_id, t.raider.public_key()).error().code == ErrorCode::not_authentic);
  CHECK(verify_ticket_use(use, RoomId{9}, t.guest.public_key()).error().code == ErrorCode::wrong_group);
  for (std::size_t bit = 0; bit < use.size() * 8; ++bit) {
    Bytes flipped = use;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
    CHECK_FALSE(verify_ticket_use(flipped, t.room_id, t.guest.public_key()).ok());
  }
  for (std::size_t size = 0; size < use.size(); ++size) CHECK_FALSE(verify_ticket_use(ByteView(use).first(size), t.room_id, t.guest.public_key()).ok());
}

TEST_CASE("an invitation for a known identity serves nobody else who found it", "[room][attack]") {
  Tickets t;
  const PersonalInvitation invitation = t.issue(t.guest.hash());
  CHECK(verify_ticket_use(*invitation.use(t.guest.public_key()), t.room_id, t.guest.public_key()).ok());
  CHECK(verify_ticket_use(*invitation.use(t.raider.public_key()), t.room_id, t.raider.public_key()).error().code == ErrorCode::identity_mismatch);
}

TEST_CASE("an invitation that was made up is its maker's, not the host's", "[room][attack]") {
  Tickets t;
  const auto forged = *PersonalInvitation::issue(t.raider, t.room_id, {"Bob", {}, {1000}}, t.random);
  const auto ticket = verify_ticket_use(*forged.use(t.guest.public_key()), t.room_id, t.guest.public_key());
  REQUIRE(ticket.ok());
  CHECK(ticket->issuer() == t.raider.hash());  // whom the policy gives no right to admit
}

TEST_CASE("all invitations of one issuer to a room have one lane key, and no other room's or issuer's", "[room]") {
  crypto::SeededRandom random(5);
  const Identity ada = *Identity::generate(random), bob = *Identity::generate(random);
  const auto lane = [&](const Identity& issuer, const RoomId& where) {
    const auto made = *PersonalInvitation::issue(issuer, where, {"Cleo", {}, {9}}, random);
    const auto read = *PersonalInvitation::parse(made.serialise().expose(), where);
    CHECK(equal(read.lane_key().public_key().bytes(), made.lane_key().public_key().bytes()));
    return to_bytes(read.lane_key().public_key().bytes());
  };
  CHECK(lane(ada, RoomId{1}) == lane(ada, RoomId{1}));
  CHECK(lane(ada, RoomId{1}) == to_bytes(lane_key_of(ada, RoomId{1})->public_key().bytes()));
  CHECK(lane(ada, RoomId{1}) != lane(ada, RoomId{2}));
  CHECK(lane(ada, RoomId{1}) != lane(bob, RoomId{1}));
  CHECK(lane(ada, RoomId{1}) != to_bytes(ada.public_key()));
}
