// Where the attacks happen: Mallory is leaf 1 of five, Bob receives.
#pragma once

#include <algorithm>

#include "mls/support/refusal.h"

namespace conclave::mls::test {

struct Scene {
  explicit Scene(bool everybody_commits = true, const Extensions& extensions = {}) : alice(world.founder("alice", extensions)) {
    GroupOptions in_the_open;
    in_the_open.handshake_format = WireFormat::public_message;
    world.add(alice, {"mallory", "bob", "carol", "dave"}, {}, in_the_open);
    if (!everybody_commits) return;
    for (Client& each : world.clients) world.commit(each);
    world.check_agreement();
  }

  Client& named(const std::string& name) {
    return *std::ranges::find(world.clients, name, &Client::name);
  }
  Group& mallory() { return named("mallory").in(); }
  Group& bob() { return named("bob").in(); }
  LeafIndex leaf(const std::string& name) { return named(name).in().own_leaf(); }
  Insider insider() { return {mallory(), world.random}; }
  Bytes fresh_key() { return to_bytes(need(crypto::KemPrivateKey::generate(world.suite().kem, world.random)).public_key().bytes()); }

  /// What a public message says.
  static AuthenticatedContent opened(ByteView message) {
    MlsMessage decoded = need(MlsMessage::decode(message));
    auto& body = std::get<PublicMessage>(decoded.body);
    return {WireFormat::public_message, std::move(body.content), std::move(body.auth)};
  }

  /// Bob refuses the commit for this reason, blames Mallory, stays as he was, and goes on with the next honest commit.
  void refused(ByteView message, const std::string& reason, ErrorCode code = ErrorCode::invalid_message, std::optional<std::uint32_t> blamed = 1) {
    check_refused(bob(), [&](Group& group) { return group.stage(message, noon); }, {reason, code, blamed});
    const Bytes honest = need(named("carol").in().commit({}, {}, noon, world.random)).commit;
    if (bob().proposal_count() == 0) CHECK(bob().stage(honest, noon).ok());
    named("carol").in().discard_pending();
  }
  void refused(Commit commit, const std::string& reason, ErrorCode code = ErrorCode::invalid_message) {
    refused(insider().send_commit(std::move(commit)), reason, code);
  }
  /// A commit without path, of these proposals by value.
  void refused(const std::vector<Proposal>& proposals, const std::string& reason, ErrorCode code = ErrorCode::invalid_message) {
    refused(insider().draft(proposals, false), reason, code);
  }
  /// The proposal alone is refused on arrival as well.
  void refused_on_arrival(const Proposal& proposal, const std::string& reason, ErrorCode code = ErrorCode::invalid_message) {
    const Bytes message = insider().send(ProposalContent{proposal});
    check_refused(bob(), [&](Group& group) { return group.receive_proposal(message, noon); }, {reason, code, 1});
  }
  void refused_everywhere(const Proposal& proposal, const std::string& reason, ErrorCode code = ErrorCode::invalid_message) {
    refused(std::vector{proposal}, reason, code);
    refused_on_arrival(proposal, reason, code);
  }

  /// A new client's key package, bent and, if `bend` says so, signed again.
  Proposal add(const std::function<void(KeyPackage&, const Client&)>& bend = {}) {
    const Client client{"eve", need(crypto::SignaturePrivateKey::generate(world.suite().signature, world.random)), {}};
    KeyPackage package = world.bundle(client).key_package;
    if (bend) bend(package, client);
    return Add{std::make_shared<KeyPackage>(std::move(package))};
  }
  /// The same with a leaf that was bent, all of it signed.
  Proposal add_leaf(const std::function<void(LeafNode&)>& bend) {
    return add([&](KeyPackage& package, const Client& client) {
      bend(package.leaf_node);
      resign(package, client);
    });
  }
  static void resign(KeyPackage& package, const Client& client) {
    need(package.leaf_node.sign(client.signer, {}, {}));
    need(package.sign(client.signer));
  }
  /// Mallory's leaf as an Update would replace it, bent and signed.
  Proposal update(const std::function<void(LeafNode&)>& bend = {}) {
    LeafNode leaf = bob().tree().leaf({1})->parsed();
    leaf.encryption_key = fresh_key();
    leaf.source = UpdatedLeaf{};
    if (bend) bend(leaf);
    insider().sign_leaf(leaf);
    return Update{std::make_shared<LeafNode>(leaf)};
  }
  /// An honest commit of Mallory's but for its leaf, which is bent and signed.
  Commit commit_leaf(const std::function<void(LeafNode&)>& bend) {
    Commit commit = insider().draft({});
    bend(commit.path->leaf_node);
    insider().sign_leaf(commit.path->leaf_node);
    return commit;
  }

  World world{1};
  Client& alice;
};

}  // namespace conclave::mls::test
