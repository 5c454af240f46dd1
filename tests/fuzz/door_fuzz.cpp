// What strangers and the relay hand in before anybody is authenticated: cards, knocks, credentials and names; and what members say of the door's key.
#include <cstdlib>

#include "base/bytes.h"
#include "room/card.h"
#include "room/door_key.h"
#include "room/knock.h"
#include "room/text.h"

using namespace conclave;
using namespace conclave::room;

namespace {

struct Door {
  crypto::SeededRandom random{1};
  Link link;
  InvitationKeys keys = *InvitationKeys::derive(link);
  crypto::KemPrivateKey admission = *crypto::KemPrivateKey::generate(crypto::KemAlgorithm::x25519_sha256, random);
};

/// Words that parse are spelled in one way, and no key comes out of what nobody sealed.
void hear(Door& door, ByteView word) {
  const crypto::CipherSuite& suite = *crypto::find_suite(1);
  if (const auto request = DoorRequest::parse(word)) {
    if (!equal(request->encode(), word)) std::abort();
    (void)DoorKey::seal(suite, door.link.room_id, door.admission, {}, *request, door.random);
  }
  if (const auto key = DoorKey::parse(word)) {
    if (!equal(key->encode(), word)) std::abort();
    if (key->open(suite, door.link.room_id, door.admission, door.admission.public_key().bytes()).ok()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Door door;
  const ByteView input(data, size);
  if (RoomCard::open(door.link, door.keys, input).ok()) std::abort();
  if (open_knock(*crypto::find_suite(1), door.admission, door.link.room_id, input).ok()) std::abort();
  if (MemberCredential::verify(input, door.link.room_id, Bytes(32, 1)).ok()) std::abort();
  (void)wire::decode<RoomCard>(input);
  hear(door, input);
  const std::string name = inert_name(input);
  if (inert_name(as_bytes(name)) != name) std::abort();
  return 0;
}
