// What outsiders send: external commits, proposals of external senders and of newcomers (RFC 9420 sections 6.1, 12.1.8, 12.2, 12.4.3.2).
#include "mls/attack/scene.h"
#include "mls/support/outsider.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

/// Eve commits from outside; her commit is honest until a test bends it.
struct Outside {
  explicit Outside(std::optional<LeafIndex> resync = {}) : eve(resync ? scene.named("carol") : scene.world.client("eve")) {
    const Bytes info = need(scene.alice.in().group_info(true));
    ExternalJoin request;
    request.group_info = info;
    request.signer = eve.signer.clone();
    request.profile = scene.world.profile(eve.name);
    request.resync = resync;
    const auto joined = need(Group::join_external(std::move(request), scene.world.random));
    good = joined.commit;
  }
  /// The commit, bent and signed again.
  Bytes bent(const std::function<void(Commit&)>& bend, std::optional<Sender> sender = {}) {
    AuthenticatedContent message = Scene::opened(good);
    bend(std::get<CommitContent>(message.content.content).commit);
    if (sender) message.content.sender = *sender;
    const Bytes context = wire::encode(scene.bob().context());
    need(message.sign(eve.signer, context));
    return encode_message(need(PublicMessage::protect(scene.world.suite(), std::move(message), MembershipKey(32), context)));
  }
  void refused(const Bytes& message, const std::string& reason, ErrorCode code = ErrorCode::invalid_message) {
    check_refused(scene.bob(), [&](Group& group) { return group.stage(message, noon); }, {reason, code, {}});
    CHECK(scene.bob().stage(good, noon).ok());
  }
  void refused_list(std::vector<ProposalOrRef> proposals, const std::string& reason, ErrorCode code = ErrorCode::invalid_message) {
    refused(bent([&](Commit& commit) { commit.proposals = proposals; }), reason, code);
  }

  Scene scene;
  Client& eve;
  Bytes good;
};

/// A group that lists one external sender.
struct Listed {
  Listed() : scene(false, with(service)) {}
  static Extensions with(const crypto::SignaturePrivateKey& service) {
    Extensions extensions;
    extensions.set(ExternalSenders{{{to_bytes(service.public_key().bytes()), BasicCredential{{1}}}}});
    return extensions;
  }
  void refused(const Bytes& message, const std::string& reason, ErrorCode code) {
    check_refused(scene.bob(), [&](Group& group) { return group.receive_proposal(message, noon); }, {reason, code, {}});
  }
  Bytes sent(Proposal proposal, Sender sender, const crypto::SignaturePrivateKey& key) { return from_outside(scene.bob(), std::move(proposal), std::move(sender), key); }

  crypto::SeededRandom random{8};
  crypto::SignaturePrivateKey service = need(crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random));
  Scene scene;
};

ExternalJoin join_request(Scene& scene, const Client& client, ByteView info) {
  ExternalJoin request;
  request.group_info = info;
  request.signer = client.signer.clone();
  request.profile = scene.world.profile(client.name);
  return request;
}

}  // namespace

TEST_CASE("an external commit covers nothing but its init, one removal and PSKs", "[mls][attack]") {
  Outside outside;
  const InlineProposal init{ExternalInit{Bytes(32, 9)}};
  const InlineProposal removal{Remove{{3}}};
  const std::string one_init = "an external commit needs exactly one external init";
  outside.refused_list({}, one_init);
  outside.refused_list({removal}, one_init);
  outside.refused_list({init, init}, one_init);
  outside.refused_list({init, removal, InlineProposal{Remove{{4}}}}, "an external commit removes more than one member");
  outside.refused_list({init, InlineProposal{Remove{{6}}}}, "a removal names a blank leaf");
  const std::string may_not = "an external commit covers a proposal that it may not";
  outside.refused_list({init, InlineProposal{GroupContextExtensions{}}}, may_not);
  outside.refused_list({init, InlineProposal{outside.scene.add()}}, may_not);
  outside.refused_list({init, InlineProposal{outside.scene.update()}}, may_not);
  outside.refused_list({init, InlineProposal{ReInit{}}}, may_not);
  const InlineProposal psk{PreSharedKey{{ExternalPskId{{1}}, Bytes(32)}}};
  outside.refused_list({init, psk, psk}, "a commit names a PSK twice");
  outside.refused_list({init, InlineProposal{PreSharedKey{{ExternalPskId{{1}}, Bytes(31)}}}}, "the nonce of a PSK has the wrong size");
  outside.refused_list({init, psk}, "a pre-shared key is not at hand", ErrorCode::unknown_key);
}

TEST_CASE("an external commit refers to no proposal", "[mls][attack]") {
  Outside outside;
  Client& carol = outside.scene.named("carol");
  const Bytes removal = need(carol.in().propose_remove({4}, outside.scene.world.random));
  const ProposalRef reference = need(outside.scene.bob().receive_proposal(removal, noon)).reference;
  outside.refused(outside.bent([&](Commit& commit) { commit.proposals.emplace_back(reference); }), "an external commit refers to a proposal");
}

TEST_CASE("an external commit has a path and the name and signature of a newcomer", "[mls][attack]") {
  Outside outside;
  outside.refused(outside.bent([](Commit& commit) { commit.path.reset(); }), "a new member sent something else than a commit with path", ErrorCode::malformed);
  AuthenticatedContent message = Scene::opened(outside.good);
  message.auth.signature[5] ^= 1;
  const Bytes forged = encode_message(PublicMessage{std::move(message.content), std::move(message.auth), {}});
  outside.refused(forged, "the signature of a message does not verify", ErrorCode::not_authentic);
  message = Scene::opened(outside.good);
  message.auth.confirmation_tag[5] ^= 1;
  outside.refused(encode_message(PublicMessage{std::move(message.content), std::move(message.auth), {}}), "the confirmation tag of a commit does not verify",
                  ErrorCode::not_authentic);
  const Bytes by_external = outside.bent([](Commit&) {}, ExternalSenderIndex{0});
  outside.refused(by_external, "an external sender sent what it may not", ErrorCode::malformed);
  const Bytes by_proposer = outside.bent([](Commit&) {}, NewMemberProposalSender{});
  outside.refused(by_proposer, "a new member proposed more than its own addition", ErrorCode::malformed);
}

TEST_CASE("the leaf of an external commit is checked like any other", "[mls][attack]") {
  Outside outside;
  const auto leaf = [&](const std::function<void(LeafNode&)>& bend) {
    return outside.bent([&](Commit& commit) {
      bend(commit.path->leaf_node);
      need(commit.path->leaf_node.sign(outside.eve.signer, outside.scene.bob().group_id(), {5}));
    });
  };
  outside.refused(leaf([](LeafNode& each) { each.capabilities.versions.clear(); }), "a leaf's capabilities lack the group's version");
  outside.refused(leaf([](LeafNode& each) { each.source = UpdatedLeaf{}; }), "the parent hash of a committed leaf is wrong");
  const Bytes bobs_key = to_bytes(outside.scene.bob().tree().leaf({2})->encryption_key());
  outside.refused(leaf([&](LeafNode& each) { each.encryption_key = bobs_key; }), "a key of an update path stands in the tree already");
  outside.refused(outside.bent([](Commit& commit) { commit.path->leaf_node.signature[0] ^= 1; }), "the signature of a leaf does not verify", ErrorCode::not_authentic);
  outside.refused(outside.bent([](Commit& commit) { commit.path->nodes.pop_back(); }),
                  "an update path is longer or shorter than its sender's filtered direct path");
  outside.refused(outside.bent([&](Commit& commit) {
    std::get<ExternalInit>(std::get<InlineProposal>(commit.proposals[0]).proposal).kem_output.pop_back();
  }), "not a public key of this KEM", ErrorCode::malformed);
}

TEST_CASE("an external commit with a member's signature key is refused, unless it removes that member", "[mls][attack]") {
  Outside resync(LeafIndex{3});
  resync.refused(resync.bent([](Commit& commit) { commit.proposals.pop_back(); }), "the signature key of a committed leaf is another member's");
}

TEST_CASE("a resync does not keep the encryption key of the leaf that it removes", "[mls][attack]") {
  Outside resync(LeafIndex{3});
  const Bytes old_key = to_bytes(resync.scene.bob().tree().leaf({3})->encryption_key());
  const Bytes message = resync.bent([&](Commit& commit) {
    commit.path->leaf_node.encryption_key = old_key;
    need(commit.path->leaf_node.sign(resync.eve.signer, resync.scene.bob().group_id(), {3}));
  });
  resync.refused(message, "an update keeps its encryption key");
}

TEST_CASE("external senders that the group does not list, or that send what they may not, are refused", "[mls][attack]") {
  Listed listed;
  const ExternalSenderIndex first{0};
  listed.refused(listed.sent(Remove{{1}}, ExternalSenderIndex{1}, listed.service), "the group knows no such external sender", ErrorCode::invalid_message);
  listed.refused(listed.sent(Remove{{1}}, first, listed.scene.alice.signer), "the signature of a message does not verify", ErrorCode::not_authentic);
  const std::string may_not = "an external sender sent what it may not";
  listed.refused(listed.sent(ExternalInit{{1}}, first, listed.service), may_not, ErrorCode::malformed);
  listed.refused(listed.sent(listed.scene.update(), first, listed.service), may_not, ErrorCode::malformed);
  listed.refused(listed.sent(Remove{{6}}, first, listed.service), "a removal names a blank leaf", ErrorCode::invalid_message);
  for (const Proposal& each : {Proposal{Remove{{1}}}, listed.scene.add(), Proposal{PreSharedKey{{ExternalPskId{{1}}, Bytes(32)}}},
                               Proposal{ReInit{{1}, ProtocolVersion::mls10, listed.scene.world.suite().id, {}}}, Proposal{GroupContextExtensions{}}}) {
    CHECK(listed.scene.bob().receive_proposal(listed.sent(each, first, listed.service), noon).ok());
  }
  Scene unlisted(false);
  const Bytes message = from_outside(unlisted.bob(), Remove{{1}}, first, listed.service);
  check_refused(unlisted.bob(), [&](Group& group) { return group.receive_proposal(message, noon); },
                {"the group knows no such external sender", ErrorCode::invalid_message, {}});
}

TEST_CASE("a newcomer proposes its own addition and nothing else", "[mls][attack]") {
  Listed listed;
  const NewMemberProposalSender newcomer;
  listed.refused(listed.sent(Remove{{1}}, newcomer, listed.service), "a new member proposed more than its own addition", ErrorCode::malformed);
  listed.refused(listed.sent(listed.scene.add(), newcomer, listed.service), "the signature of a message does not verify", ErrorCode::not_authentic);
}

TEST_CASE("a group info that is not what its signer's group is lets nobody in from outside", "[mls][attack]") {
  Scene scene;
  Client& eve = scene.world.client("eve");
  const auto joins = [&](const std::function<void(GroupInfo&)>& bend, bool sign) {
    GroupInfo info = scene.insider().group_info();
    bend(info);
    if (sign) need(info.sign(scene.insider().signer()));
    const Bytes bytes = encode_message(info);
    return Group::join_external(join_request(scene, eve, bytes), scene.world.random);
  };
  const auto refused = [&](const std::function<void(GroupInfo&)>& bend, bool sign, const Refusal& why) { check_refusal(joins(bend, sign), why); };
  CHECK(joins([](GroupInfo&) {}, true).ok());
  refused([](GroupInfo& info) { info.signature[0] ^= 1; }, false, {"the signature of a group info does not verify", ErrorCode::not_authentic, 1});
  refused([](GroupInfo& info) { info.signer = {2}; }, true, {"the signature of a group info does not verify", ErrorCode::not_authentic, 2});
  refused([](GroupInfo& info) { info.signer = {6}; }, true, {"the signer of a group info is a blank leaf", ErrorCode::invalid_message, 6});
  refused([](GroupInfo& info) { info.group_context.tree_hash[0] ^= 1; }, true, {"the tree is not the one of the group info", ErrorCode::invalid_message, 1});
  refused([](GroupInfo& info) { info.extensions.erase(ExtensionType::external_pub); }, true, {"the group info has no external_pub", ErrorCode::invalid_message, {}});
  refused([](GroupInfo& info) { info.extensions.set(ExternalPub{Bytes(31)}); }, true, {"not a public key of this KEM", ErrorCode::malformed, {}});
  refused([](GroupInfo& info) { info.group_context.version = static_cast<ProtocolVersion>(2); }, true,
          {"the group is of an unknown version or suite", ErrorCode::unsupported, {}});
  refused([](GroupInfo& info) { info.group_context.cipher_suite = static_cast<crypto::SuiteId>(99); }, true,
          {"the group is of an unknown version or suite", ErrorCode::unsupported, {}});
  // An extension that Eve does not support keeps her out; one of the group info itself that nobody knows is ignored.
  refused([](GroupInfo& info) { info.group_context.extensions.set(static_cast<ExtensionType>(0xF00D), {1}); }, true,
          {"a member does not support an extension of the group", ErrorCode::invalid_message, 1});
  CHECK(joins([](GroupInfo& info) { info.extensions.set(static_cast<ExtensionType>(0x5A5A), {1}); }, true).ok());
}
