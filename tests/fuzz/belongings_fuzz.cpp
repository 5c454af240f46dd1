// The files of one member: what an identity file asks for is known before it is spent, and sealed contacts of somebody else open to nothing.
#include <cstdlib>

#include "room/contacts.h"
#include "room/identity_file.h"

using namespace conclave;
using namespace conclave::room;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const auto cost = cost_of(input);
  constexpr std::size_t mebibyte = std::size_t{1} << 20;
  if (cost.ok() && (cost->memory > 256 * mebibyte || cost->passes > 8 || cost->passes * (cost->memory / mebibyte) > 512)) std::abort();
  const bool cheapest = cost.ok() && cost->passes == 1 && cost->memory == 8 * mebibyte;
  if (cheapest || !cost.ok()) (void)open_identity(input, as_bytes("x"));
  crypto::SeededRandom random(1);
  static const Identity identity = *Identity::generate(random);
  const auto contacts = open_contacts(input, identity);
  if (contacts.ok()) (void)Contacts::parse(contacts->expose());
  (void)Contacts::parse(input);
  return 0;
}
