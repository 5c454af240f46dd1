// A ratchet tree from a stranger: read, validated as a newcomer would, written again.
#include <cstdlib>

#include "base/bytes.h"
#include "mls/group/tree_validation.h"

using namespace conclave;
using namespace conclave::mls;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  crypto::SeededRandom random(1);
  auto tree = RatchetTree::read(crypto::all_suites()[0], bytes, random);
  if (!tree.ok()) return 0;
  if (!equal(tree->encode(), bytes)) std::abort();
  GroupContext context;
  context.cipher_suite = crypto::all_suites()[0].id;
  static_cast<void>(validate_tree(*tree, context));
  static_cast<void>(tree->tree_hash());
  return 0;
}
