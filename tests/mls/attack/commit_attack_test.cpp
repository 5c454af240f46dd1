// A member sends commits that break a rule: each is refused for that rule, by name, and nothing changes.
#include "mls/support/insider.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

/// Mallory is leaf 1 of five; Bob receives.
struct Scene {
  Scene() : alice(world.founder("alice")) {
    world.add(alice, {"mallory", "bob", "carol", "dave"});
    for (Client& each : world.clients) world.commit(each);
    world.check_agreement();
  }

  Client& named(const std::string& name) {
    return *std::find_if(world.clients.begin(), world.clients.end(), [&](const Client& each) { return each.name == name; });
  }
  Insider insider() { return {named("mallory").in(), world.random}; }
  Group& bob() { return named("bob").in(); }
  LeafIndex leaf(const std::string& name) { return named(name).in().own_leaf(); }

  /// Bob refuses the commit for this reason, blames Mallory, and stays as he was.
  void refused(ByteView message, const std::string& reason, std::optional<std::uint32_t> blamed = 1) {
    const std::string before = fingerprint(bob());
    const auto staged = bob().stage(message, noon);
    REQUIRE_FALSE(staged.ok());
    CHECK(staged.error().detail == reason);
    CHECK(staged.error().participant == blamed);
    CHECK(fingerprint(bob()) == before);
    const auto honest = named("carol").in().commit({}, {}, noon, world.random);
    REQUIRE(honest.ok());
    CHECK(bob().stage(honest->commit, noon).ok());
    named("carol").in().discard_pending();
  }
  void refused(Commit commit, const std::string& reason) { refused(insider().send_commit(std::move(commit)), reason); }

  World world{1};
  Client& alice;
};

LeafNode& leaf_of(Commit& commit) { return commit.path->leaf_node; }

}  // namespace

TEST_CASE("a commit with a forged parent hash is refused", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  Commit commit = mallory.draft({});
  std::get<CommittedLeaf>(leaf_of(commit).source).parent_hash[0] ^= 1;
  mallory.sign_leaf(leaf_of(commit));
  scene.refused(std::move(commit), "the parent hash of a committed leaf is wrong");
}

TEST_CASE("a path that is too short or too long is refused", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  const std::string reason = "an update path is longer or shorter than its sender's filtered direct path";
  Commit commit = mallory.draft({});
  commit.path->nodes.pop_back();
  scene.refused(std::move(commit), reason);
  commit = mallory.draft({});
  UpdatePathNode more = commit.path->nodes.back();
  more.encryption_key = to_bytes(need(crypto::KemPrivateKey::generate(scene.world.suite().kem, scene.world.random)).public_key().bytes());
  commit.path->nodes.push_back(more);
  scene.refused(std::move(commit), reason);
}

TEST_CASE("keys that stand in the tree already, or twice in a path, are refused", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  Commit commit = mallory.draft({});
  commit.path->nodes[0].encryption_key = to_bytes(scene.bob().tree().encryption_key(node_of(scene.leaf("bob"))));
  scene.refused(std::move(commit), "a key of an update path stands in the tree already");
  commit = mallory.draft({});
  commit.path->nodes[1].encryption_key = commit.path->nodes[0].encryption_key;
  scene.refused(std::move(commit), "a key stands in an update path twice");
  commit = mallory.draft({});
  leaf_of(commit).encryption_key = to_bytes(scene.bob().tree().leaf({1})->encryption_key());
  mallory.sign_leaf(leaf_of(commit));
  scene.refused(std::move(commit), "a key of an update path stands in the tree already");
}

TEST_CASE("a committed leaf with another member's signature key is refused", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  mallory.signer_override = scene.named("carol").signer.clone();
  Commit commit = mallory.draft({});
  mallory.signer_override.reset();
  scene.refused(std::move(commit), "the signature key of a committed leaf is another member's");
}

TEST_CASE("a committed leaf of another source, place or group is refused", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  Commit commit = mallory.draft({});
  leaf_of(commit).source = UpdatedLeaf{};
  mallory.sign_leaf(leaf_of(commit));
  scene.refused(std::move(commit), "the parent hash of a committed leaf is wrong");
  commit = mallory.draft({});
  need(leaf_of(commit).sign(mallory.signer(), scene.bob().group_id(), {2}));
  scene.refused(std::move(commit), "the signature of a leaf does not verify");
  commit = mallory.draft({});
  need(leaf_of(commit).sign(mallory.signer(), Bytes(4, 4), {1}));
  scene.refused(std::move(commit), "the signature of a leaf does not verify");
}

TEST_CASE("path secrets that differ per recipient are noticed by whoever is cheated", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  Commit commit = mallory.draft({});
  const Commit other = mallory.draft({});
  for (std::size_t i = 0; i < commit.path->nodes.size(); ++i) commit.path->nodes[i].encrypted_path_secret = other.path->nodes[i].encrypted_path_secret;
  const auto staged = scene.bob().stage(mallory.send_commit(std::move(commit)), noon);
  REQUIRE_FALSE(staged.ok());  // it does not open: the provisional context differs with the keys
  CHECK(staged.error().participant == 1);
}

TEST_CASE("too many and too few ciphertexts are refused", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  const std::string reason = "an update path has too many or too few ciphertexts for a node";
  Commit commit = mallory.draft({});
  commit.path->nodes[0].encrypted_path_secret.push_back(commit.path->nodes[0].encrypted_path_secret[0]);
  scene.refused(std::move(commit), reason);
  commit = mallory.draft({});
  commit.path->nodes[1].encrypted_path_secret.clear();
  scene.refused(std::move(commit), reason);
}

TEST_CASE("a commit without the path that it needs is refused", "[mls][attack]") {
  Scene scene;
  const std::string reason = "a commit lacks the path that its proposals require";
  scene.refused(scene.insider().draft({}, false), reason);
  scene.refused(scene.insider().draft({Remove{scene.leaf("carol")}}, false), reason);
  scene.refused(scene.insider().draft({GroupContextExtensions{}}, false), reason);
}

TEST_CASE("a commit by a blank leaf, by nobody, or in another's name is refused", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  scene.refused(mallory.send_commit(mallory.draft({}), MemberSender{{6}}), "the sender's leaf is blank", 6);
  scene.refused(mallory.send_commit(mallory.draft({}), MemberSender{{4000}}), "the sender's leaf is blank", 4000);
  scene.refused(mallory.send_commit(mallory.draft({}), MemberSender{scene.leaf("carol")}), "the signature of a message does not verify", scene.leaf("carol").value);
  scene.refused(mallory.send_commit(mallory.draft({}), ExternalSenderIndex{0}), "an external sender sent what it may not", {});
  scene.refused(mallory.send_commit(mallory.draft({}), NewMemberProposalSender{}), "a new member proposed more than its own addition", {});
  scene.refused(mallory.send_commit(mallory.draft({}, false), NewMemberCommitSender{}), "a new member sent something else than a commit with path", {});
}

TEST_CASE("a wrong confirmation tag is refused, also an empty one", "[mls][attack]") {
  Scene scene;
  scene.refused(scene.insider().draft({}), "the confirmation tag of a commit does not verify");
}

TEST_CASE("a membership tag that is wrong, cut or missing is refused", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  auto message = need(MlsMessage::decode(mallory.send_commit(mallory.draft({}))));
  auto& body = std::get<PublicMessage>(message.body);
  const Bytes tag = body.membership_tag;
  for (const Bytes& wrong : {Bytes(), Bytes(tag.begin(), tag.begin() + 4), Bytes(32, 0)}) {
    body.membership_tag = wrong;
    scene.refused(encode_message(body), "the membership tag does not verify");
  }
}

TEST_CASE("a replayed commit is of another epoch", "[mls][attack]") {
  Scene scene;
  const PendingCommit commit = scene.world.commit(scene.named("mallory"));
  scene.refused(commit.commit, "the message is of another epoch", {});
}

TEST_CASE("a commit of another group is refused", "[mls][attack]") {
  Scene scene;
  World other(2);
  Client& stranger = other.founder("stranger");
  const auto commit = need(stranger.in().commit({}, {}, noon, other.random));
  scene.refused(commit.commit, "the message is for another group", {});
}
