// What large groups cost, in bytes and in work that can be counted. Times are for the benchmarks.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "mls/cost/allocation_count.h"
#include "mls/group/tree_validation.h"
#include "mls/support/large_group.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::cost;

namespace {

/// What the receiver, below whom the whole path changes, allocates while it stages a path commit.
std::size_t staging_bytes(std::uint32_t members) {
  LargeGroup group(members, Trees::filled);
  const PendingCommit pending = need(group.sender->commit({}, {}, noon, group.random()));
  const std::size_t before = allocated_bytes();
  const StagedCommit staged = need(group.receiver->stage(pending.commit, noon));
  return allocated_bytes() - before;
}

}  // namespace

TEST_CASE("staging a commit allocates as the logarithm of the members grows, not as their number", "[mls]") {
  if (!can_count()) return void(std::cout << "SKIPPED: the sanitizer has its own allocator" << std::endl);
  const std::size_t hundred = staging_bytes(100);
  const std::size_t thousand = staging_bytes(1000);
  CHECK(hundred > 0);
  CHECK(thousand < 2 * hundred);
  CHECK(thousand < 100'000);
  if (std::getenv("CONCLAVE_LONG") != nullptr) CHECK(staging_bytes(10000) < 2 * thousand);
}

TEST_CASE("the state of a group with 1,000 members takes at most 0.6 MB of heap", "[mls]") {
  if (!can_count()) return void(std::cout << "SKIPPED: the sanitizer has its own allocator" << std::endl);
  LargeGroup group(1000, Trees::filled);
  const std::size_t before = live_bytes();
  const Group joined = group.join();
  CHECK(joined.member_count() == 1000);
  CHECK(live_bytes() - before <= 600'000);
}

TEST_CASE("a tree whose every parent lists every leaf below it as unmerged is refused without work that grows as their product", "[mls][attack]") {
  LargeGroup group(2, Trees::fresh);
  const crypto::CipherSuite& suite = group.receiver->suite();
  RatchetTree tree(suite, group.random());
  constexpr std::uint32_t count = 8192;
  LeafNode leaf = *group.receiver->member({1});
  for (std::uint32_t i = 0; i < count; ++i) {
    group.random().fill(leaf.encryption_key);
    group.random().fill(leaf.signature_key);
    tree.place(TreeLeaf(leaf));
  }
  for (std::uint32_t node = 1; node < node_count(count); node += 2) {
    ParentNode parent;
    parent.encryption_key.resize(32);
    group.random().fill(parent.encryption_key);
    for (LeafIndex below = first_leaf({node}); below <= last_leaf({node}); ++below.value) parent.unmerged_leaves.push_back(below);
    tree.set_parent({node}, TreeParent(parent));
  }
  const std::size_t before = allocated_bytes();
  const auto valid = validate_tree(tree, group.receiver->context());
  REQUIRE_FALSE(valid.ok());
  CHECK(valid.error().detail == "a parent node is not parent-hash valid");
  CHECK(allocated_bytes() - before < 10 * tree.encode().size());  // every list is read once, and the keys are sorted
}

TEST_CASE("a group of ten thousand is made by one commit, joined, and run", "[mls][sim]") {
  const std::uint32_t size = std::getenv("CONCLAVE_LONG") != nullptr ? 10000 : 300;
  LargeGroup helper(2, Trees::fresh);
  crypto::Random& random = helper.random();
  std::vector<Proposal> proposals;
  std::vector<KeyPackageBundle> bundles;
  for (std::uint32_t i = 1; i < size; ++i) {
    KeyPackageBundle bundle = helper.bundle();
    proposals.push_back(Add{std::make_shared<KeyPackage>(bundle.key_package)});
    if (i == 1 || i == size / 2 || i + 1 == size) bundles.push_back(std::move(bundle));
  }
  GroupConfig config;
  config.signer = need(crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random));
  config.profile = {BasicCredential{{1}}, Capabilities::of_library(config.suite), {}, {noon.value - 10, noon.value + 10}};
  std::vector<Group> members;
  members.push_back(need(Group::create(std::move(config), random)));
  const PendingCommit founding = need(members[0].commit(std::move(proposals), {}, noon, random));
  need(members[0].merge_pending());
  for (const KeyPackageBundle& bundle : bundles) members.push_back(need(Group::join({*founding.welcome, bundle, {}, nullptr, nullptr, {}}, random)));

  for (Group& committer : members) {  // each of those who are real commits once, the last one removes somebody
    std::vector<Proposal> changes;
    if (&committer == &members.back()) changes.emplace_back(Remove{{size / 3}});
    const PendingCommit pending = need(committer.commit(std::move(changes), {}, noon, random));
    for (Group& each : members) {
      if (&each != &committer) need(each.merge(need(each.stage(pending.commit, noon))));
    }
    need(committer.merge_pending());
    const Bytes text = need(committer.protect(Bytes(3, 'x'), {}, random));
    for (Group& each : members) {
      CHECK(equal(each.epoch_authenticator(), committer.epoch_authenticator()));
      if (&each != &committer) CHECK(need(each.unprotect(text)).plaintext.size() == 3);
    }
  }
  CHECK(members[0].member_count() == size - 1);
}
