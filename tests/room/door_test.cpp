// The way from a link to a knock: identity, card, knock.
#include <catch2/catch.hpp>

#include "room/card.h"
#include "room/identity.h"
#include "room/knock.h"

using namespace conclave;
using namespace conclave::room;

namespace {

struct Door {
  crypto::SeededRandom random{11};
  Identity founder = *Identity::generate(random);
  crypto::KemPrivateKey admission = *crypto::KemPrivateKey::generate(suite().kem, random);
  Link link;
  InvitationKeys keys;
  Bytes card;

  Door() {
    random.fill(link.room_id);
    random.fill(link.invitation);
    link.founder_hash = founder.hash();
    keys = *InvitationKeys::derive(link);
    card = *RoomCard::seal(founder, link.room_id, keys, 1, admission.public_key().bytes(), random);
  }

  static const crypto::CipherSuite& suite() { return *crypto::find_suite(1); }
};

}  // namespace

TEST_CASE("a credential binds identity, room, leaf key and name", "[room][attack]") {
  Door door;
  const Bytes leaf_key(32, 9);
  const Bytes credential = *door.founder.credential(door.link.room_id, leaf_key, "Ada");
  const auto verified = MemberCredential::verify(credential, door.link.room_id, leaf_key);
  REQUIRE(verified.ok());
  CHECK(equal(verified->identity_key, door.founder.public_key()));

  RoomId other_room = door.link.room_id;
  other_room[3] ^= 1;
  CHECK_FALSE(MemberCredential::verify(credential, other_room, leaf_key).ok());
  CHECK_FALSE(MemberCredential::verify(credential, door.link.room_id, Bytes(32, 8)).ok());
  for (std::size_t bit = 0; bit < credential.size() * 8; ++bit) {
    Bytes flipped = credential;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CHECK_FALSE(MemberCredential::verify(flipped, door.link.room_id, leaf_key).ok());
  }
}

TEST_CASE("a card opens under its link alone", "[room][attack]") {
  Door door;
  const auto card = RoomCard::open(door.link, door.keys, door.card);
  REQUIRE(card.ok());
  CHECK(equal(card->admission_key, door.admission.public_key().bytes()));

  Link other = door.link;
  other.invitation[0] ^= 1;
  CHECK(RoomCard::open(other, *InvitationKeys::derive(other), door.card).error().code == ErrorCode::not_authentic);
  for (std::size_t size = 0; size < door.card.size(); ++size) {
    CHECK_FALSE(RoomCard::open(door.link, door.keys, ByteView(door.card).first(size)).ok());
  }
}

TEST_CASE("a card by somebody else than the pinned founder is an identity mismatch", "[room][attack]") {
  Door door;
  const Identity impostor = *Identity::generate(door.random);
  const Bytes forged = *RoomCard::seal(impostor, door.link.room_id, door.keys, 1, door.admission.public_key().bytes(), door.random);
  CHECK(RoomCard::open(door.link, door.keys, forged).error().code == ErrorCode::identity_mismatch);
}

TEST_CASE("a knock opens for the admission key of its room alone", "[room][attack]") {
  Door door;
  const RoomCard card = *RoomCard::open(door.link, door.keys, door.card);
  const Bytes challenge(32, 5);
  const Bytes package(300, 6);
  const Bytes knock = *seal_knock(card, door.link.room_id, challenge, package, door.random);
  CHECK(*open_knock(Door::suite(), door.admission, door.link.room_id, knock) == package);

  RoomId other_room = door.link.room_id;
  other_room[0] ^= 1;
  CHECK_FALSE(open_knock(Door::suite(), door.admission, other_room, knock).ok());
  const auto other_key = *crypto::KemPrivateKey::generate(Door::suite().kem, door.random);
  CHECK_FALSE(open_knock(Door::suite(), other_key, door.link.room_id, knock).ok());
  for (std::size_t i = 0; i < knock.size(); ++i) {
    Bytes flipped = knock;
    flipped[i] ^= 0x10;
    CHECK_FALSE(open_knock(Door::suite(), door.admission, door.link.room_id, flipped).ok());
  }
}

TEST_CASE("the gate's signature covers room, challenge and knock", "[room]") {
  Door door;
  const Bytes challenge(32, 5);
  const Bytes sealed(40, 1);
  const Bytes signature = *sign_knock(door.keys, door.link.room_id, challenge, sealed);
  Bytes message = to_bytes(as_bytes("conclave knock v1"));
  message.insert(message.end(), door.link.room_id.begin(), door.link.room_id.end());
  message.insert(message.end(), challenge.begin(), challenge.end());
  message.insert(message.end(), sealed.begin(), sealed.end());
  CHECK(door.keys.gate_key.public_key().verify(message, signature));
  message.back() ^= 1;
  CHECK_FALSE(door.keys.gate_key.public_key().verify(message, signature));
}
