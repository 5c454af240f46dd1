// Anything at all, handed to a member in the middle of a group and to somebody at its door: refused, and nothing changes.
#include <cstdlib>

#include "base/bytes.h"
#include "mls/framing/message.h"
#include "mls/group/group.h"

using namespace conclave;
using namespace conclave::mls;

namespace {

constexpr UnixSeconds now{1'700'000'000};

ClientProfile profile(std::string_view name) {
  ClientProfile profile;
  profile.credential = BasicCredential{to_bytes(as_bytes(name))};
  profile.capabilities = Capabilities::of_library(crypto::SuiteId::x25519_aes128gcm_sha256_ed25519);
  profile.lifetime = {now.value - 1000, now.value + 1000};
  return profile;
}

struct World {
  crypto::SeededRandom random{1};
  const crypto::CipherSuite& suite = *crypto::find_suite(1);
  crypto::SignaturePrivateKey signer = *crypto::SignaturePrivateKey::generate(suite.signature, random);
  KeyPackageBundle bundle = *KeyPackageBundle::generate(suite, signer, profile("Bob"), {}, random);
  Group group = make_group();

  Group make_group() {
    GroupConfig config;
    config.group_id = Bytes(16, 7);
    config.signer = *crypto::SignaturePrivateKey::generate(suite.signature, random);
    config.profile = profile("Ada");
    Group made = *Group::create(std::move(config), random);
    std::vector<Proposal> proposals;
    proposals.emplace_back(Add{std::make_shared<const KeyPackage>(bundle.key_package)});
    (void)*made.commit(std::move(proposals), {}, now, random);
    (void)made.merge_pending();
    return made;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  const ByteView input(data, size);
  const Bytes before = to_bytes(world.group.epoch_authenticator());
  if (world.group.stage(input, now).ok() || world.group.unprotect(input).ok() || world.group.receive_proposal(input, now).ok()) std::abort();
  const JoinRequest request{.welcome = input, .bundle = world.bundle, .ratchet_tree = {}, .psks = nullptr, .predecessor = nullptr, .options = {}};
  if (Group::join(request, world.random).ok()) std::abort();
  if (!equal(before, world.group.epoch_authenticator())) std::abort();
  const auto package = wire::decode<KeyPackage>(input);
  if (package.ok() && wire::encode(*package) != to_bytes(input)) std::abort();
  const auto tree = RatchetTree::read(world.suite, input, world.random);
  if (tree.ok() && tree->encode() != to_bytes(input)) std::abort();
  return 0;
}
