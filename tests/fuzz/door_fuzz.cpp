// What strangers and the relay hand in before anybody is authenticated: cards, knocks, credentials and names.
#include <cstdlib>

#include "room/card.h"
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Door door;
  const ByteView input(data, size);
  if (RoomCard::open(door.link, door.keys, input).ok()) std::abort();
  if (open_knock(*crypto::find_suite(1), door.admission, door.link.room_id, input).ok()) std::abort();
  if (MemberCredential::verify(input, door.link.room_id, Bytes(32, 1)).ok()) std::abort();
  (void)wire::decode<RoomCard>(input);
  const std::string name = inert_name(input);
  if (inert_name(as_bytes(name)) != name) std::abort();
  return 0;
}
