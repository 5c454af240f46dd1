// Nothing assumes that a key has 32 bytes: a hybrid KEM, as X25519 with ML-KEM-768, has public keys of 1,216 and ciphertexts of 1,120.
#include "mls/objects/key_package.h"
#include "mls/group/welcome.h"
#include "mls/support/world.h"
#include "mls/tree/parent_hash.h"
#include "mls/tree/update_path.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

constexpr std::size_t key_size = 1216;
constexpr std::size_t ciphertext_size = 1120;

Bytes key_number(std::uint8_t number) { return Bytes(key_size, number); }

template <class T>
void check_travels(const T& value) {
  const Bytes encoded = wire::encode(value);
  const auto decoded = wire::decode<T>(encoded);
  REQUIRE(decoded.ok());
  CHECK(wire::encode(*decoded) == encoded);
}

LeafNode leaf_with(World& world, const Bytes& key) {
  LeafNode leaf = world.bundle(world.client("someone")).key_package.leaf_node;
  leaf.encryption_key = key;
  return leaf;
}

}  // namespace

TEST_CASE("keys and ciphertexts of a hybrid KEM's size travel in everything that carries one", "[mls]") {
  World world(17);
  KeyPackage package = world.bundle(world.client("alice")).key_package;
  package.init_key = key_number(1);
  package.leaf_node.encryption_key = key_number(2);
  check_travels(package);
  check_travels(UpdatePath{leaf_with(world, key_number(3)), {{key_number(4), {{Bytes(ciphertext_size, 5), Bytes(80, 6)}}}}});
  Welcome welcome;
  welcome.cipher_suite = world.suite().id;
  welcome.secrets.push_back({Bytes(32, 7), {Bytes(ciphertext_size, 8), Bytes(120, 9)}});
  welcome.encrypted_group_info = Bytes(400, 10);
  check_travels(welcome);
  check_travels(ExternalInit{Bytes(ciphertext_size, 11)});
}

TEST_CASE("a ratchet tree and an update path with keys of a hybrid KEM's size are hashed, read and merged as any other", "[mls]") {
  World world(18);
  const crypto::CipherSuite& suite = world.suite();
  RatchetTree tree(suite, world.random);
  for (std::uint8_t i = 0; i < 4; ++i) tree.add(TreeLeaf(leaf_with(world, key_number(i))));

  UpdatePath path{leaf_with(world, key_number(20)), {{key_number(21), {}}, {key_number(22), {}}}};
  const auto steps = tree.filtered_direct_path({0});
  REQUIRE(steps.size() == 2);
  Bytes above;
  for (std::size_t i = steps.size(); i-- > 0;) {
    above = to_bytes(parent_hash(suite, path.nodes[i].encryption_key, above, tree.tree_hash(steps[i].copath)).view());
  }
  path.leaf_node.source = CommittedLeaf{above};
  need(merge_path(tree, {0}, path));
  CHECK(equal(tree.encryption_key(tree.root()), key_number(22)));
  CHECK(tree.has_encryption_key(key_number(21)));
  CHECK(tree.has_encryption_key(key_number(20)));

  RatchetTree read = need(RatchetTree::read(suite, tree.encode(), world.random));
  CHECK(equal(read.tree_hash(), tree.tree_hash()));
  CHECK(read.leaf({3})->encryption_key().size() == key_size);
}
