#include "room/door_key.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"

using namespace conclave;
using namespace conclave::room;

namespace {

struct Handover {
  crypto::SeededRandom random{11};
  const crypto::CipherSuite& suite = *crypto::find_suite(1);
  RoomId room_id{1, 2, 3};
  crypto::KemPrivateKey admission = *crypto::KemPrivateKey::generate(suite.kem, random);
  crypto::KemPrivateKey wanted = *crypto::KemPrivateKey::generate(suite.kem, random);
  IdentityHash recipient{9};
  DoorRequest request;
  DoorKey word;

  Handover() {
    request.public_key = to_bytes(wanted.public_key().bytes());
    word = *DoorKey::seal(suite, room_id, admission, recipient, request, random);
  }
  [[nodiscard]] std::optional<ErrorCode> refused(const DoorKey& key, const RoomId& room, const crypto::KemPrivateKey& with) const {
    const auto opened = key.open(suite, room, with, admission.public_key().bytes());
    return opened.ok() ? std::nullopt : std::optional(opened.error().code);
  }
};

}  // namespace

TEST_CASE("the key of the door reaches who asked for it, and opens what the card's key sealed", "[room]") {
  Handover handover;
  const auto read = DoorKey::parse(handover.word.encode());
  REQUIRE(read);
  const auto key = read->open(handover.suite, handover.room_id, handover.wanted, handover.admission.public_key().bytes());
  REQUIRE(key.ok());
  CHECK(equal(key->expose(), handover.admission.expose()));
}

TEST_CASE("the key of the door is for one member of one room", "[room][attack]") {
  Handover handover;
  const auto other = *crypto::KemPrivateKey::generate(handover.suite.kem, handover.random);
  CHECK(handover.refused(handover.word, handover.room_id, other) == ErrorCode::not_authentic);
  CHECK(handover.refused(handover.word, RoomId{1, 2, 4}, handover.wanted) == ErrorCode::not_authentic);
  DoorKey redirected = handover.word;
  redirected.recipient[0] ^= 1;
  CHECK(handover.refused(redirected, handover.room_id, handover.wanted) == ErrorCode::not_authentic);
  const DoorKey foreign = *DoorKey::seal(handover.suite, handover.room_id, other, handover.recipient, handover.request, handover.random);
  CHECK(handover.refused(foreign, handover.room_id, handover.wanted) == ErrorCode::identity_mismatch);
}

TEST_CASE("words about the door are nothing else, and whole", "[room][fuzz]") {
  Handover handover;
  const Bytes request = handover.request.encode();
  const Bytes word = handover.word.encode();
  CHECK(DoorRequest::parse(request));
  CHECK_FALSE(DoorKey::parse(request));
  CHECK_FALSE(DoorRequest::parse(word));
  for (std::size_t size = 0; size < word.size(); ++size) CHECK_FALSE(DoorKey::parse(ByteView(word).first(size)));
  for (std::size_t size = 0; size < request.size(); ++size) CHECK_FALSE(DoorRequest::parse(ByteView(request).first(size)));
  Bytes longer = word;
  longer.push_back(0);
  CHECK_FALSE(DoorKey::parse(longer));
}
