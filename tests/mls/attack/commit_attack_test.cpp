// A member sends commits that break a rule: each is refused for that rule, by name, and nothing changes.
#include "mls/attack/scene.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

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
  scene.refused(std::move(commit), "the signature of a leaf does not verify", ErrorCode::not_authentic);
  commit = mallory.draft({});
  need(leaf_of(commit).sign(mallory.signer(), Bytes(4, 4), {1}));
  scene.refused(std::move(commit), "the signature of a leaf does not verify", ErrorCode::not_authentic);
}

TEST_CASE("path secrets that differ per recipient are noticed by whoever is cheated", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  Group& group = scene.mallory();
  // Bob is told another secret than Alice, at the height where their ways part; all else is honest.
  mallory.encrypt = [&](NewPath& path, ByteView context) {
    UpdatePath honest = need(encrypt_path(group.tree(), path, context, {}, scene.world.random));
    path.secrets[1].expose_mutable()[0] ^= 1;
    honest.nodes[1].encrypted_path_secret = need(encrypt_path(group.tree(), path, context, {}, scene.world.random)).nodes[1].encrypted_path_secret;
    return honest;
  };
  const Commit commit = mallory.draft({});
  CHECK(scene.alice.in().stage(mallory.send_commit(commit), noon).error().detail == "the confirmation tag of a commit does not verify");
  scene.refused(commit, "a path secret does not give the published key");
}

TEST_CASE("a path secret of another size, or that does not open, is refused", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  Group& group = scene.mallory();
  mallory.encrypt = [&](NewPath& path, ByteView context) {
    path.secrets[1] = PathSecret::copy_of(Bytes(31, 1));
    return need(encrypt_path(group.tree(), path, context, {}, scene.world.random));
  };
  scene.refused(mallory.draft({}), "a path secret has the wrong size");
  mallory.encrypt = nullptr;
  Commit commit = mallory.draft({});
  commit.path->nodes[1].encrypted_path_secret = mallory.draft({}).path->nodes[1].encrypted_path_secret;
  scene.refused(std::move(commit), "the HPKE ciphertext does not open", ErrorCode::not_authentic);
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
  const std::uint32_t carol = scene.leaf("carol").value;
  scene.refused(mallory.send_commit(mallory.draft({}), MemberSender{{6}}), "the sender's leaf is blank", ErrorCode::invalid_message, 6);
  scene.refused(mallory.send_commit(mallory.draft({}), MemberSender{{4000}}), "the sender's leaf is blank", ErrorCode::invalid_message, 4000);
  scene.refused(mallory.send_commit(mallory.draft({}), MemberSender{{carol}}), "the signature of a message does not verify", ErrorCode::not_authentic, carol);
  scene.refused(mallory.send_commit(mallory.draft({}), ExternalSenderIndex{0}), "an external sender sent what it may not", ErrorCode::malformed, {});
  scene.refused(mallory.send_commit(mallory.draft({}), NewMemberProposalSender{}), "a new member proposed more than its own addition", ErrorCode::malformed, {});
  scene.refused(mallory.send_commit(mallory.draft({}, false), NewMemberCommitSender{}), "a new member sent something else than a commit with path",
                ErrorCode::malformed, {});
}

TEST_CASE("a wrong confirmation tag is refused, also one that is cut or empty", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  const std::string reason = "the confirmation tag of a commit does not verify";
  scene.refused(mallory.draft({}), reason, ErrorCode::not_authentic);
  // Honest commits, one by one: only the tag is touched, and the membership tag made anew.
  for (const std::size_t size : {0U, 4U, 31U, 32U}) {
    const Bytes honest = need(scene.mallory().commit({}, {}, noon, scene.world.random)).commit;
    AuthenticatedContent message = scene.opened(honest);
    message.auth.confirmation_tag.resize(size);
    if (size == 32) {
      CHECK(scene.bob().stage(mallory.resend(std::move(message)), noon).ok());
    } else {
      scene.refused(mallory.resend(std::move(message)), reason, ErrorCode::not_authentic);
    }
  }
}

TEST_CASE("a membership tag that is wrong, cut or missing is refused", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  auto message = need(MlsMessage::decode(mallory.send_commit(mallory.draft({}))));
  auto& body = std::get<PublicMessage>(message.body);
  const Bytes tag = body.membership_tag;
  for (const Bytes& wrong : {Bytes(), Bytes(tag.begin(), tag.begin() + 4), Bytes(32, 0)}) {
    body.membership_tag = wrong;
    scene.refused(encode_message(body), "the membership tag does not verify", ErrorCode::not_authentic);
  }
}

TEST_CASE("a replayed commit is of another epoch", "[mls][attack]") {
  Scene scene;
  const PendingCommit commit = scene.world.commit(scene.named("mallory"));
  scene.refused(commit.commit, "the message is of another epoch", ErrorCode::wrong_epoch, {});
}

TEST_CASE("a commit of another group is refused", "[mls][attack]") {
  Scene scene;
  World other(2);
  Client& stranger = other.founder("stranger");
  const auto commit = need(stranger.in().commit({}, {}, noon, other.random));
  scene.refused(commit.commit, "the message is for another group", ErrorCode::wrong_group, {});
}
