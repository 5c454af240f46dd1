// Clients and groups for tests, from a seed.
#pragma once

#include <catch2/catch.hpp>
#include <deque>

#include "base/bytes.h"
#include "mls/group/group.h"

namespace conclave::mls::test {

inline constexpr UnixSeconds noon{1'800'000'000};

/// The value of a result that must have one.
template <class T>
T need(Result<T> result) {
  if (!result.ok()) FAIL(name_of(result.error().code) << ": " << result.error().detail);
  return std::move(result).value();
}
inline void need(Result<void> result) {
  if (!result.ok()) FAIL(name_of(result.error().code) << ": " << result.error().detail);
}

/// Somebody with a name and a signature key, who may be in a group.
struct Client {
  std::string name;
  crypto::SignaturePrivateKey signer;
  std::optional<Group> group;

  [[nodiscard]] Group& in() { return *group; }
};

/// Makes clients of one suite and lets them form a group. Everything comes from the seed.
class World {
 public:
  explicit World(std::uint64_t seed, crypto::SuiteId suite = crypto::SuiteId::x25519_aes128gcm_sha256_ed25519)
      : random(seed), suite_(crypto::find_suite(static_cast<std::uint16_t>(suite))) {}

  [[nodiscard]] const crypto::CipherSuite& suite() const { return *suite_; }

  Client& client(const std::string& name) {
    clients.push_back({name, need(crypto::SignaturePrivateKey::generate(suite_->signature, random)), {}});
    return clients.back();
  }

  [[nodiscard]] ClientProfile profile(const std::string& name) const {
    ClientProfile out;
    out.credential = BasicCredential{to_bytes(as_bytes(name))};
    out.capabilities = Capabilities::of_library(suite_->id);
    out.lifetime = {noon.value - 3600, noon.value + 86400};
    return out;
  }

  KeyPackageBundle bundle(const Client& client) { return need(KeyPackageBundle::generate(*suite_, client.signer, profile(client.name), {}, random)); }

  Client& founder(const std::string& name, Extensions extensions = {}, GroupOptions options = {}) {
    Client& first = client(name);
    GroupConfig config{suite_->id, {}, first.signer.clone(), profile(name), std::move(extensions), options};
    first.group = need(Group::create(std::move(config), random));
    return first;
  }

  /// `adder` adds new clients in one commit, which all of `others` follow.
  std::vector<Client*> add(Client& adder, const std::vector<std::string>& names, CommitOptions options = {}, GroupOptions joiner_options = {}) {
    std::vector<Client*> joiners;
    std::vector<KeyPackageBundle> bundles;
    std::vector<Proposal> proposals;
    for (const std::string& name : names) {
      joiners.push_back(&client(name));
      bundles.push_back(bundle(*joiners.back()));
      proposals.emplace_back(Add{std::make_shared<KeyPackage>(bundles.back().key_package)});
    }
    const PendingCommit pending = commit(adder, std::move(proposals), std::move(options));
    for (std::size_t i = 0; i < joiners.size(); ++i) {
      const JoinRequest request{*pending.welcome, bundles[i], {}, nullptr, nullptr, joiner_options};
      joiners[i]->group = need(Group::join(request, random));
    }
    check_agreement();
    return joiners;
  }

  /// Everybody who is in the group of `committer` follows its commit.
  PendingCommit commit(Client& committer, std::vector<Proposal> proposals = {}, CommitOptions options = {}) {
    PendingCommit pending = need(committer.in().commit(std::move(proposals), std::move(options), noon, random));
    deliver(committer, pending.commit);
    need(committer.in().merge_pending());
    return pending;
  }

  /// All others stage and merge a commit.
  void deliver(const Client& from, ByteView message) {
    for (Client& each : clients) {
      if (&each == &from || !each.group || !each.in().is_active()) continue;
      need(each.in().merge(need(each.in().stage(message, noon))));
    }
  }

  /// All others note a proposal.
  void deliver_proposal(const Client& from, ByteView message) {
    for (Client& each : clients) {
      if (&each != &from && each.group && each.in().is_active()) need(each.in().receive_proposal(message, noon));
    }
  }

  /// All who are in the group agree on it.
  void check_agreement() {
    const Group* first = nullptr;
    for (const Client& each : clients) {
      if (!each.group || !each.group->is_active()) continue;
      if (first == nullptr) first = &*each.group;
      CHECK(equal(each.group->epoch_authenticator(), first->epoch_authenticator()));
      CHECK(equal(each.group->tree().encode(), first->tree().encode()));
    }
  }

  crypto::SeededRandom random;
  std::deque<Client> clients;

 private:
  const crypto::CipherSuite* suite_;
};

}  // namespace conclave::mls::test
