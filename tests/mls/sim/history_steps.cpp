// What happens in a history, one operation a function.
#include <algorithm>

#include "mls/sim/history.h"

namespace conclave::mls::test {

/// Some proposals of several kinds that fit together.
std::vector<Proposal> History::some_values(Seat& committer, std::vector<Newcomer>& newcomers) {
  std::vector<Proposal> out;
  if (chance(3)) out.emplace_back(GroupContextExtensions{some_extensions()});
  if (chance(3)) out.push_back(committer.in().psk_proposal(shared_psk(), random_));
  if (chance(3)) {
    std::uint64_t first = committer.in().epoch() - std::min<std::uint64_t>(committer.in().epoch(), 4);
    for (const auto& seat : seats_) first = std::max(first, seat->since);
    out.push_back(committer.in().resumption_proposal(first + roll(committer.in().epoch() - first + 1), random_));
    ++counts["resumption psk"];
  }
  Seat* victim = chance(4) && seats_.size() > 3 ? anyone_but(committer) : nullptr;
  if (victim != nullptr) out.emplace_back(Remove{victim->in().own_leaf()});
  if (chance(4) && seats_.size() < room()) {
    newcomers.push_back(newcomer());
    out.emplace_back(Add{std::make_shared<KeyPackage>(newcomers.back().bundle.key_package)});
  }
  return out;
}

void History::commit_values() {
  Seat& committer = anyone();
  std::vector<Newcomer> newcomers;
  std::vector<Proposal> proposals = some_values(committer, newcomers);
  CommitOptions options;
  options.force_path = chance(2);
  options.authenticated_data = Bytes(roll(3), 7);
  if (chance(4)) {
    options.force_path = true;
    options.leaf.signer = fresh_signer();
    ++counts["signer changed"];
  }
  commit(committer, std::move(proposals), std::move(newcomers), std::move(options));
}

void History::add_members() {
  if (seats_.size() >= room()) return commit_values();  // more are wanted than another suite has room for
  std::vector<Newcomer> newcomers;
  std::vector<Proposal> proposals;
  for (std::size_t i = 0, n = 1 + roll(std::min<std::size_t>(room() - seats_.size(), 6)); i < n; ++i) {
    Extensions extensions;
    if (chance(4)) extensions.set(static_cast<ExtensionType>(0x4A4A), {1, 2, 3});
    newcomers.push_back(newcomer(std::move(extensions)));
    proposals.emplace_back(Add{std::make_shared<KeyPackage>(newcomers.back().bundle.key_package)});
  }
  CommitOptions options;
  options.force_path = chance(2);
  options.tree_in_welcome = chance(2);
  commit(anyone(), std::move(proposals), std::move(newcomers), std::move(options));
}

void History::remove_members() {
  Seat& committer = anyone();
  std::vector<Proposal> proposals;
  std::vector<LeafIndex> chosen{committer.in().own_leaf()};
  for (std::size_t i = 0, n = 1 + roll(6); i < n && chosen.size() + 2 < seats_.size(); ++i) {
    const LeafIndex leaf = seats_[roll(seats_.size())]->in().own_leaf();
    if (std::ranges::find(chosen, leaf) != chosen.end()) continue;
    chosen.push_back(leaf);
    proposals.emplace_back(Remove{leaf});
  }
  commit(committer, std::move(proposals), {});
}

/// Some propose, by reference; somebody commits whatever came in, and perhaps more. One proposal may have been lost on its way.
void History::commit_references() {
  std::vector<Newcomer> newcomers;
  Bytes lost;
  Seat& committer = anyone();
  Seat* unlucky = chance(3) ? anyone_but(committer) : nullptr;
  const std::size_t reinits = counts["reinit outweighed"];
  for (std::size_t i = 0, n = 1 + roll(5); i < n; ++i) {
    Seat& from = anyone();
    const bool outside = chance(4);
    const Bytes message = outside ? propose_from_outside(newcomers) : propose(from, newcomers);
    if (message.empty()) continue;
    const bool loses = unlucky != nullptr && lost.empty() && (outside || unlucky != &from);
    if (loses) {
      unlucky->late = true;
      send_proposal(outside ? nullptr : &from, message);
      unlucky->late = false;
      unlucky->inbox.clear();
      lost = message;
    } else {
      send_proposal(outside ? nullptr : &from, message);
    }
  }
  std::vector<Proposal> values;
  if (counts["reinit outweighed"] != reinits || chance(3)) values.push_back(committer.in().psk_proposal(shared_psk(), random_));
  const PendingCommit pending = need(committer.in().commit(std::move(values), {}, noon, random_));
  if (!lost.empty()) {
    const auto staged = unlucky->in().stage(pending.commit, noon);
    if (!staged.ok()) REQUIRE(staged.error().code == ErrorCode::unknown_key);
    need(unlucky->in().receive_proposal(lost, noon));
    ++counts["proposal lost"];
  }
  settle(committer, pending, newcomers);
}

Bytes History::propose(Seat& from, std::vector<Newcomer>& newcomers) {
  switch (roll(7)) {
    case 0: {
      LeafChange change;
      if (chance(2)) change.signer = fresh_signer();
      ++counts["update"];
      return need(from.in().propose_update(std::move(change), random_));
    }
    case 1: {
      Seat* victim = anyone_but(from);
      return victim == nullptr || seats_.size() < 6 ? Bytes() : need(from.in().propose_remove(victim->in().own_leaf(), random_));
    }
    case 2: return need(from.in().propose_extensions(some_extensions(), random_));
    case 3: return need(from.in().propose(from.in().psk_proposal(shared_psk(), random_), noon, random_));
    case 4: return need(from.in().propose(from.in().resumption_proposal(from.in().epoch(), random_), noon, random_));
    case 5:
      ++counts["reinit outweighed"];
      return need(from.in().propose(ReInit{{1, 2}, ProtocolVersion::mls10, suite_->id, {}}, noon, random_));
    default: {
      if (seats_.size() + newcomers.size() >= room()) return {};
      newcomers.push_back(newcomer());
      return need(from.in().propose_add(newcomers.back().bundle.key_package, noon, random_));
    }
  }
}

/// By the external sender, where the group lists it, or by a newcomer for itself.
Bytes History::propose_from_outside(std::vector<Newcomer>& newcomers) {
  const Group& member = anyone().in();
  ++counts["from outside"];
  if (chance(2) && seats_.size() + newcomers.size() < room()) {
    newcomers.push_back(newcomer());
    const KeyPackageBundle& bundle = newcomers.back().bundle;
    return from_outside(member, Add{std::make_shared<KeyPackage>(bundle.key_package)}, NewMemberProposalSender{}, bundle.signature_key);
  }
  const auto send = [&](Proposal proposal) { return from_outside(member, std::move(proposal), ExternalSenderIndex{0}, *service_); };
  if (chance(2)) return send(GroupContextExtensions{some_extensions()});
  if (chance(2)) return send(anyone().in().psk_proposal(shared_psk(), random_));
  return seats_.size() < 6 ? Bytes() : send(Remove{anyone().in().own_leaf()});
}

/// Several commit at once; the delivery service takes one of them.
void History::race() {
  std::map<Seat*, PendingCommit> made;
  for (std::size_t i = 0; i < 3; ++i) {
    Seat& seat = anyone();
    if (made.contains(&seat)) continue;
    made.emplace(&seat, need(seat.in().commit({}, {}, noon, random_)));
    if (chance(6)) save_and_restore(seat);
  }
  const auto winner = std::next(made.begin(), static_cast<std::ptrdiff_t>(roll(made.size())));
  std::vector<Newcomer> nobody;
  settle(*winner->first, winner->second, nobody);
  for (const auto& [loser, lost] : made) {
    if (loser == winner->first) continue;
    REQUIRE(loser->in().pending() == nullptr);
    REQUIRE(winner->first->in().stage(lost.commit, noon).error().code == ErrorCode::wrong_epoch);
    ++counts["race lost"];
  }
}

/// Somebody falls behind, and those who did read what they missed, in order.
void History::come_late() {
  for (const auto& seat : seats_) {
    if (seat->late && chance(2)) catch_up(*seat);
  }
  Seat& seat = anyone();
  if (seats_.size() < 4 || anyone_but(seat) == nullptr) return;
  seat.late = true;
  ++counts["late"];
}

/// A member misses commits, understands nothing any more, and comes back by an external commit.
void History::lose_commits_and_resync() {
  Seat& committer = anyone();
  Seat* unlucky = anyone_but(committer);
  if (unlucky == nullptr) return;
  unlucky->late = true;
  commit(committer, {}, {});
  commit(anyone(), {}, {});
  REQUIRE(unlucky->in().stage(unlucky->inbox.back().message, noon).error().code == ErrorCode::wrong_epoch);
  const std::string name = unlucky->name;
  auto signer = Insider(unlucky->in(), random_).signer().clone();
  former_.push_back(std::move(*unlucky->group));
  const LeafIndex former_leaf = former_.back().own_leaf();
  std::erase_if(seats_, [&](const auto& seat) { return &*seat == unlucky; });
  enter_from_outside(name, std::move(signer), former_leaf, &former_.back());
  ++counts["resync"];
}

void History::external_join() {
  if (seats_.size() < room()) enter_from_outside("client" + std::to_string(++names_), {}, {}, nullptr);
}

void History::enter_from_outside(const std::string& name, std::optional<crypto::SignaturePrivateKey> signer, std::optional<LeafIndex> former,
                                 const Group* old_state) {
  const Group& host = anyone().in();
  const Bytes info = need(host.group_info(chance(2)));
  const Bytes tree = host.ratchet_tree();
  ExternalJoin request;
  request.group_info = info;
  request.ratchet_tree = tree;
  request.signer = signer ? std::move(*signer) : fresh_signer();
  request.profile = profile(name);
  request.resync = former;
  request.options = some_options();
  if (chance(3)) {
    const Bytes id = shared_psk();
    request.psks.add_external(id, SecretBuffer::copy_of(Bytes(32, id[0])));
    request.use_psks.push_back(std::get<PreSharedKey>(host.psk_proposal(id, random_)).psk);
  }
  const bool all_were_there = old_state != nullptr && std::ranges::all_of(seats_, [&](const auto& seat) { return seat->since <= old_state->epoch(); });
  if (all_were_there && old_state->epoch() + 4 > host.epoch() && chance(2)) {
    const auto id = std::get<PreSharedKey>(old_state->resumption_proposal(old_state->epoch(), random_)).psk;
    request.psks.add_resumption(to_bytes(old_state->group_id()), old_state->epoch(), ResumptionPsk::copy_of(*old_state->psks().find(id)));
    request.use_psks.push_back(id);
    ++counts["resync with psk"];
  }
  auto joined = need(Group::join_external(std::move(request), random_));
  const GroupContext before = host.context();
  for (const auto& seat : seats_) {
    seat->inbox.push_back({true, joined.commit});
    if (!seat->late) catch_up(*seat);
  }
  auto seat = std::make_unique<Seat>();
  seat->name = name;
  seat->group = std::move(joined.group);
  seat->since = seat->in().epoch();
  seats_.push_back(std::move(seat));
  trespass(joined.commit, before, seats_.back()->in());
  ++counts["external commit"];
}

/// Messages, some of which are lost, arrive an epoch late, or out of order.
void History::talk() {
  Seat& from = anyone();
  while (from.in().awaits_own_commit()) {
    REQUIRE(from.in().protect({}, {}, random_).error().code == ErrorCode::invalid_state);
    commit(from, {}, {});
  }
  std::vector<Bytes> messages;
  for (std::size_t i = 0, n = 2 + roll(5); i < n; ++i) messages.push_back(need(from.in().protect(as_bytes("hello"), {}, random_)));
  std::vector<Seat*> listeners;
  for (const auto& seat : seats_) {
    if (!seat->late && &*seat != &from) listeners.push_back(&*seat);
  }
  if (chance(2)) commit(anyone(), {}, {});
  std::shuffle(messages.begin(), messages.end(), dice_);
  const Bytes lost = std::move(messages.back());
  messages.pop_back();
  for (Seat* each : listeners) {
    for (const Bytes& message : messages) REQUIRE(equal(need(each->in().unprotect(message)).plaintext.expose(), as_bytes("hello")));
    REQUIRE(each->in().unprotect(messages[0]).error().code == ErrorCode::replayed);
  }
  if (!listeners.empty()) eavesdrop(lost, *listeners[roll(listeners.size())]);
  if (chance(2)) save_and_restore(anyone());
  ++counts["talk"];
}

/// The whole group moves into a new one, perhaps of another suite.
void History::reinitialize() {
  for (const auto& seat : seats_) catch_up(*seat);
  if (setup_.wander && seats_.size() <= 60) suite_ = &crypto::all_suites()[roll(seats_.size() <= 16 ? 7 : 3)];
  service_ = fresh_signer();
  const ReInit reinit{Bytes{9, static_cast<std::uint8_t>(roll(256)), static_cast<std::uint8_t>(roll(256))}, ProtocolVersion::mls10, suite_->id, some_extensions()};
  Seat& committer = anyone();
  const bool by_value = chance(2);
  if (!by_value) send_proposal(&committer, need(committer.in().propose(reinit, noon, random_)));
  commit(committer, by_value ? std::vector<Proposal>{reinit} : std::vector<Proposal>{}, {});
  Seat& founder = anyone();
  Succession succession{fresh_signer(), profile(founder.name), {}, some_options(), {}};
  std::map<Seat*, KeyPackageBundle> bundles;
  for (const auto& seat : seats_) {
    REQUIRE(seat->in().protect({}, {}, random_).error().code == ErrorCode::invalid_state);
    if (&*seat == &founder) continue;
    auto bundle = need(KeyPackageBundle::generate(*suite_, fresh_signer(), profile(seat->name), {}, random_));
    succession.members.push_back(bundle.key_package);
    bundles.emplace(&*seat, std::move(bundle));
  }
  auto successor = need(founder.in().reinitialize(std::move(succession), noon, random_));
  need(successor.group.merge_pending());
  for (const auto& [seat, bundle] : bundles) {
    seat->group = need(Group::join({*successor.founding.welcome, bundle, {}, nullptr, &seat->in(), some_options()}, random_));
  }
  founder.group = std::move(successor.group);
  for (const auto& seat : seats_) seat->since = 1;
  former_.clear();
  ++counts["reinit"];
}

/// Some members found a group of their own, which agrees, talks, and is forgotten.
void History::branch() {
  Seat& founder = anyone();
  Succession succession{fresh_signer(), profile(founder.name), {}, some_options(), {}};
  std::map<Seat*, KeyPackageBundle> bundles;
  for (std::size_t i = 0; i < 5; ++i) {
    Seat& seat = anyone();
    if (&seat == &founder || bundles.contains(&seat)) continue;
    auto bundle = need(KeyPackageBundle::generate(*suite_, fresh_signer(), profile(seat.name), {}, random_));
    succession.members.push_back(bundle.key_package);
    bundles.emplace(&seat, std::move(bundle));
  }
  if (bundles.empty()) return;
  auto branch = need(founder.in().branch({8, 8}, some_extensions(), std::move(succession), noon, random_));
  need(branch.group.merge_pending());
  const Bytes message = need(branch.group.protect(as_bytes("apart"), {}, random_));
  for (const auto& [seat, bundle] : bundles) {
    Group joined = need(Group::join({*branch.founding.welcome, bundle, {}, nullptr, &seat->in(), some_options()}, random_));
    REQUIRE(equal(joined.epoch_authenticator(), branch.group.epoch_authenticator()));
    REQUIRE(equal(need(joined.unprotect(message)).plaintext.expose(), as_bytes("apart")));
    REQUIRE_FALSE(seat->in().unprotect(message).ok());
  }
  ++counts["branch"];
}

}  // namespace conclave::mls::test
