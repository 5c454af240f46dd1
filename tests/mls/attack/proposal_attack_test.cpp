// Lists of proposals that RFC 9420 section 12.2 forbids, and proposals that are invalid by themselves (12.1).
#include "mls/attack/scene.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

using List = std::vector<Proposal>;

/// Notes a proposal of somebody with everybody else, and gives its reference.
ProposalRef noted(Scene& scene, Client& from, const Bytes& message) {
  scene.world.deliver_proposal(from, message);
  Client& other = &from == &scene.alice ? scene.named("bob") : scene.alice;
  return need(other.in().receive_proposal(message, noon)).reference;
}

/// A commit of Mallory's that covers these by reference.
Commit of_references(Scene& scene, const std::vector<ProposalRef>& references, bool with_path = true) {
  Commit commit = scene.insider().draft({}, with_path);
  for (const ProposalRef& each : references) commit.proposals.emplace_back(each);
  return commit;
}

}  // namespace

TEST_CASE("a committer neither removes itself nor a leaf twice nor a blank one", "[mls][attack]") {
  Scene scene;
  scene.refused(List{Remove{{1}}}, "a commit updates or removes its committer");
  scene.refused(List{Remove{{3}}, Remove{{3}}}, "a commit updates or removes a leaf twice");
  scene.refused_everywhere(Remove{{6}}, "a removal names a blank leaf");
  scene.refused_everywhere(Remove{{77}}, "a removal names a blank leaf");
}

TEST_CASE("a leaf is not updated twice, nor updated and removed, nor updated by its committer", "[mls][attack]") {
  Scene scene;
  Client& carol = scene.named("carol");
  const ProposalRef first = noted(scene, carol, need(carol.in().propose_update({}, scene.world.random)));
  const ProposalRef second = noted(scene, carol, need(carol.in().propose_update({}, scene.world.random)));
  const ProposalRef removal = noted(scene, scene.alice, need(scene.alice.in().propose_remove({3}, scene.world.random)));
  scene.refused(of_references(scene, {first, second}), "a commit updates or removes a leaf twice");
  scene.refused(of_references(scene, {first, first}), "a commit updates or removes a leaf twice");
  scene.refused(of_references(scene, {removal, second}), "a commit updates or removes a leaf twice");
  Client& mallory = scene.named("mallory");
  const ProposalRef own = noted(scene, mallory, need(mallory.in().propose_update({}, scene.world.random)));
  scene.refused(of_references(scene, {own}), "a commit updates or removes its committer");
}

TEST_CASE("PSKs with a wrong nonce, a wrong usage, or named twice are refused", "[mls][attack]") {
  Scene scene;
  const auto psk = [](ResumptionPskUsage usage, std::size_t nonce) { return PreSharedKey{{ResumptionPskId{usage, {1}, 1}, Bytes(nonce, 1)}}; };
  for (const std::size_t size : {0U, 31U, 33U}) {
    scene.refused_everywhere(psk(ResumptionPskUsage::application, size), "the nonce of a PSK has the wrong size");
    scene.refused_everywhere(PreSharedKey{{ExternalPskId{{1}}, Bytes(size)}}, "the nonce of a PSK has the wrong size");
  }
  scene.refused_everywhere(psk(ResumptionPskUsage::reinit, 32), "a reinit PSK is used outside of a reinitialization");
  scene.refused_everywhere(psk(ResumptionPskUsage::branch, 32), "a branch PSK is used outside of a branching");
  const Proposal once = psk(ResumptionPskUsage::application, 32);
  scene.refused(List{once, once}, "a commit names a PSK twice");
}

TEST_CASE("a commit with a PSK that is not at hand is refused", "[mls][attack]") {
  Scene scene;
  scene.refused(List{PreSharedKey{{ResumptionPskId{ResumptionPskUsage::application, {1}, 1}, Bytes(32, 1)}}}, "a pre-shared key is not at hand",
                ErrorCode::unknown_key);
  const Bytes group_id = to_bytes(scene.bob().group_id());
  scene.refused(List{PreSharedKey{{ResumptionPskId{ResumptionPskUsage::application, group_id, 0}, Bytes(32, 1)}}}, "a pre-shared key is not at hand",
                ErrorCode::unknown_key);
  scene.refused(List{PreSharedKey{{ExternalPskId{{1}}, Bytes(32, 1)}}}, "a pre-shared key is not at hand", ErrorCode::unknown_key);
}

TEST_CASE("a reinitialization stands alone and lowers no version", "[mls][attack]") {
  Scene scene;
  const ReInit reinit{{9}, ProtocolVersion::mls10, scene.world.suite().id, {}};
  scene.refused(List{reinit, Remove{{3}}}, "a reinitialization stands beside other proposals");
  scene.refused(List{scene.add(), reinit}, "a reinitialization stands beside other proposals");
  scene.refused(List{reinit, reinit}, "a reinitialization stands beside other proposals");
  ReInit lower = reinit;
  lower.version = static_cast<ProtocolVersion>(0);
  scene.refused_everywhere(lower, "a reinitialization lowers the version");
}

TEST_CASE("an external init of a member, and two changes of extensions, are refused", "[mls][attack]") {
  Scene scene;
  scene.refused_everywhere(ExternalInit{Bytes(32, 1)}, "an external init stands outside of an external commit");
  scene.refused(List{GroupContextExtensions{}, GroupContextExtensions{}}, "a commit changes the group's extensions twice");
}

TEST_CASE("extensions that not everybody supports, or that do not parse, are refused", "[mls][attack]") {
  Scene scene;
  const auto change = [&](ExtensionType type, Bytes data) {
    Extensions extensions;
    extensions.set(type, std::move(data));
    return GroupContextExtensions{std::move(extensions)};
  };
  const auto requiring = [&](RequiredCapabilities required) { return change(ExtensionType::required_capabilities, wire::encode(required)); };
  scene.refused(scene.insider().draft({change(static_cast<ExtensionType>(0xF00D), {1})}), "a member does not support an extension of the group");
  scene.refused(scene.insider().draft({change(static_cast<ExtensionType>(0x0A0A), {1})}), "a member does not support an extension of the group");
  const std::string lacks = "a member lacks a required capability";
  scene.refused(scene.insider().draft({requiring({{static_cast<ExtensionType>(0xF00D)}, {}, {}})}), lacks);
  scene.refused(scene.insider().draft({requiring({{}, {static_cast<ProposalType>(0xF00D)}, {}})}), lacks);
  scene.refused(scene.insider().draft({requiring({{}, {}, {static_cast<CredentialType>(0xF00D)}})}), lacks);
  CHECK(scene.bob().stage(scene.insider().send_commit(scene.insider().draft({requiring({{}, {}, {CredentialType::x509}})})), noon).error().code ==
        ErrorCode::not_authentic);  // the forged confirmation tag alone is wrong with it

  scene.refused_everywhere(change(ExtensionType::required_capabilities, {7}), "a vector is longer than what contains it", ErrorCode::malformed);
  scene.refused_everywhere(change(ExtensionType::external_senders, {7}), "a vector is longer than what contains it", ErrorCode::malformed);
  const ExternalSenders senders{{{Bytes(5, 1), BasicCredential{{1}}}}};
  scene.refused_everywhere(change(ExtensionType::external_senders, wire::encode(senders)), "not a public key of this signature scheme", ErrorCode::malformed);
}

TEST_CASE("who cannot do what the group requires is not added", "[mls][attack]") {
  constexpr auto type = static_cast<ExtensionType>(0xF00D);
  constexpr auto proposal = static_cast<ProposalType>(0xF00E);
  Extensions extensions;
  extensions.set(type, {1});
  extensions.set(RequiredCapabilities{{}, {proposal}, {CredentialType::x509}});
  World world(9);
  Client& alice = world.client("alice");
  const auto able = [&](const std::string& name) {
    ClientProfile profile = world.profile(name);
    profile.capabilities.extensions = {type};
    profile.capabilities.proposals = {proposal};
    return profile;
  };
  GroupOptions options;
  options.handshake_format = WireFormat::public_message;
  alice.group = need(Group::create({world.suite().id, {}, alice.signer.clone(), able("alice"), extensions, options}, world.random));
  Client& bob = world.client("bob");
  const auto bundle = need(KeyPackageBundle::generate(world.suite(), bob.signer, able("bob"), {}, world.random));
  const PendingCommit added = world.commit(alice, {Add{std::make_shared<KeyPackage>(bundle.key_package)}});
  bob.group = need(Group::join({*added.welcome, bundle, {}, nullptr, nullptr, {}}, world.random));

  Insider mallory(alice.in(), world.random);
  const auto refused = [&](const std::function<void(Capabilities&)>& bend, const std::string& reason) {
    ClientProfile profile = able("eve");
    bend(profile.capabilities);
    const auto eve = need(KeyPackageBundle::generate(world.suite(), world.client("eve").signer, std::move(profile), {}, world.random));
    const Add add{std::make_shared<KeyPackage>(eve.key_package)};
    check_refused(bob.in(), [&](Group& group) { return group.stage(mallory.send_commit(mallory.draft({add}, false)), noon); },
                  {reason, ErrorCode::invalid_message, 0});
  };
  refused([](Capabilities& each) { each.extensions.clear(); }, "a member does not support an extension of the group");
  refused([](Capabilities& each) { each.proposals.clear(); }, "a member lacks a required capability");
  refused([](Capabilities& each) { each.credentials = {CredentialType::basic}; }, "a member lacks a required capability");
}

TEST_CASE("a proposal type that we do not have is not committed, nor taken by itself", "[mls][attack]") {
  Scene scene;
  const Commit commit = scene.insider().draft({Remove{{3}}});
  const Bytes known = wire::encode(ProposalOrRefType::proposal, Proposal{Remove{{3}}});
  const auto with_type = [&](const Bytes& message, std::uint16_t type) {
    Bytes changed = known;
    changed[1] = static_cast<std::uint8_t>(type >> 8);
    changed[2] = static_cast<std::uint8_t>(type);
    Bytes out = message;
    const auto at = std::search(out.begin(), out.end(), known.begin(), known.end());
    REQUIRE(at != out.end());
    std::ranges::copy(changed, at);
    return out;
  };
  const Bytes message = scene.insider().send_commit(commit);
  for (const std::uint16_t type : std::array<std::uint16_t, 6>{0, 8, 9, 10, 0x0A0A, 0xF001}) {
    scene.refused(with_type(message, type), "a select has no such arm", ErrorCode::unsupported, {});
    // Encrypted and signed, so that nothing but the type is wrong with it.
    const Bytes plaintext = wire::encode(type, std::uint32_t{3}, wire::Opaque{Bytes(64, 1)});
    const Bytes sealed = scene.insider().send_plaintext(plaintext, ContentType::proposal);
    check_refused(scene.bob(), [&](Group& group) { return group.receive_proposal(sealed, noon); }, {"a select has no such arm", ErrorCode::unsupported, 1});
  }
}

TEST_CASE("a reference to a proposal that never came is refused", "[mls][attack]") {
  Scene scene;
  ProposalRef reference;
  reference.hash = crypto::Digest(32);
  scene.refused(of_references(scene, {reference}), "a commit refers to a proposal that never came", ErrorCode::unknown_key);
}

TEST_CASE("a reference that is no hash is malformed", "[mls][attack]") {
  for (const std::size_t size : {0U, 31U, 65U}) {
    const Bytes bytes = wire::encode(ProposalOrRefType::reference, wire::Opaque{Bytes(size)});
    check_refusal(wire::decode<ProposalOrRef>(bytes), {"a reference is no hash", ErrorCode::malformed, {}});
  }
}

TEST_CASE("a proposal of the last epoch is not committed in this one", "[mls][attack]") {
  Scene scene;
  const Bytes proposal = need(scene.named("carol").in().propose_remove({0}, scene.world.random));
  const auto received = need(scene.bob().receive_proposal(proposal, noon));
  CommitOptions without_proposals;
  without_proposals.with_proposals = false;
  scene.world.commit(scene.alice, {}, std::move(without_proposals));
  CHECK(scene.bob().proposal_count() == 0);
  check_refused(scene.bob(), [&](Group& group) { return group.receive_proposal(proposal, noon); },
                {"the message is of another epoch", ErrorCode::wrong_epoch, {}});
  scene.refused(of_references(scene, {received.reference}), "a commit refers to a proposal that never came", ErrorCode::unknown_key);
}

TEST_CASE("a proposal of another group is refused", "[mls][attack]") {
  Scene scene;
  World other(2);
  Client& stranger = other.founder("stranger");
  const Bytes proposal = need(stranger.in().propose_extensions({}, other.random));
  check_refused(scene.bob(), [&](Group& group) { return group.receive_proposal(proposal, noon); },
                {"the message is for another group", ErrorCode::wrong_group, {}});
}
