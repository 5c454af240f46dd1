// A newcomer gets a Welcome or a group info from whoever likes: bytes as they come, or a group info, secrets and a tree that the fuzzer
// made, sealed and signed so that they are looked at. Only what the honest founder made may let it in. Beside it: what stands behind the
// seal of a saved group, which writes what it was read from, or does not read.
#include "mls/group/snapshot.h"
#include "mls/group/welcome.h"
#include "mls_middle.h"

using namespace conclave;
using namespace conclave::mls;

namespace {

struct Door {
  Door() {
    static_cast<void>(founder.commit({Add{std::make_shared<KeyPackage>(newcomer.key_package)}}, {}, fuzz_now, middle.random));
    static_cast<void>(founder.merge_pending());
    tree = founder.ratchet_tree();
  }
  /// A Welcome with these secrets and this group info inside.
  Bytes welcome_of(ByteView secrets, ByteView group_info) {
    const crypto::CipherSuite& suite = founder.suite();
    const WelcomeSecret secret = derive_welcome_secret(suite, JoinerSecret(suite.hash_size), PskSecret(suite.hash_size));
    Welcome welcome;
    welcome.cipher_suite = suite.id;
    GroupInfo info;
    if (auto read = wire::decode<GroupInfo>(group_info); read.ok()) info = std::move(*read);
    static_cast<void>(info.sign(Insider(founder).signer()));
    welcome.encrypted_group_info = seal_group_info(suite, secret, info);
    const auto init_key = *crypto::KemPublicKey::parse(suite.kem, newcomer.key_package.init_key);
    auto sealed = *encrypt_with_label(suite, init_key, "Welcome", welcome.encrypted_group_info, secrets, middle.random);
    welcome.secrets.push_back({to_bytes(newcomer.key_package.reference(suite).view()), std::move(sealed)});
    return encode_message(welcome);
  }
  static Bytes zero_secrets() {
    GroupSecrets secrets;
    secrets.joiner_secret = JoinerSecret(32);
    return to_bytes(wire::encode_secret(secrets).expose());
  }
  Result<Group> join(ByteView welcome, ByteView with_tree) { return Group::join({welcome, newcomer, with_tree, nullptr, nullptr, {}}, middle.random); }
  bool enters(ByteView group_info) {
    ExternalJoin request;
    request.group_info = group_info;
    request.ratchet_tree = tree;
    request.signer = middle.eve.clone();
    request.profile = Middle::profile();
    return Group::join_external(std::move(request), middle.random).ok();
  }

  Middle middle;
  Group founder = middle.found();
  KeyPackageBundle newcomer = middle.bundle();
  Bytes tree;
};

/// Reading may drop what is past and over, so that only what was written once is compared.
void restore(ByteView state) {
  crypto::SeededRandom random(1);
  const auto group = read_state(state, {}, random);
  if (!group.ok()) return;
  const SecretBuffer written = write_state(*group);
  const auto again = read_state(written.expose(), {}, random);
  if (!again.ok() || !equal(write_state(*again).expose(), written.expose())) std::abort();
  static_cast<void>(group->members());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Door door;
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  if (data[0] >= 0xF0) return restore(bytes), 0;
  switch (data[0] % 4) {
    case 0: {
      static_cast<void>(door.join(bytes, door.tree));
      static_cast<void>(door.enters(bytes));
      break;
    }
    case 1: static_cast<void>(door.join(door.welcome_of(bytes, {}), door.tree)); break;
    case 2: static_cast<void>(door.join(door.welcome_of(Door::zero_secrets(), bytes), door.tree)); break;
    default: {
      GroupInfo info;
      info.group_context = door.founder.context();
      auto tree = RatchetTree::read(door.founder.suite(), bytes, door.middle.random);
      if (!tree.ok()) break;
      info.group_context.tree_hash = to_bytes(tree->tree_hash());
      static_cast<void>(door.join(door.welcome_of(Door::zero_secrets(), wire::encode(info)), bytes));
    }
  }
  return 0;
}
