// A random history of a group, from a seed: who joins, leaves, renews, races, loses messages and comes back.
#pragma once

#include <map>
#include <random>

#include "mls/support/insider.h"

namespace conclave::mls::test {

class History {
 public:
  History(std::uint64_t seed, std::size_t max_members) : world_(seed), dice_(seed), max_members_(max_members) {
    GroupOptions options;
    options.handshake_format = seed % 2 == 0 ? WireFormat::private_message : WireFormat::public_message;
    options_ = options;
    Client& founder = world_.founder("founder", extensions_with(0), options);
    active_.push_back(&founder);
  }

  /// One operation; afterwards all members agree and nobody who left holds a key of the tree.
  void step() {
    switch (roll(12)) {
      case 0: case 1: return commit_values(false);
      case 2: return commit_values(true);
      case 3: case 4: return add_members();
      case 5: return remove_members();
      case 6: case 7: return commit_references();
      case 8: return race();
      case 9: return lose_commit_and_resync();
      case 10: return external_join();
      default: return talk();
    }
  }

  void check() {
    const Group& first = active_[0]->in();
    for (Client* each : active_) {
      REQUIRE(each->in().epoch() == first.epoch());
      REQUIRE(equal(each->in().epoch_authenticator(), first.epoch_authenticator()));
      REQUIRE(equal(each->in().context().tree_hash, first.context().tree_hash));
    }
    REQUIRE(first.member_count() == active_.size());
    for (Client* gone : gone_) REQUIRE_FALSE(holds_key_of(*gone, first.tree()));
    if (gone_.size() > 8) {
      gone_.front()->group.reset();
      gone_.erase(gone_.begin());
    }
  }

  std::map<std::string, std::size_t> counts;  ///< how often each thing happened

 private:
  static constexpr auto private_type = static_cast<ExtensionType>(0xF001);

  std::size_t roll(std::size_t sides) { return std::uniform_int_distribution<std::size_t>(0, sides - 1)(dice_); }
  Client& anyone() { return *active_[roll(active_.size())]; }
  Client* anyone_but(const Client& one) {
    if (active_.size() < 2) return nullptr;
    for (;;) {
      Client& other = anyone();
      if (&other != &one) return &other;
    }
  }
  static Extensions extensions_with(std::uint8_t value) {
    Extensions out;
    out.set(private_type, {value});
    return out;
  }
  ClientProfile profile(const std::string& name) {
    ClientProfile out = world_.profile(name);
    out.capabilities.extensions.push_back(private_type);
    return out;
  }
  Client& newcomer() { return world_.client("client" + std::to_string(++names_)); }
  KeyPackageBundle bundle_of(const Client& client) { return need(KeyPackageBundle::generate(world_.suite(), client.signer, profile(client.name), {}, world_.random)); }

  /// Everybody but the committer follows; those whom it removes stay behind in the old epoch, as they would in truth.
  void deliver(Client& committer, ByteView commit) {
    std::vector<Client*> staying;
    for (Client* each : active_) {
      if (each == &committer) {
        staying.push_back(each);
        continue;
      }
      StagedCommit staged = need(each->in().stage(commit, noon));
      if (staged.summary().removes_us) {
        gone_.push_back(each);
        ++counts["removed"];
        continue;
      }
      need(each->in().merge(std::move(staged)));
      staying.push_back(each);
    }
    active_ = std::move(staying);
    ++counts["commit"];
  }

  PendingCommit commit(Client& committer, std::vector<Proposal> proposals, CommitOptions options = {}) {
    PendingCommit pending = need(committer.in().commit(std::move(proposals), std::move(options), noon, world_.random));
    deliver(committer, pending.commit);
    need(committer.in().merge_pending());
    return pending;
  }

  void join(Client& client, const KeyPackageBundle& bundle, const PendingCommit& pending, Client& committer) {
    const Bytes tree = committer.in().ratchet_tree();
    client.group = need(Group::join({*pending.welcome, bundle, tree, nullptr, nullptr, options_}, world_.random));
    active_.push_back(&client);
    ++counts["joined"];
  }

  void commit_values(bool with_psk) {
    Client& committer = anyone();
    std::vector<Proposal> proposals;
    if (roll(3) == 0) proposals.emplace_back(GroupContextExtensions{extensions_with(static_cast<std::uint8_t>(roll(256)))});
    if (with_psk) {
      const Bytes id{static_cast<std::uint8_t>(roll(256))};
      for (Client* each : active_) each->in().psks().add_external(id, SecretBuffer::copy_of(Bytes(32, id[0])));
      proposals.push_back(committer.in().psk_proposal(id, world_.random));
      ++counts["psk"];
    }
    CommitOptions options;
    options.force_path = !with_psk || roll(2) == 0;
    commit(committer, std::move(proposals), std::move(options));
  }

  void add_members() {
    if (active_.size() >= max_members_) return remove_members();
    Client& committer = anyone();
    std::vector<Client*> clients;
    std::vector<KeyPackageBundle> bundles;
    std::vector<Proposal> proposals;
    for (std::size_t i = 0, n = 1 + roll(4); i < n; ++i) {
      clients.push_back(&newcomer());
      bundles.push_back(bundle_of(*clients.back()));
      proposals.emplace_back(Add{std::make_shared<KeyPackage>(bundles.back().key_package)});
    }
    CommitOptions options;
    options.force_path = roll(2) == 0;
    options.tree_in_welcome = roll(2) == 0;
    const PendingCommit pending = commit(committer, std::move(proposals), std::move(options));
    for (std::size_t i = 0; i < clients.size(); ++i) join(*clients[i], bundles[i], pending, committer);
  }

  void remove_members() {
    Client& committer = anyone();
    std::vector<Proposal> proposals;
    std::map<LeafIndex, bool> chosen;
    for (std::size_t i = 0, n = 1 + roll(3); i < n && active_.size() > 3; ++i) {
      Client* victim = anyone_but(committer);
      if (victim != nullptr && chosen.emplace(victim->in().own_leaf(), true).second) proposals.emplace_back(Remove{victim->in().own_leaf()});
    }
    commit(committer, std::move(proposals));
  }

  /// Some propose, by reference; somebody commits whatever came in.
  void commit_references() {
    std::vector<std::pair<Client*, KeyPackageBundle>> added;
    for (std::size_t i = 0, n = 1 + roll(4); i < n; ++i) {
      Client& from = anyone();
      const Bytes message = propose(from, added);
      if (message.empty()) continue;
      for (Client* each : active_) {
        if (each != &from) need(each->in().receive_proposal(message, noon));
      }
      ++counts["proposal"];
    }
    Client& committer = anyone();
    const PendingCommit pending = commit(committer, {});
    for (auto& [client, bundle] : added) {
      if (committer.in().tree().has_signature_key(bundle.key_package.leaf_node.signature_key)) join(*client, bundle, pending, committer);
    }
  }

  Bytes propose(Client& from, std::vector<std::pair<Client*, KeyPackageBundle>>& added) {
    switch (roll(4)) {
      case 0: return need(from.in().propose_update({}, world_.random));
      case 1: {
        Client* victim = anyone_but(from);
        if (victim == nullptr || active_.size() < 4) return {};
        return need(from.in().propose_remove(victim->in().own_leaf(), world_.random));
      }
      case 2: return need(from.in().propose_extensions(extensions_with(static_cast<std::uint8_t>(roll(256))), world_.random));
      default: {
        if (active_.size() >= max_members_) return {};
        Client& client = newcomer();
        added.emplace_back(&client, bundle_of(client));
        return need(from.in().propose_add(added.back().second.key_package, world_.random));
      }
    }
  }

  /// Two commit at once; the delivery service takes the first.
  void race() {
    Client& winner = anyone();
    Client* loser = anyone_but(winner);
    if (loser == nullptr) return;
    const PendingCommit lost = need(loser->in().commit({}, {}, noon, world_.random));
    commit(winner, {});
    REQUIRE(loser->in().pending() == nullptr);
    REQUIRE(winner.in().stage(lost.commit, noon).error().code == ErrorCode::wrong_epoch);
    ++counts["race"];
  }

  /// A member misses a commit, understands nothing any more, and comes back by an external commit.
  void lose_commit_and_resync() {
    Client& committer = anyone();
    Client* unlucky = anyone_but(committer);
    if (unlucky == nullptr) return;
    const LeafIndex former = unlucky->in().own_leaf();
    std::erase(active_, unlucky);
    commit(committer, {});
    const PendingCommit missed = commit(anyone(), {});
    REQUIRE(unlucky->in().stage(missed.commit, noon).error().code == ErrorCode::wrong_epoch);
    enter_from_outside(*unlucky, former);
    ++counts["resync"];
  }

  void external_join() {
    if (active_.size() < max_members_) enter_from_outside(newcomer(), {});
  }

  void enter_from_outside(Client& client, std::optional<LeafIndex> former) {
    const Bytes info = need(anyone().in().group_info(true));
    ExternalJoin request;
    request.group_info = info;
    request.signer = client.signer.clone();
    request.profile = profile(client.name);
    request.resync = former;
    request.options = options_;
    auto joined = need(Group::join_external(std::move(request), world_.random));
    deliver(client, joined.commit);
    client.group = std::move(joined.group);
    active_.push_back(&client);
    ++counts["external"];
  }

  /// Messages, some of which arrive an epoch late and out of order.
  void talk() {
    Client& from = anyone();
    std::vector<Bytes> messages;
    for (std::size_t i = 0; i < 3; ++i) messages.push_back(need(from.in().protect(as_bytes("hello"), {}, world_.random)));
    const auto listeners = active_;
    if (roll(2) == 0) commit(anyone(), {});
    std::shuffle(messages.begin(), messages.end(), dice_);
    for (Client* each : listeners) {
      if (each == &from) continue;
      for (const Bytes& message : messages) REQUIRE(equal(need(each->in().unprotect(message)).plaintext.expose(), as_bytes("hello")));
      REQUIRE(each->in().unprotect(messages[0]).error().code == ErrorCode::replayed);
    }
    for (Client* gone : gone_) REQUIRE_FALSE(gone->in().unprotect(messages[0]).ok());
    ++counts["talk"];
  }

  static bool holds_key_of(Client& client, const RatchetTree& tree) {
    crypto::SeededRandom unused(0);
    for (const auto& [node, key] : Insider(client.in(), unused).epoch().keys) {
      if (tree.has_encryption_key(key->public_key().bytes())) return true;
    }
    return false;
  }

  World world_;
  std::mt19937_64 dice_;
  std::size_t max_members_;
  GroupOptions options_;
  std::vector<Client*> active_;
  std::vector<Client*> gone_;
  std::size_t names_ = 0;
};

}  // namespace conclave::mls::test
