// Identity and protocol confusion: what somebody signed for one purpose, played back as something else.
#include <catch2/catch.hpp>

#include "room/message.h"
#include "room/warrant.h"

using namespace conclave;
using namespace conclave::room;

TEST_CASE("protocol confusion: what an identity signs under one label is worth nothing under another, though every byte is the same", "[room][attack]") {
  crypto::SeededRandom random(3);
  const Identity ada = *Identity::generate(random);
  const std::vector<std::string_view> labels{"conclave member v1", "conclave succession v1", "conclave warrant v1", "conclave ticket v1", "conclave card v1",
                                             "conclave transcript v1", "conclave organisation v1", ""};
  const Bytes message(57, 4);
  for (const std::string_view signed_as : labels) {
    const Bytes signature = *ada.sign(signed_as, message);
    for (const std::string_view read_as : labels) CHECK(verify_identity_signature(ada.public_key(), read_as, message, signature) == (signed_as == read_as));
  }
  // Nor does a piece of the label pass for a piece of the message.
  Bytes shifted = to_bytes(as_bytes(" v1"));
  shifted.push_back(0);
  shifted.insert(shifted.end(), message.begin(), message.end());
  CHECK_FALSE(verify_identity_signature(ada.public_key(), "conclave member", shifted, *ada.sign("conclave member v1", message)));
}

TEST_CASE("protocol confusion: an heir's voice that was signed as anything else makes no owner, and a voice vouches for nobody", "[room][attack]") {
  crypto::SeededRandom random(3);
  const Identity heir = *Identity::generate(random);
  const RoomId room_id{1};
  Endorsement voice = *Endorsement::sign(heir, room_id, 5, IdentityHash{2});
  REQUIRE(voice.verify(room_id));
  const Bytes content = wire::encode(room_id, std::uint64_t{5}, IdentityHash{2});
  voice.signature = *heir.sign("conclave succession v1", content);
  CHECK(voice.verify(room_id));  // so that what follows is about the label
  for (const char* label : {"conclave warrant v1", "conclave member v1", "conclave succession v2"}) {
    voice.signature = *heir.sign(label, content);
    CHECK_FALSE(voice.verify(room_id));
  }
}
