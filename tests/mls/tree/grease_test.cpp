// Code points that nobody knows: sent by us, ignored from others (RFC 9420 sections 7.2 and 13.5).
#include <algorithm>

#include "mls/support/world.h"
#include "mls/tree/grease.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

template <class T>
bool has_grease(const std::vector<T>& list) {
  return std::ranges::any_of(list, [](T value) { return is_grease(static_cast<std::uint16_t>(value)); });
}

bool has_grease(const Extensions& extensions) {
  return std::any_of(extensions.begin(), extensions.end(), [](const Extension& each) { return is_grease(static_cast<std::uint16_t>(each.extension_type)); });
}

bool has_grease(const Capabilities& capabilities) {
  return has_grease(capabilities.cipher_suites) && has_grease(capabilities.extensions) && has_grease(capabilities.proposals) &&
         has_grease(capabilities.credentials);
}

}  // namespace

TEST_CASE("a key package carries GREASE in its extensions, its leaf's and all its capabilities, and is valid", "[mls]") {
  World world(1);
  const KeyPackage package = world.bundle(world.client("a")).key_package;
  CHECK(has_grease(package.extensions));
  CHECK(has_grease(package.leaf_node.extensions));
  CHECK(has_grease(package.leaf_node.capabilities));
  for (const Extension& each : package.leaf_node.extensions) CHECK(package.leaf_node.capabilities.supports(each.extension_type));
  CHECK(package.validate(noon).ok());
}

TEST_CASE("GREASE values differ from one key package to the next, and are all of the registered ones", "[mls]") {
  crypto::SeededRandom random(2);
  std::vector<ExtensionType> seen;
  for (int i = 0; i < 300; ++i) {
    Extensions extensions;
    add_grease(extensions, random);
    seen.push_back(extensions.begin()->extension_type);
    CHECK(is_grease(static_cast<std::uint16_t>(seen.back())));
    CHECK(extensions.begin()->extension_data.size() <= 7);
  }
  std::ranges::sort(seen);
  CHECK(std::unique(seen.begin(), seen.end()) - seen.begin() == 15);
}

TEST_CASE("leaves keep their GREASE through commits, updates and external joins, and group infos carry it", "[mls]") {
  World world(3);
  Client& alice = world.founder("alice");
  Client& bob = *world.add(alice, {"bob"})[0];
  world.commit(alice);
  CHECK(has_grease(alice.in().member({0})->capabilities));
  CHECK(has_grease(alice.in().member({0})->extensions));
  const Bytes update = need(bob.in().propose_update({}, world.random));
  world.deliver_proposal(bob, update);
  world.commit(alice);
  CHECK(has_grease(alice.in().member({1})->capabilities));

  const Bytes info = need(alice.in().group_info(true));
  CHECK(has_grease(std::get<GroupInfo>(need(MlsMessage::decode(info)).body).extensions));
  Client& carol = world.client("carol");
  ExternalJoin request{info, {}, carol.signer.clone(), world.profile("carol"), {}, {}, {}, {}, {}};
  auto joined = need(Group::join_external(std::move(request), world.random));
  world.deliver(carol, joined.commit);
  carol.group = std::move(joined.group);
  world.check_agreement();
  CHECK(has_grease(alice.in().member({2})->capabilities));
  CHECK(has_grease(alice.in().member({2})->extensions));
  CHECK_FALSE(has_grease(alice.in().extensions()));  // which must not have any (RFC 9420 section 13.5)
}

TEST_CASE("a member that replaces its capabilities still lists what its leaf uses", "[mls]") {
  World world(4);
  Client& alice = world.founder("alice");
  world.add(alice, {"bob"});
  CommitOptions options;
  options.leaf.capabilities = Capabilities::of_library(world.suite().id);
  world.commit(alice, {}, std::move(options));
  const LeafNode leaf = *alice.in().member({0});
  for (const Extension& each : leaf.extensions) CHECK(leaf.capabilities.supports(each.extension_type));
  world.check_agreement();
}

TEST_CASE("default types are never listed by us, and change nothing where others list them", "[mls]") {
  World world(5);
  Client& alice = world.founder("alice");
  Client& bob = world.client("bob");
  ClientProfile profile = world.profile("bob");
  profile.capabilities.extensions = {ExtensionType::application_id, ExtensionType::ratchet_tree};
  profile.capabilities.proposals = {ProposalType::add, ProposalType::reinit};
  KeyPackageBundle bundle = need(KeyPackageBundle::generate(world.suite(), bob.signer, profile, {}, world.random));
  const auto lists_default = [](const auto& types) { return std::ranges::any_of(types, [](auto type) { return is_default(type); }); };
  CHECK_FALSE(lists_default(bundle.key_package.leaf_node.capabilities.extensions));
  CHECK_FALSE(lists_default(bundle.key_package.leaf_node.capabilities.proposals));

  LeafNode& leaf = bundle.key_package.leaf_node;
  leaf.capabilities.extensions.push_back(ExtensionType::external_pub);
  leaf.capabilities.proposals.push_back(ProposalType::add);
  need(leaf.sign(bob.signer, {}, {}));
  need(bundle.key_package.sign(bob.signer));
  const PendingCommit pending = world.commit(alice, {Add{std::make_shared<KeyPackage>(bundle.key_package)}});
  bob.group = need(Group::join({*pending.welcome, bundle, {}, nullptr, nullptr, {}}, world.random));
  world.check_agreement();
}
