#include "mls/sim/history.h"

#include <algorithm>

namespace conclave::mls::test {

History::History(HistorySetup setup)
    : random_(setup.seed), dice_(setup.seed), setup_(setup), suite_(crypto::find_suite(static_cast<std::uint16_t>(setup.suite))), service_(fresh_signer()) {
  auto seat = std::make_unique<Seat>();
  seat->name = "founder";
  GroupConfig config{suite_->id, {}, fresh_signer(), profile(seat->name), some_extensions(), some_options()};
  seat->group = need(Group::create(std::move(config), random_));
  seats_.push_back(std::move(seat));
}

void History::step() {
  if (chance(150)) wanted_ = 2 + roll(room() - 1);
  if (chance(setup_.max_members > 100 ? 100 : 40)) return chance(2) ? reinitialize() : branch();
  if (seats_.size() < wanted_ && chance(2)) return add_members();
  if (seats_.size() > wanted_ && chance(2)) return remove_members();
  switch (roll(10)) {
    case 0: case 1: return commit_values();
    case 2: case 3: case 4: return commit_references();
    case 5: return race();
    case 6: return come_late();
    case 7: return lose_commits_and_resync();
    case 8: return external_join();
    default: return talk();
  }
}

void History::check() {
  const Group& first = anyone().in();
  for (const auto& seat : seats_) {
    if (seat->late) continue;
    REQUIRE(seat->in().epoch() == first.epoch());
    REQUIRE(equal(seat->in().epoch_authenticator(), first.epoch_authenticator()));
    REQUIRE(equal(seat->in().context().tree_hash, first.context().tree_hash));
  }
  REQUIRE(first.member_count() == seats_.size());
  Seat& one = anyone();
  REQUIRE(Insider(one.in(), random_).epoch().keys.matches(one.in().tree()));
  for (Group& former : former_) {
    for (const auto& [node, key] : Insider(former, random_).epoch().keys) REQUIRE_FALSE(first.tree().has_encryption_key(key->public_key().bytes()));
  }
  while (former_.size() > 12) former_.pop_front();
  most_members = std::max(most_members, seats_.size());
}

/// Anyone who is up to date; there is always somebody.
Seat& History::anyone() {
  for (;;) {
    Seat& seat = *seats_[roll(seats_.size())];
    if (!seat.late) return seat;
  }
}

Seat* History::anyone_but(const Seat& one) {
  const auto others = std::ranges::count_if(seats_, [&](const auto& seat) { return !seat->late && &*seat != &one; });
  while (others > 0) {
    Seat& other = anyone();
    if (&other != &one) return &other;
  }
  return nullptr;
}

/// How large the group may become: slow suites are kept small.
std::size_t History::room() const {
  const auto id = static_cast<std::uint16_t>(suite_->id);
  return id == 1 || id == 3 ? setup_.max_members : std::min<std::size_t>(setup_.max_members, id == 2 ? 60 : 16);
}

Extensions History::some_extensions() {
  Extensions out;
  out.set(private_type, {static_cast<std::uint8_t>(roll(256))});
  out.set(ExternalSenders{{{to_bytes(service_->public_key().bytes()), BasicCredential{{1}}}}});
  if (chance(3)) out.set(RequiredCapabilities{{private_type}, {}, {CredentialType::basic}});
  return out;
}

ClientProfile History::profile(const std::string& name) const {
  ClientProfile out;
  out.credential = BasicCredential{to_bytes(as_bytes(name))};
  out.capabilities = Capabilities::of_library(suite_->id);
  out.capabilities.extensions.push_back(private_type);
  out.lifetime = {noon.value - 3600, noon.value + 86400};
  return out;
}

GroupOptions History::some_options() {
  GroupOptions options;
  options.handshake_format = chance(2) ? WireFormat::private_message : WireFormat::public_message;
  options.padding_block = chance(4) ? 1 : 128;
  return options;
}

Newcomer History::newcomer(Extensions package_extensions) {
  std::string name = "client" + std::to_string(++names_);
  return {name, need(KeyPackageBundle::generate(*suite_, fresh_signer(), profile(name), std::move(package_extensions), random_))};
}

/// An external PSK that all members have, also those who are late.
Bytes History::shared_psk() {
  Bytes id{static_cast<std::uint8_t>(roll(256))};
  for (const auto& seat : seats_) seat->in().psks().add_external(id, SecretBuffer::copy_of(Bytes(32, id[0])));
  return id;
}

void History::send_proposal(const Seat* from, const Bytes& message) {
  for (const auto& seat : seats_) {
    if (&*seat == from) continue;
    if (seat->late) {
      seat->inbox.push_back({false, message});
    } else {
      need(seat->in().receive_proposal(message, noon));
    }
  }
  ++counts["proposal"];
}

void History::receive_commit(Seat& seat, ByteView commit) {
  StagedCommit staged = need(seat.in().stage(commit, noon));
  if (staged.summary().removes_us) return leave(seat, std::move(staged));
  need(seat.in().merge(std::move(staged)));
}

/// Reads everything in order, and gives up its seat where it was removed.
void History::catch_up(Seat& seat) {
  seat.late = false;
  for (; seat.group && !seat.inbox.empty(); seat.inbox.pop_front()) {
    const Seat::Parcel& parcel = seat.inbox.front();
    if (parcel.is_commit) {
      receive_commit(seat, parcel.message);
    } else {
      need(seat.in().receive_proposal(parcel.message, noon));
    }
  }
}

/// The old state stays behind as it was, or with what the library left of it.
void History::leave(Seat& seat, StagedCommit staged) {
  if (chance(3)) {
    need(seat.in().merge(std::move(staged)));
    REQUIRE(seat.in().was_removed());
    REQUIRE(seat.in().protect({}, {}, random_).error().code == ErrorCode::invalid_state);
  }
  former_.push_back(std::move(*seat.group));
  seat.group.reset();
  ++counts["removed"];
}

/// Everybody follows the pending commit of `committer`; whom it adds joins.
void History::settle(Seat& committer, const PendingCommit& pending, std::vector<Newcomer>& newcomers) {
  const CommitSummary summary = committer.in().pending()->summary();
  const GroupContext before = committer.in().context();
  if (chance(30)) save_and_restore(committer);
  need(committer.in().merge_pending());
  for (const auto& seat : seats_) {
    if (&*seat == &committer) continue;
    const bool goes = std::ranges::any_of(summary.removed, [&](const auto& removed) { return removed.leaf == seat->in().own_leaf(); });
    seat->inbox.push_back({true, pending.commit});
    if (!seat->late || goes) catch_up(*seat);
  }
  std::erase_if(seats_, [](const auto& seat) { return !seat->group; });
  trespass(pending.commit, before, committer.in());
  for (Newcomer& each : newcomers) join(each, pending, summary, committer);
  ++counts["commit"];
}

void History::commit(Seat& committer, std::vector<Proposal> proposals, std::vector<Newcomer> newcomers, CommitOptions options) {
  const PendingCommit pending = need(committer.in().commit(std::move(proposals), std::move(options), noon, random_));
  settle(committer, pending, newcomers);
}

/// Joins if the commit added it: a proposal may have been left out.
void History::join(Newcomer& newcomer, const PendingCommit& pending, const CommitSummary& summary, Seat& committer) {
  const Bytes& key = newcomer.bundle.key_package.leaf_node.signature_key;
  if (std::ranges::none_of(summary.added, [&](const auto& added) { return added.leaf_node.signature_key == key; })) return;
  PskStore psks;
  for (const PreSharedKeyId& id : summary.psks) {
    const ByteView secret = *committer.in().psks().find(id);
    if (const auto* external = std::get_if<ExternalPskId>(&id.psk)) {
      psks.add_external(external->psk_id, SecretBuffer::copy_of(secret));
    } else {
      const auto& resumption = std::get<ResumptionPskId>(id.psk);
      psks.add_resumption(resumption.psk_group_id, resumption.psk_epoch, ResumptionPsk::copy_of(secret));
    }
  }
  auto seat = std::make_unique<Seat>();
  seat->name = newcomer.name;
  const Bytes tree = committer.in().ratchet_tree();
  seat->group = need(Group::join({*pending.welcome, newcomer.bundle, tree, &psks, nullptr, some_options()}, random_));
  REQUIRE(seat->in().inviter() == committer.in().own_leaf());
  seat->since = seat->in().epoch();
  seats_.push_back(std::move(seat));
  ++counts["joined"];
}

/// The application is killed and started again.
void History::save_and_restore(Seat& seat) {
  const Bytes key(32, 0x22);
  const Bytes sealed = need(seat.in().save(key, ++saves_, random_));
  seat.group.reset();
  seat.group = need(Group::restore(sealed, key, saves_, some_options(), random_));
  ++counts["restored"];
}

}  // namespace conclave::mls::test
