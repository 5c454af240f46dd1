// Welcomes into groups that claim to be reinitialised or branched from one that the newcomer knows (RFC 9420 sections 11.2, 11.3, 12.4.3.1).
#include "mls/attack/scene.h"
#include "mls/support/forge.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

constexpr auto private_type = static_cast<ExtensionType>(0xF00D);

/// What Alice claims about the new group.
struct Claim {
  crypto::SuiteId suite = crypto::SuiteId::x25519_chacha20poly1305_sha256_ed25519;
  Bytes group_id{5, 5};
  Extensions extensions{};
  std::uint64_t epoch = 1;
  ResumptionPskUsage usage = ResumptionPskUsage::reinit;
  std::uint64_t psk_epochs_ago = 0;
  std::size_t members = 2;  ///< with Alice and Bob
  bool twice = false;       ///< two PSKs of that usage
};

/// Alice, Bob and Carol; Alice makes Welcomes for Bob.
struct Lineage {
  Lineage() { world.add(alice, {"bob", "carol"}); }

  void reinit(ProtocolVersion version = ProtocolVersion::mls10) {
    world.commit(alice, {ReInit{{5, 5}, version, Claim().suite, {}}});
  }
  Group& bob() { return world.clients[1].in(); }

  /// What Bob says to the Welcome.
  Result<Group> join(const Claim& claim, bool with_predecessor = true) {
    World apart(7, claim.suite);
    const auto profile = [&](const std::string& name) {
      ClientProfile out = apart.profile(name);
      out.capabilities.extensions.push_back(private_type);
      return out;
    };
    Group fresh = need(Group::create({claim.suite, claim.group_id, alice.signer.clone(), profile("alice"), claim.extensions, {}}, world.random));
    const auto bundle = need(KeyPackageBundle::generate(apart.suite(), world.clients[1].signer, profile("bob"), {}, world.random));
    std::vector<Proposal> adds{Add{std::make_shared<KeyPackage>(bundle.key_package)}};
    while (adds.size() + 1 < claim.members) {
      const auto more = need(KeyPackageBundle::generate(apart.suite(), apart.client("more").signer, profile("more"), {}, world.random));
      adds.emplace_back(Add{std::make_shared<KeyPackage>(more.key_package)});
    }
    need(fresh.commit(std::move(adds), {}, noon, world.random));
    need(fresh.merge_pending());
    RatchetTree tree = need(RatchetTree::read(apart.suite(), fresh.ratchet_tree(), world.random));
    const PreSharedKeyId id{ResumptionPskId{claim.usage, to_bytes(alice.in().group_id()), alice.in().epoch() - claim.psk_epochs_ago},
                            Bytes(apart.suite().hash_size, 1)};
    ForgedWelcome forged{{0}, alice.signer, bundle.key_package, claim.extensions};
    forged.epoch = claim.epoch;
    forged.psks = {id};
    if (claim.twice) {
      forged.psks.push_back(id);
      forged.psks.back().psk_nonce[0] = 2;
    }
    forged.psk_secrets = &alice.in().psks();
    const Bytes welcome = forge_welcome(tree, claim.group_id, forged, world.random);
    PskStore psks;
    psks.add_resumption(to_bytes(alice.in().group_id()), alice.in().epoch(), ResumptionPsk::copy_of(*bob().psks().find(id)));
    return Group::join({welcome, bundle, {}, &psks, with_predecessor ? &bob() : nullptr, {}}, world.random);
  }
  void refused(const Claim& claim, const std::string& reason, std::optional<std::uint32_t> blamed = 0) {
    check_refused(bob(), [&](Group&) { return join(claim); }, {reason, ErrorCode::invalid_message, blamed});
  }

  World world{50};
  Client& alice = world.founder("alice");
};

Claim but(const std::function<void(Claim&)>& bend, Claim claim = {}) {
  bend(claim);
  return claim;
}

}  // namespace

TEST_CASE("a group that is not what the old one was reinitialised as keeps the newcomer out", "[mls][attack]") {
  Lineage scene;
  scene.reinit();
  const Claim honest{.members = 3};
  need(scene.join(honest));
  const std::string differs = "the new group is not what the old one was reinitialised as";
  scene.refused(but([](Claim& claim) { claim.group_id = {5, 6}; }, honest), differs);
  scene.refused(but([](Claim& claim) { claim.suite = crypto::SuiteId{1}; }, honest), differs);
  scene.refused(but([](Claim& claim) { claim.extensions.set(private_type, {1}); }, honest), differs);
  scene.refused(but([](Claim& claim) { claim.members = 2; }, honest), "a member of the old group is missing from the new one");
  for (const std::uint64_t epoch : {0U, 2U}) {
    scene.refused(but([&](Claim& claim) { claim.epoch = epoch; }, honest), "a reinitialised or branched group does not begin with epoch 1");
  }
  scene.refused(but([](Claim& claim) { claim.psk_epochs_ago = 1; }, honest), "the PSK is not of the epoch that the reinitialization began");
}

TEST_CASE("a reinitialization to another version is not entered with this one", "[mls][attack]") {
  Lineage scene;
  scene.reinit(static_cast<ProtocolVersion>(2));
  scene.refused({.members = 3}, "the new group is not what the old one was reinitialised as");
}

TEST_CASE("nobody is reinitialised out of a group that goes on", "[mls][attack]") {
  Lineage scene;
  scene.refused({.members = 3}, "the old group was not reinitialised");
}

TEST_CASE("a branch of another suite, with strangers, or late keeps the newcomer out", "[mls][attack]") {
  Lineage scene;
  const Claim honest{.suite = crypto::SuiteId{1}, .usage = ResumptionPskUsage::branch};
  need(scene.join(honest));
  scene.refused(but([](Claim& claim) { claim.suite = Claim().suite; }, honest), "a branch has another version or cipher suite than its origin");
  scene.refused(but([](Claim& claim) { claim.members = 4; }, honest), "a branch has more members than its origin");
  scene.refused(but([](Claim& claim) { claim.epoch = 2; }, honest), "a reinitialised or branched group does not begin with epoch 1");
}

TEST_CASE("a Welcome that names two PSKs of reinitializations or branchings is refused", "[mls][attack]") {
  Lineage scene;
  for (const auto usage : {ResumptionPskUsage::branch, ResumptionPskUsage::reinit}) {
    scene.refused({.suite = crypto::SuiteId{1}, .usage = usage, .twice = true}, "a Welcome names more than one PSK of a reinitialization or branching", {});
  }
  need(scene.join({.suite = crypto::SuiteId{1}, .epoch = 7, .usage = ResumptionPskUsage::application, .twice = true}));
}

TEST_CASE("a Welcome out of a group that is not at hand is refused", "[mls][attack]") {
  Lineage scene;
  const Claim honest{.suite = crypto::SuiteId{1}, .usage = ResumptionPskUsage::branch};
  check_refusal(scene.join(honest, false), {"the group before the reinitialization or branching is not at hand", ErrorCode::unknown_key, 0});
}

TEST_CASE("a group is reinitialised with all members, and only after it was closed", "[mls][attack]") {
  Lineage scene;
  const auto founding = [&] {
    return Succession{scene.alice.signer.clone(), scene.world.profile("alice"), {}, {}, {}};
  };
  check_refusal(scene.alice.in().reinitialize(founding(), noon, scene.world.random), {"the group was not reinitialised", ErrorCode::invalid_state, {}});
  check_refusal(scene.alice.in().branch(to_bytes(scene.bob().group_id()), {}, founding(), noon, scene.world.random),
                {"a branch needs a group id of its own", ErrorCode::invalid_argument, {}});
  scene.reinit();
  check_refusal(scene.alice.in().reinitialize(founding(), noon, scene.world.random),
                {"a reinitialised group takes all members along", ErrorCode::invalid_argument, {}});
  const Refusal closed{"the group was reinitialised", ErrorCode::invalid_state, {}};
  check_refused(scene.bob(), [&](Group& group) { return group.protect({}, {}, scene.world.random); }, closed);
  check_refused(scene.bob(), [&](Group& group) { return group.commit({}, {}, noon, scene.world.random); }, closed);
  check_refused(scene.bob(), [&](Group& group) { return group.propose_remove({0}, scene.world.random); }, closed);
  check_refused(scene.bob(), [&](Group& group) { return group.propose_update({}, scene.world.random); }, closed);
  check_refused(scene.bob(), [&](Group& group) { return group.stage({}, noon); }, closed);
  check_refused(scene.bob(), [&](Group& group) { return group.receive_proposal({}, noon); }, closed);
  check_refused(scene.bob(), [&](Group& group) { return group.group_info(true); }, closed);
  check_refused(scene.bob(), [&](Group& group) { return group.branch({1}, {}, founding(), noon, scene.world.random); }, closed);
}
