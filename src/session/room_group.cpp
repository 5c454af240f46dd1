#include "session/room_group.h"

#include <algorithm>

#include "base/bytes.h"
#include "room/ticket.h"
#include "session/heartbeat.h"
#include "session/room_group_state.h"
#include "session/signing_key.h"
#include "session/stream_rights.h"

namespace conclave::session {
namespace {

constexpr std::uint64_t key_package_lifetime = 24 * 3600;  // s; a knock waits minutes
constexpr std::uint64_t clock_skew = 24 * 3600;            // s; how wrong a member's clock may be
constexpr std::size_t max_past_rosters = 6;  // more than the group keeps epochs
constexpr sframe::KidLayout kid_layout{.epoch_size = 4, .sender_size = 16};

Result<const crypto::CipherSuite*> suite_of(const SessionConfig& config) {
  const crypto::CipherSuite* suite = crypto::find_suite(config.suite);
  if (suite == nullptr) return Error{ErrorCode::unsupported, "an unknown cipher suite"};
  return suite;
}

mls::GroupOptions group_options() {
  mls::GroupOptions options;
  options.past_epochs = past_epochs;
  return options;
}

/// What the credential says beside the name: the personal invitation, where there is one.
Result<room::CredentialClaims> claims_of(const SessionConfig& config, const room::Identity& identity) {
  room::CredentialClaims claims;
  claims.organisation = config.organisation;
  if (config.invitation.empty()) return claims;
  CONCLAVE_ASSIGN(invitation, room::PersonalInvitation::parse(config.invitation, config.room_id));
  CONCLAVE_ASSIGN(use, invitation.use(identity.public_key()));
  claims.invitation = std::move(use);
  return claims;
}

/// A fresh signature key for one room, and the profile that binds it to `identity`.
struct Seat {
  crypto::SignaturePrivateKey signer;
  mls::ClientProfile profile;
  std::shared_ptr<const crypto::SignaturePrivateKey> frame_signer;
};

Result<Seat> make_seat(const crypto::CipherSuite& suite, const SessionConfig& config, const room::Identity& identity,
                       std::string_view display_name, UnixSeconds wall_time, crypto::Random& random) {
  CONCLAVE_ASSIGN(signer, crypto::SignaturePrivateKey::generate(suite.signature, random));
  CONCLAVE_ASSIGN(claims, claims_of(config, identity));
  CONCLAVE_ASSIGN(credential, identity.credential(config.room_id, signer.public_key().bytes(), display_name, claims));
  CONCLAVE_ASSIGN(offer, offer_of(config.frame_suites));
  CONCLAVE_ASSIGN(frame_signer, crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random));
  mls::ClientProfile profile;
  profile.leaf_extensions.set(SigningKey{to_bytes(frame_signer.public_key().bytes())});
  profile.leaf_extensions.set(offer);
  profile.credential = mls::BasicCredential{std::move(credential)};
  profile.capabilities = mls::Capabilities::of_library(suite.id);
  profile.capabilities.extensions.push_back(FrameSuites::type);
  profile.capabilities.extensions.push_back(policy_extension);
  profile.capabilities.extensions.push_back(SigningKey::type);
  profile.lifetime = {wall_time.value - clock_skew, wall_time.value + key_package_lifetime};
  return Seat{std::move(signer), std::move(profile), std::make_shared<const crypto::SignaturePrivateKey>(std::move(frame_signer))};
}

/// Members seal what they say. Whoever cannot, as the relay, could otherwise claim to be one: a message that fails names its claimed sender.
bool is_sealed(ByteView message) {
  return message.size() >= 4 && message[2] == 0 && message[3] == static_cast<std::uint8_t>(mls::WireFormat::private_message);
}

/// What signs warrants and voices while the session lives.
Result<std::shared_ptr<const room::Identity>> copy_of(const room::Identity& identity) {
  CONCLAVE_ASSIGN(copy, room::Identity::from_seed(identity.seed().expose()));
  return std::shared_ptr<const room::Identity>(std::make_shared<room::Identity>(std::move(copy)));
}

}  // namespace

RoomGroup::RosterChange RoomGroup::roster_change(const mls::CommitSummary& commit) {
  RosterChange change{commit.committer.value, {}, {}};
  for (const auto& each : commit.removed) change.removed.push_back(each.leaf.value);
  for (const auto& each : commit.added) change.added.emplace_back(each.leaf.value, each.leaf_node);
  return change;
}

RoomGroup::RoomGroup(std::unique_ptr<State> state) : state_(std::move(state)) {}
RoomGroup::RoomGroup(RoomGroup&&) noexcept = default;
RoomGroup& RoomGroup::operator=(RoomGroup&&) noexcept = default;
RoomGroup::~RoomGroup() = default;

Result<RoomGroup> RoomGroup::found(SessionConfig config, const room::Identity& identity, std::string_view display_name,
                               UnixSeconds wall_time, crypto::Random& random) {
  CONCLAVE_ASSIGN(suite, suite_of(config));
  CONCLAVE_ASSIGN(seat, make_seat(*suite, config, identity, display_name, wall_time, random));
  CONCLAVE_ASSIGN(own, copy_of(identity));
  mls::GroupConfig group_config;
  group_config.suite = suite->id;
  group_config.group_id = to_bytes(config.room_id);
  group_config.signer = std::move(seat.signer);
  group_config.profile = std::move(seat.profile);
  group_config.extensions.set(FrameSuites{{static_cast<std::uint16_t>(config.frame_suites.front())}});
  group_config.extensions.set(policy_extension, wire::encode(room::RoomPolicy::founding(config.mode, identity.hash())));
  group_config.options = group_options();
  CONCLAVE_ASSIGN(group, mls::Group::create(std::move(group_config), random));
  CONCLAVE_ASSIGN(members, read_roster(group.members(), config.room_id));
  const auto frame_suite = static_cast<sframe::CipherSuite>(config.frame_suites.front());
  auto state = std::make_unique<State>(State{std::move(config), std::move(group), identity.hash(), std::move(members), frame_suite, {}, {}, {}, {}, {}, {}});
  state->frame_signer = std::move(seat.frame_signer);
  state->identity = std::move(own);
  CONCLAVE_TRY(state->take_up_epoch(never, false));
  return RoomGroup(std::move(state));
}

Result<void> RoomGroup::State::take_up_epoch(Time retire_previous_at, bool removal) {
  CONCLAVE_ASSIGN(current, read_policy(group.extensions()));
  policy = std::move(current);
  assign_roles();
  const sframe::SuiteParameters& parameters = sframe::parameters_of(frame_suite);
  CONCLAVE_ASSIGN(exported, group.exporter("SFrame 1.0 Base Key", {}, parameters.key_size));
  const auto secret = sframe::EpochSecret::copy_of(exported.expose());
  CONCLAVE_ASSIGN(epoch, sframe::EpochKeys::create(frame_suite, group.epoch(), secret, kid_layout));
  std::vector<FrameKeys::State::Seat> seats;
  auto owners = std::make_shared<SeatOwners>();
  for (const Member& member : members) {
    owners->emplace_back(member.id, member.identity_key);
    const sframe::StreamSet streams = contexts_of(streams_of(member.rights));
    keys.restrict(member.id, streams);
    if (member.id == group.own_leaf().value) continue;
    const auto key = streams != 0 ? signing_key(member.id) : nullptr;
    seats.push_back({member.id, streams, key, key ? std::make_shared<const Speaker>(Speaker{member.identity_key, member.display_name}) : nullptr, streams});
  }
  const bool may_seal = !group.awaits_own_commit();  // counters of an epoch that an earlier copy of us may have been in may be used
  CONCLAVE_ASSIGN(history, frame_history());
  const SigningRule rule{config.room_id, policy.signing, history};
  keys.enter({std::move(epoch), std::move(seats), rule, std::move(owners), may_seal, removal, retire_previous_at});
  return {};
}

Result<FrameHistory> RoomGroup::State::frame_history() const {
  FrameHistory history{};
  if (policy.signing == FrameSigning::none) return history;
  CONCLAVE_ASSIGN(exported, group.exporter("conclave frame signing", {}, history.size()));
  std::ranges::copy(exported.expose(), history.begin());
  return history;
}

/// The key under which a member's frames verify; null where they need none.
std::shared_ptr<const crypto::SignaturePublicKey> RoomGroup::State::signing_key(MemberId member) const {
  if (policy.signing == FrameSigning::none) return nullptr;
  const auto leaf = group.member(mls::LeafIndex{member});
  if (!leaf) return nullptr;
  auto key = signing_key_of(leaf->extensions);
  return key.ok() ? std::make_shared<const crypto::SignaturePublicKey>(std::move(*key)) : nullptr;
}

void RoomGroup::State::assign_roles() {
  for (Member& member : members) {
    const room::Grant grant = policy.grant_of(room::identity_hash(member.identity_key));
    member.role = grant.role;
    member.rights = policy.rights_of(grant);
  }
}

std::uint64_t RoomGroup::epoch() const { return state_->group.epoch(); }
Bytes RoomGroup::epoch_authenticator() const { return to_bytes(state_->group.epoch_authenticator()); }
MemberId RoomGroup::self() const { return state_->group.own_leaf().value; }
const std::vector<Member>& RoomGroup::members() const { return state_->members; }
std::optional<MemberId> RoomGroup::founder() const { return find_founder(state_->members, state_->founder); }
bool RoomGroup::is_founder() const { return founder() == self(); }
bool RoomGroup::commit_pending() const { return !state_->pending_message.empty(); }
KeyRing& RoomGroup::keys() { return state_->keys; }
const KeyRing& RoomGroup::keys() const { return state_->keys; }
ByteView RoomGroup::confirmed_transcript_hash() const { return state_->group.confirmed_transcript_hash(); }
FrameSuite RoomGroup::frame_suite() const { return static_cast<FrameSuite>(state_->frame_suite); }
room::RoomPolicy RoomGroup::policy_ahead() const {
  const mls::StagedCommit* pending = state_->group.pending();
  if (pending == nullptr || !pending->summary().extensions) return state_->policy;
  auto ahead = read_policy(*pending->summary().extensions);
  return ahead.ok() ? std::move(*ahead) : state_->policy;
}

const room::IdentityHash& RoomGroup::founder_hash() const { return state_->founder; }

Result<room::SafetyCode> RoomGroup::safety_code() const {
  std::vector<Bytes> keys;
  for (const Member& member : state_->members) keys.push_back(member.identity_key);
  return room::safety_code(keys);
}

/// True when the leaf belongs to the one who had it in `epoch`: a leaf is given again.
bool RoomGroup::State::still_seated(MemberId id, std::uint64_t epoch) const {
  if (epoch == group.epoch()) return true;
  const auto seat = [id](const std::vector<Member>& roster) { return std::find_if(roster.begin(), roster.end(), [id](const Member& m) { return m.id == id; }); };
  const auto now = seat(members);
  for (const PastRoster& past : past_rosters) {
    if (past.epoch != epoch || now == members.end()) continue;
    const auto then = seat(past.members);
    return then != past.members.end() && then->identity_key == now->identity_key;
  }
  return false;
}

CommitOutcome RoomGroup::handle_commit(ByteView message, UnixSeconds wall_time, Time now) {
  State& state = *state_;
  const auto refused = [](Error error) {
    CommitOutcome outcome;
    outcome.fate = error.code == ErrorCode::wrong_epoch ? CommitOutcome::Fate::stale : CommitOutcome::Fate::refused;
    outcome.refused_because = std::move(error);
    return outcome;
  };
  CommitOutcome outcome;
  bool own = commit_pending() && equal(message, state.pending_message);
  std::optional<mls::StagedCommit> theirs;
  if (!own) {
    if (!is_sealed(message)) return refused(Error{ErrorCode::invalid_message, "a commit that is not sealed"});
    Result<mls::StagedCommit> staged = state.group.stage(message, wall_time);
    own = !staged.ok() && staged.error().code == ErrorCode::invalid_state && commit_pending();  // sealed once more by somebody
    if (!staged.ok() && !own) return refused(staged.error());
    if (staged.ok()) theirs = std::move(*staged);
  }
  RosterChange change;
  if (own) {
    change = roster_change(state.group.pending()->summary());
    const Result<void> merged = state.group.merge_pending();
    if (!merged.ok()) return refused(merged.error());
  } else {
    const Result<room::RoomPolicy> allowed = check_commit(theirs->summary(), state.rules());
    if (!allowed.ok()) return refused(allowed.error());
    outcome.self_removed = theirs->summary().removes_us;
    change = roster_change(theirs->summary());
    const Result<void> merged = state.group.merge(std::move(*theirs));
    if (!merged.ok()) return refused(merged.error());
  }
  outcome.fate = own ? CommitOutcome::Fate::own_merged : CommitOutcome::Fate::merged;
  outcome.own_lost = !own && commit_pending();
  outcome.committer = change.committer;
  state.pending_message.clear();
  return adopt(std::move(outcome), change, now);
}

CommitOutcome RoomGroup::adopt(CommitOutcome outcome, const RosterChange& change, Time now) {
  State& state = *state_;
  std::vector<Member> before = std::move(state.members);
  state.past_rosters.push_front({state.group.epoch() - 1, before});
  for (Member& member : state.past_rosters.front().members) member.organisation = {};  // of no use any more
  if (state.past_rosters.size() > max_past_rosters) state.past_rosters.pop_back();
  for (const MemberId member : change.removed) {
    state.keys.expel(member);
    const auto left = std::ranges::find(before, member, &Member::id);
    if (left != before.end()) outcome.left.push_back(*left);
  }
  if (outcome.self_removed) {
    state.members = std::move(before);
    state.keys.close();
    return outcome;
  }
  state.members = std::move(before);
  std::erase_if(state.members, [&](const Member& m) { return std::ranges::count(change.removed, m.id) != 0; });
  for (const auto& [id, leaf] : change.added) {
    auto member = read_member(leaf, id, state.config.room_id);
    if (member.ok()) outcome.joined.push_back(std::move(*member));  // `check_commit` has looked at it before
  }
  state.members.insert(state.members.end(), outcome.joined.begin(), outcome.joined.end());
  std::ranges::sort(state.members, {}, &Member::id);
  const room::RoomPolicy policy_before = state.policy;
  const Rights had = own_rights();
  const Result<void> keyed = state.take_up_epoch(now + state.config.epoch_overlap, !change.removed.empty());
  if (!own_rights().covers(had & publishing_rights)) state.keys.end_old_sealing();
  if (!keyed.ok()) outcome.refused_because = keyed.error();
  if (state.policy != policy_before) outcome.policy_before = policy_before;
  for (Member& member : outcome.joined) member = *std::ranges::find(state.members, member.id, &Member::id);
  return outcome;
}

Result<Bytes> RoomGroup::seal_message(ByteView content, crypto::Random& random) { return state_->group.protect(content, {}, random); }

Result<OpenedMessage> RoomGroup::open_message(ByteView message) {
  CONCLAVE_ASSIGN(opened, state_->group.unprotect(message));
  if (!state_->still_seated(opened.sender.value, opened.epoch)) {
    return Error{ErrorCode::wrong_epoch, "a message of somebody who has left since", opened.sender.value};
  }
  return OpenedMessage{opened.sender.value, opened.epoch, std::move(opened.plaintext)};
}

Result<FrameSealer> RoomGroup::make_sealer(std::uint8_t stream, FrameMode mode) {
  if (!own_rights().has(right_of_stream(stream))) return Error{ErrorCode::not_permitted, "we have no right to send this stream"};
  return state_->keys.make_sealer(self(), stream, mode, state_->frame_signer);
}

Result<Bytes> RoomGroup::save(ByteView key, std::uint64_t counter, crypto::Random& random) const {
  return state_->group.save(key, counter, random);
}

std::shared_ptr<const crypto::SignaturePublicKey> RoomGroup::frame_key(MemberId member) const { return state_->signing_key(member); }
ByteView RoomGroup::frame_signer() const { return state_->frame_signer->expose(); }

Result<RoomGroup> RoomGroup::restore(ByteView sealed, ByteView key, std::uint64_t counter, SessionConfig config, const SavedBeside& beside,
                                     crypto::Random& random) {
  CONCLAVE_ASSIGN(group, mls::Group::restore(sealed, key, counter, group_options(), random));
  if (!equal(group.group_id(), config.room_id)) return Error{ErrorCode::wrong_group, "a state of another room"};
  if (beside.pending_commit.empty()) group.discard_pending();
  if (!beside.pending_commit.empty()) {
    const auto known = group.stage(beside.pending_commit, {});
    if (known.ok() || known.error().code != ErrorCode::invalid_state) return Error{ErrorCode::damaged_state, "a commit was under way, and its keys are gone"};
  }
  CONCLAVE_ASSIGN(frame_signer, crypto::SignaturePrivateKey::parse(crypto::SignatureAlgorithm::ed25519, beside.frame_signer));
  CONCLAVE_ASSIGN(announced, signing_key_of(group.member(group.own_leaf())->extensions));
  if (!equal(announced.bytes(), frame_signer.public_key().bytes())) return Error{ErrorCode::damaged_state, "the key for frames is not that of our leaf"};
  CONCLAVE_ASSIGN(frame_suite, suite_of_room(group.extensions(), config.frame_suites));
  CONCLAVE_ASSIGN(members, read_roster(group.members(), config.room_id));
  auto state = std::make_unique<State>(State{std::move(config), std::move(group), beside.founder, std::move(members), frame_suite, {}, {}, {}, {}, {}, {}});
  state->frame_signer = std::make_shared<const crypto::SignaturePrivateKey>(std::move(frame_signer));
  state->pending_message = to_bytes(beside.pending_commit);
  CONCLAVE_TRY(state->take_up_epoch(never, false));
  return RoomGroup(std::move(state));
}

/// A newcomer enters another epoch when the commit behind its Welcome lost: a few times, in a crowd.
constexpr std::size_t max_completions = 64;

struct PendingSeat::State {
  SessionConfig config;
  std::shared_ptr<const room::Identity> identity;
  mls::KeyPackageBundle bundle;
  Bytes key_package;
  std::shared_ptr<const crypto::SignaturePrivateKey> frame_signer;
  std::vector<Bytes> completed;  ///< authenticators of the epochs that were entered
};

PendingSeat::PendingSeat(std::unique_ptr<State> state) : state_(std::move(state)) {}
PendingSeat::PendingSeat(PendingSeat&&) noexcept = default;
PendingSeat& PendingSeat::operator=(PendingSeat&&) noexcept = default;
PendingSeat::~PendingSeat() = default;

Result<PendingSeat> PendingSeat::begin(SessionConfig config, const room::Identity& identity, std::string_view display_name,
                               UnixSeconds wall_time, crypto::Random& random) {
  CONCLAVE_ASSIGN(suite, suite_of(config));
  CONCLAVE_ASSIGN(seat, make_seat(*suite, config, identity, display_name, wall_time, random));
  CONCLAVE_ASSIGN(own, copy_of(identity));
  CONCLAVE_ASSIGN(bundle, mls::KeyPackageBundle::generate(*suite, seat.signer, std::move(seat.profile), {}, random));
  Bytes key_package = wire::encode(bundle.key_package);
  return PendingSeat(std::make_unique<State>(State{config, std::move(own), std::move(bundle), std::move(key_package), std::move(seat.frame_signer), {}}));
}

ByteView PendingSeat::key_package() const { return state_->key_package; }

/// Whoever vouches, in the end it has to be the founder whom the link pins: a group that the relay or a member made up has no such chain.
Result<void> check_inviter(const mls::Group& group, const std::vector<Member>& members, const room::RoomId& room_id, const room::IdentityHash& founder,
                           UnixSeconds wall_time) {
  CONCLAVE_ASSIGN(policy, read_policy(group.extensions()));
  const auto inviter = std::ranges::find_if(members, [&](const Member& m) { return group.inviter() == mls::LeafIndex{m.id}; });
  if (inviter == members.end()) return Error{ErrorCode::identity_mismatch, "the Welcome is by nobody who has a seat"};
  const room::IdentityHash identity = room::identity_hash(inviter->identity_key);
  const auto vouched = room::vouched_until(policy, room_id, founder, identity, wall_time);
  if (!vouched.ok()) return Error{vouched.error().code, vouched.error().detail, inviter->id};
  if (!policy.rights_of(identity).has(Right::admit) || policy.ended != 0) {
    return Error{ErrorCode::forbidden_by_policy, "a Welcome by somebody who may not admit", inviter->id};
  }
  return {};
}

Result<RoomGroup> PendingSeat::complete(ByteView welcome, const room::IdentityHash& founder_hash, UnixSeconds wall_time, crypto::Random& random) const {
  const mls::JoinRequest request{.welcome = welcome, .bundle = state_->bundle, .ratchet_tree = {}, .psks = nullptr, .predecessor = nullptr, .options = group_options()};
  CONCLAVE_ASSIGN(group, mls::Group::join(request, random));
  if (!equal(group.group_id(), state_->config.room_id)) return Error{ErrorCode::wrong_group, "a Welcome into another room"};
  CONCLAVE_ASSIGN(members, read_roster(group.members(), state_->config.room_id));
  CONCLAVE_TRY(check_inviter(group, members, state_->config.room_id, founder_hash, wall_time));
  // Whoever enters an epoch a second time begins its counters anew, under the keys that have sealed already.
  if (state_->completed.size() >= max_completions) return Error{ErrorCode::limit_exceeded, "too many Welcomes for one knock"};
  const bool used = std::ranges::any_of(state_->completed, [&](const Bytes& each) { return equal(each, group.epoch_authenticator()); });
  if (used) return Error{ErrorCode::invalid_state, "this Welcome was used: its epoch is not entered twice"};
  state_->completed.push_back(to_bytes(group.epoch_authenticator()));
  CONCLAVE_ASSIGN(frame_suite, suite_of_room(group.extensions(), state_->config.frame_suites));
  auto state = std::make_unique<RoomGroup::State>(
      RoomGroup::State{state_->config, std::move(group), founder_hash, std::move(members), frame_suite, {}, {}, {}, {}, {}, {}});
  state->frame_signer = state_->frame_signer;
  state->identity = state_->identity;
  CONCLAVE_TRY(state->take_up_epoch(never, false));
  return RoomGroup(std::move(state));
}

}  // namespace conclave::session
