// Every truncation and every single-bit flip of one valid message of each kind: refused, or harmless.
#include <cstdlib>
#include <iostream>

#include "mls/attack/scene.h"
#include "mls/support/outsider.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#elif defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

bool everything() { return !sanitized || std::getenv("CONCLAVE_LONG") != nullptr; }

/// Which bits are flipped: all of them, or under a sanitizer a part that hits every octet.
template <class Try>
void for_each_flip(const Bytes& good, Try attempt) {
  const std::size_t step = everything() ? 1 : 7;
  for (std::size_t bit = 0; bit < good.size() * 8; bit += step) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    INFO("bit " << bit);
    attempt(bad);
  }
}

template <class Try>
void for_each_truncation(const Bytes& good, Try attempt) {
  for (std::size_t size = 0; size < good.size(); ++size) {
    INFO("cut to " << size);
    attempt(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)));
  }
}

/// The receiver refuses every damaged form of a message through every door, is what it was, and takes the message itself after that.
struct Receiver {
  Group& group;
  std::size_t tried = 0;

  void check(const std::string& kind, const Bytes& good, const std::function<bool(const Bytes&)>& accepts) {
    INFO(kind);
    const Bytes before = Insider::whole_state(group);
    const auto refused = [&](const Bytes& bad) {
      if (group.unprotect(bad).ok() || group.receive_proposal(bad, noon).ok() || group.stage(bad, noon).ok()) FAIL_CHECK("accepted");
      ++tried;
    };
    for_each_truncation(good, refused);
    for_each_flip(good, refused);
    Bytes longer = good;
    longer.push_back(0);
    refused(longer);
    CHECK(Insider::whole_state(group) == before);
    CHECK(accepts(good));
  }
  void check_commit(const std::string& kind, const Bytes& good) {
    check(kind, good, [this](const Bytes& message) { return group.stage(message, noon).ok(); });
  }
  void check_proposal(const std::string& kind, const Bytes& good) {
    check(kind, good, [this](const Bytes& message) { return group.receive_proposal(message, noon).ok(); });
    group.clear_proposals();
  }
};

/// Alice, who speaks in the given format, Bob and Carol.
struct Damaged {
  explicit Damaged(WireFormat format) {
    GroupOptions options;
    options.handshake_format = format;
    alice = &world.founder("alice", {}, options);
    bob = world.add(*alice, {"bob", "carol"})[0];
    for (Client& each : world.clients) world.commit(each);
    for (Client& each : world.clients) each.in().psks().add_external({1}, SecretBuffer::copy_of(Bytes(32, 1)));
  }
  Bytes commit(std::vector<Proposal> proposals, bool with_path) {
    CommitOptions options;
    options.force_path = with_path;
    return need(alice->in().commit(std::move(proposals), std::move(options), noon, world.random)).commit;
  }
  /// A proposal that its sender forgets again.
  Bytes propose(Proposal proposal) {
    const Bytes message = need(alice->in().propose(std::move(proposal), noon, world.random));
    alice->in().clear_proposals();
    return message;
  }
  Proposal add() { return Add{std::make_shared<KeyPackage>(world.bundle(world.client("eve")).key_package)}; }

  World world{60};
  Client* alice;
  Client* bob;
};

const ReInit reinit{{9}, ProtocolVersion::mls10, crypto::SuiteId{3}, {}};

}  // namespace

TEST_CASE("no damaged proposal of any kind is taken, public or private", "[mls][attack][fuzz]") {
  for (const WireFormat format : {WireFormat::public_message, WireFormat::private_message}) {
    INFO("wire format " << static_cast<int>(format));
    Damaged scene(format);
    Receiver bob{scene.bob->in()};
    Group& alice = scene.alice->in();
    bob.check_proposal("add", scene.propose(scene.add()));
    bob.check_proposal("remove", scene.propose(Remove{{2}}));
    bob.check_proposal("external psk", scene.propose(alice.psk_proposal({1}, scene.world.random)));
    bob.check_proposal("resumption psk", scene.propose(alice.resumption_proposal(alice.epoch(), scene.world.random)));
    bob.check_proposal("reinit", scene.propose(reinit));
    bob.check_proposal("group context extensions", scene.propose(GroupContextExtensions{}));
    const Bytes update = need(alice.propose_update({}, scene.world.random));
    alice.clear_proposals();
    bob.check_proposal("update", update);
    std::cout << "damaged proposals, format " << static_cast<int>(format) << ": " << bob.tried << std::endl;
  }
}

TEST_CASE("no damaged commit is staged, with or without path, public or private", "[mls][attack][fuzz]") {
  for (const WireFormat format : {WireFormat::public_message, WireFormat::private_message}) {
    INFO("wire format " << static_cast<int>(format));
    Damaged scene(format);
    Receiver bob{scene.bob->in()};
    Group& alice = scene.alice->in();
    bob.check_commit("with path", scene.commit({}, true));
    bob.check_commit("without path", scene.commit({scene.add(), alice.psk_proposal({1}, scene.world.random)}, false));
    bob.check_commit("of everything", scene.commit({scene.add(), Remove{{2}}, alice.psk_proposal({1}, scene.world.random), GroupContextExtensions{}}, true));
    bob.check_commit("reinitialising", scene.commit({reinit}, false));
    bob.check_commit("that removes its reader", scene.commit({Remove{{1}}}, true));
    const Bytes removal = need(alice.propose_remove({2}, scene.world.random));
    need(bob.group.receive_proposal(removal, noon));
    bob.check_commit("of a reference", scene.commit({}, true));
    std::cout << "damaged commits, format " << static_cast<int>(format) << ": " << bob.tried << std::endl;
  }
}

TEST_CASE("no damaged message from outside is taken", "[mls][attack][fuzz]") {
  crypto::SeededRandom random(61);
  const auto service = need(crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random));
  Extensions extensions;
  extensions.set(ExternalSenders{{{to_bytes(service.public_key().bytes()), BasicCredential{{1}}}}});
  Scene scene(true, extensions);
  Receiver bob{scene.bob()};
  const Client& carol = scene.named("carol");
  ExternalJoin request;
  const Bytes info = need(scene.alice.in().group_info(true));
  request.group_info = info;
  request.signer = carol.signer.clone();
  request.profile = scene.world.profile("carol");
  request.resync = carol.group->own_leaf();
  const auto joined = need(Group::join_external(std::move(request), scene.world.random));
  bob.check_commit("external commit", joined.commit);
  bob.check_proposal("external sender", from_outside(scene.bob(), Remove{{1}}, ExternalSenderIndex{0}, service));
  const auto bundle = scene.world.bundle(scene.world.client("eve"));
  bob.check_proposal("new member", from_outside(scene.bob(), Add{std::make_shared<KeyPackage>(bundle.key_package)}, NewMemberProposalSender{}, bundle.signature_key));
}

TEST_CASE("no damaged application message opens", "[mls][attack][fuzz]") {
  Damaged scene(WireFormat::private_message);
  Receiver bob{scene.bob->in()};
  const Bytes message = need(scene.alice->in().protect(as_bytes("flip me"), as_bytes("in the open"), scene.world.random));
  bob.check("application message", message, [&](const Bytes& good) { return bob.group.unprotect(good).ok(); });
}

TEST_CASE("no damaged Welcome, group info or ratchet tree lets anybody in", "[mls][attack][fuzz]") {
  World world(6);
  Client& alice = world.founder("alice");
  Client& bob = world.client("bob");
  const KeyPackageBundle bundle = world.bundle(bob);
  const auto every_damage = [](const Bytes& good, const auto& joins) {
    for_each_truncation(good, [&](const Bytes& bad) { CHECK_FALSE(joins(bad)); });
    for_each_flip(good, [&](const Bytes& bad) { CHECK_FALSE(joins(bad)); });
    CHECK(joins(good));
  };
  CommitOptions options;
  options.tree_in_welcome = false;
  const auto pending = need(alice.in().commit({Add{std::make_shared<KeyPackage>(bundle.key_package)}}, std::move(options), noon, world.random));
  need(alice.in().merge_pending());
  const Bytes tree = alice.in().ratchet_tree();
  every_damage(*pending.welcome, [&](const Bytes& welcome) { return Group::join({welcome, bundle, tree, nullptr, nullptr, {}}, world.random).ok(); });
  every_damage(tree, [&](const Bytes& damaged) { return Group::join({*pending.welcome, bundle, damaged, nullptr, nullptr, {}}, world.random).ok(); });

  Client& carol = world.client("carol");
  const auto enters = [&](const Bytes& info) {
    ExternalJoin request;
    request.group_info = info;
    request.ratchet_tree = tree;
    request.signer = carol.signer.clone();
    request.profile = world.profile("carol");
    return Group::join_external(std::move(request), world.random).ok();
  };
  every_damage(need(alice.in().group_info(false)), enters);
}

TEST_CASE("no damaged key package is valid", "[mls][attack][fuzz]") {
  World world(6);
  const KeyPackageBundle bundle = world.bundle(world.client("bob"));
  const auto valid = [&](const Bytes& bytes) {
    const auto message = MlsMessage::decode(bytes);
    if (!message.ok()) return false;
    const auto* read = std::get_if<KeyPackageMessage>(&message->body);
    return read != nullptr && read->key_package.validate(noon).ok();
  };
  const Bytes package = encode_message(KeyPackageMessage{bundle.key_package});
  for_each_truncation(package, [&](const Bytes& bad) { CHECK_FALSE(valid(bad)); });
  for_each_flip(package, [&](const Bytes& bad) { CHECK_FALSE(valid(bad)); });
  CHECK(valid(package));
}

TEST_CASE("no damaged state is restored", "[mls][attack][fuzz]") {
  Damaged scene(WireFormat::private_message);
  const Bytes key(32, 1);
  need(scene.alice->in().commit({}, {}, noon, scene.world.random));
  const Bytes state = need(scene.alice->in().save(key, 7, scene.world.random));
  const auto restores = [&](const Bytes& bytes) { return Group::restore(bytes, key, 7, {}, scene.world.random).ok(); };
  for_each_truncation(state, [&](const Bytes& bad) { CHECK_FALSE(restores(bad)); });
  for_each_flip(state, [&](const Bytes& bad) { CHECK_FALSE(restores(bad)); });
  CHECK(restores(state));
}
