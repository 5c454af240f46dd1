#include "session/room_group.h"

#include <algorithm>
#include <deque>

#include "base/bytes.h"
#include "mls/group/group.h"
#include "session/admission.h"
#include "session/frame_suites.h"

namespace conclave::session {
namespace {

constexpr std::uint64_t key_package_lifetime = 24 * 3600;  // s; a knock waits minutes
constexpr std::uint64_t clock_skew = 24 * 3600;            // s; how wrong a member's clock may be
constexpr std::size_t max_past_rosters = 6;  // more than the group keeps epochs
constexpr sframe::KidLayout kid_layout{.epoch_size = 4, .sender_size = 16};
constexpr std::size_t past_epochs = 4;  // whose late messages are read

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

/// A fresh signature key for one room, and the profile that binds it to `identity`.
struct Seat {
  crypto::SignaturePrivateKey signer;
  mls::ClientProfile profile;
};

Result<Seat> make_seat(const crypto::CipherSuite& suite, const SessionConfig& config, const room::Identity& identity,
                       std::string_view display_name, UnixSeconds wall_time, crypto::Random& random) {
  CONCLAVE_ASSIGN(signer, crypto::SignaturePrivateKey::generate(suite.signature, random));
  CONCLAVE_ASSIGN(credential, identity.credential(config.room_id, signer.public_key().bytes(), display_name));
  CONCLAVE_ASSIGN(offer, offer_of(config.frame_suites));
  mls::ClientProfile profile;
  profile.leaf_extensions.set(offer);
  profile.credential = mls::BasicCredential{std::move(credential)};
  profile.capabilities = mls::Capabilities::of_library(suite.id);
  profile.capabilities.extensions.push_back(FrameSuites::type);
  profile.lifetime = {wall_time.value - clock_skew, wall_time.value + key_package_lifetime};
  return Seat{std::move(signer), std::move(profile)};
}

}  // namespace

/// Who sat where in an epoch that is over.
struct PastRoster {
  std::uint64_t epoch = 0;
  std::vector<Member> members;
};

struct RoomGroup::State {
  SessionConfig config;
  mls::Group group;
  room::IdentityHash founder;
  std::vector<Member> members;
  sframe::CipherSuite frame_suite;
  KeyRing keys;
  Bytes pending_message;  ///< our commit as it stands in the log, or empty
  std::deque<PastRoster> past_rosters;  ///< as long as the group opens messages of their epochs

  Result<void> take_up_epoch(Time retire_previous_at, bool removal, bool may_seal = true);
  void assign_roles();
  Result<CommitToLog> commit(std::vector<mls::Proposal> proposals, UnixSeconds wall_time, crypto::Random& random);
  Result<mls::KeyPackage> check_key_package(ByteView bytes, UnixSeconds wall_time) const;
  [[nodiscard]] RoomRules rules() const { return {members, founder, config.room_id, frame_suite}; }
  [[nodiscard]] bool still_seated(MemberId id, std::uint64_t epoch) const;
};

RoomGroup::RoomGroup(std::unique_ptr<State> state) : state_(std::move(state)) {}
RoomGroup::RoomGroup(RoomGroup&&) noexcept = default;
RoomGroup& RoomGroup::operator=(RoomGroup&&) noexcept = default;
RoomGroup::~RoomGroup() = default;

Result<RoomGroup> RoomGroup::found(SessionConfig config, const room::Identity& identity, std::string_view display_name,
                               UnixSeconds wall_time, crypto::Random& random) {
  CONCLAVE_ASSIGN(suite, suite_of(config));
  CONCLAVE_ASSIGN(seat, make_seat(*suite, config, identity, display_name, wall_time, random));
  mls::GroupConfig group_config;
  group_config.suite = suite->id;
  group_config.group_id = to_bytes(config.room_id);
  group_config.signer = std::move(seat.signer);
  group_config.profile = std::move(seat.profile);
  group_config.extensions.set(FrameSuites{{static_cast<std::uint16_t>(config.frame_suites.front())}});
  group_config.options = group_options();
  CONCLAVE_ASSIGN(group, mls::Group::create(std::move(group_config), random));
  CONCLAVE_ASSIGN(members, read_roster(group.members(), config.room_id));
  const auto frame_suite = static_cast<sframe::CipherSuite>(config.frame_suites.front());
  auto state = std::make_unique<State>(State{std::move(config), std::move(group), identity.hash(), std::move(members), frame_suite, {}, {}, {}});
  CONCLAVE_TRY(state->take_up_epoch(never, false));
  return RoomGroup(std::move(state));
}

Result<void> RoomGroup::State::take_up_epoch(Time retire_previous_at, bool removal, bool may_seal) {
  assign_roles();
  const sframe::SuiteParameters& parameters = sframe::parameters_of(frame_suite);
  const SecretBuffer exported = group.exporter("SFrame 1.0 Base Key", {}, parameters.key_size);
  const auto secret = sframe::EpochSecret::copy_of(exported.expose());
  CONCLAVE_ASSIGN(epoch, sframe::EpochKeys::create(frame_suite, group.epoch(), secret, kid_layout));
  std::vector<FrameKeys::State::Seat> seats;
  for (const Member& member : members) {
    if (member.id != group.own_leaf().value) seats.push_back({member.id, sframe::all_streams});
  }
  keys.enter({std::move(epoch), std::move(seats), may_seal, removal, retire_previous_at});
  return {};
}

void RoomGroup::State::assign_roles() {
  const std::optional<MemberId> owner = find_founder(members, founder);
  for (Member& member : members) member.role = member.id == owner ? Role::owner : Role::speaker;
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
const room::IdentityHash& RoomGroup::founder_hash() const { return state_->founder; }

Result<room::SafetyCode> RoomGroup::safety_code() const {
  std::vector<Bytes> keys;
  for (const Member& member : state_->members) keys.push_back(member.identity_key);
  return room::safety_code(keys);
}

Result<mls::KeyPackage> RoomGroup::State::check_key_package(ByteView bytes, UnixSeconds wall_time) const {
  CONCLAVE_ASSIGN(key_package, wire::decode<mls::KeyPackage>(bytes));
  if (key_package.cipher_suite != group.suite().id) return Error{ErrorCode::unsupported, "a key package of another cipher suite"};
  CONCLAVE_TRY(key_package.validate(wall_time));
  if (!has_suite(key_package.leaf_node.extensions, frame_suite)) return Error{ErrorCode::unsupported, "who knocks does not have the room's frame suite"};
  CONCLAVE_TRY(read_member(key_package.leaf_node, 0, config.room_id));
  return key_package;
}

Result<Member> RoomGroup::inspect(ByteView key_package, UnixSeconds wall_time) const {
  CONCLAVE_ASSIGN(checked, state_->check_key_package(key_package, wall_time));
  CONCLAVE_ASSIGN(member, read_member(checked.leaf_node, 0, state_->config.room_id));
  for (const Member& seated : state_->members) {
    if (seated.identity_key == member.identity_key) return Error{ErrorCode::forbidden_by_policy, "this identity has a seat"};
  }
  return member;
}

Result<CommitToLog> RoomGroup::admit(ByteView key_package, UnixSeconds wall_time, crypto::Random& random) {
  if (!is_founder()) return Error{ErrorCode::not_permitted, "only the founder admits"};
  CONCLAVE_ASSIGN(checked, state_->check_key_package(key_package, wall_time));
  std::vector<mls::Proposal> proposals;
  proposals.emplace_back(mls::Add{std::make_shared<const mls::KeyPackage>(std::move(checked))});
  return state_->commit(std::move(proposals), wall_time, random);
}

Result<CommitToLog> RoomGroup::remove(MemberId member, UnixSeconds wall_time, crypto::Random& random) {
  if (!is_founder()) return Error{ErrorCode::not_permitted, "only the founder removes"};
  std::vector<mls::Proposal> proposals;
  proposals.emplace_back(mls::Remove{mls::LeafIndex{member}});
  return state_->commit(std::move(proposals), wall_time, random);
}

Result<CommitToLog> RoomGroup::rotate(UnixSeconds wall_time, crypto::Random& random) { return state_->commit({}, wall_time, random); }

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

Result<CommitToLog> RoomGroup::State::commit(std::vector<mls::Proposal> proposals, UnixSeconds wall_time, crypto::Random& random) {
  if (!pending_message.empty()) return Error{ErrorCode::invalid_state, "a commit of ours is pending"};
  mls::CommitOptions options;
  options.with_proposals = false;  // nothing that others proposed
  CONCLAVE_ASSIGN(pending, group.commit(std::move(proposals), std::move(options), wall_time, random));
  const Result<void> allowed = check_commit(group.pending()->summary(), rules());
  if (!allowed.ok()) {
    group.discard_pending();
    return allowed.error();
  }
  pending_message = pending.commit;
  return CommitToLog{group.epoch(), std::move(pending.commit), std::move(pending.welcome)};
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
  const bool own = commit_pending() && equal(message, state.pending_message);
  std::vector<MemberId> removed;
  if (own) {
    for (const auto& each : state.group.pending()->summary().removed) removed.push_back(each.leaf.value);
    const Result<void> merged = state.group.merge_pending();
    if (!merged.ok()) return refused(merged.error());
  } else {
    Result<mls::StagedCommit> staged = state.group.stage(message, wall_time);
    if (!staged.ok()) return refused(staged.error());
    const Result<void> allowed = check_commit(staged->summary(), state.rules());
    if (!allowed.ok()) return refused(allowed.error());
    outcome.self_removed = staged->summary().removes_us;
    for (const auto& each : staged->summary().removed) removed.push_back(each.leaf.value);
    const Result<void> merged = state.group.merge(std::move(*staged));
    if (!merged.ok()) return refused(merged.error());
  }
  outcome.fate = own ? CommitOutcome::Fate::own_merged : CommitOutcome::Fate::merged;
  outcome.own_lost = !own && commit_pending();
  state.pending_message.clear();
  return adopt(std::move(outcome), removed, now);
}

CommitOutcome RoomGroup::adopt(CommitOutcome outcome, const std::vector<MemberId>& removed, Time now) {
  State& state = *state_;
  std::vector<Member> before = std::move(state.members);
  state.past_rosters.push_front({state.group.epoch() - 1, before});
  if (state.past_rosters.size() > max_past_rosters) state.past_rosters.pop_back();
  for (const MemberId member : removed) {
    state.keys.expel(member);
    const auto left = std::find_if(before.begin(), before.end(), [&](const Member& m) { return m.id == member; });
    if (left != before.end()) outcome.left.push_back(*left);
  }
  if (outcome.self_removed) {
    state.members = std::move(before);
    state.keys.close();
    return outcome;
  }
  Result<std::vector<Member>> members = read_roster(state.group.members(), state.config.room_id);
  state.members = members.ok() ? std::move(*members) : std::vector<Member>();  // `check_commit` has looked at every leaf before
  for (const Member& member : state.members) {
    const bool known = std::any_of(before.begin(), before.end(), [&](const Member& m) { return m.identity_key == member.identity_key; });
    if (!known) outcome.joined.push_back(member);
  }
  const Result<void> keyed = state.take_up_epoch(now + state.config.epoch_overlap, !removed.empty());
  if (!keyed.ok()) outcome.refused_because = keyed.error();
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

Result<FrameSealer> RoomGroup::make_sealer(std::uint8_t stream, FrameMode mode) { return state_->keys.make_sealer(self(), stream, mode); }

Result<Bytes> RoomGroup::save(ByteView key, std::uint64_t counter, crypto::Random& random) const {
  return state_->group.save(key, counter, random);
}

Result<RoomGroup> RoomGroup::restore(ByteView sealed, ByteView key, std::uint64_t counter, SessionConfig config, const room::IdentityHash& founder,
                                     crypto::Random& random) {
  CONCLAVE_ASSIGN(group, mls::Group::restore(sealed, key, counter, group_options(), random));
  if (!equal(group.group_id(), config.room_id)) return Error{ErrorCode::wrong_group, "a state of another room"};
  group.discard_pending();
  CONCLAVE_ASSIGN(frame_suite, suite_of_room(group.extensions(), config.frame_suites));
  CONCLAVE_ASSIGN(members, read_roster(group.members(), config.room_id));
  auto state = std::make_unique<State>(State{std::move(config), std::move(group), founder, std::move(members), frame_suite, {}, {}, {}});
  CONCLAVE_TRY(state->take_up_epoch(never, false, false));
  return RoomGroup(std::move(state));
}

struct PendingSeat::State {
  SessionConfig config;
  mls::KeyPackageBundle bundle;
  Bytes key_package;
};

PendingSeat::PendingSeat(std::unique_ptr<State> state) : state_(std::move(state)) {}
PendingSeat::PendingSeat(PendingSeat&&) noexcept = default;
PendingSeat& PendingSeat::operator=(PendingSeat&&) noexcept = default;
PendingSeat::~PendingSeat() = default;

Result<PendingSeat> PendingSeat::begin(SessionConfig config, const room::Identity& identity, std::string_view display_name,
                               UnixSeconds wall_time, crypto::Random& random) {
  CONCLAVE_ASSIGN(suite, suite_of(config));
  CONCLAVE_ASSIGN(seat, make_seat(*suite, config, identity, display_name, wall_time, random));
  CONCLAVE_ASSIGN(bundle, mls::KeyPackageBundle::generate(*suite, seat.signer, std::move(seat.profile), {}, random));
  Bytes key_package = wire::encode(bundle.key_package);
  return PendingSeat(std::make_unique<State>(State{config, std::move(bundle), std::move(key_package)}));
}

ByteView PendingSeat::key_package() const { return state_->key_package; }

Result<RoomGroup> PendingSeat::complete(ByteView welcome, const room::IdentityHash& founder_hash, crypto::Random& random) const {
  const mls::JoinRequest request{.welcome = welcome, .bundle = state_->bundle, .ratchet_tree = {}, .psks = nullptr, .predecessor = nullptr, .options = group_options()};
  CONCLAVE_ASSIGN(group, mls::Group::join(request, random));
  if (!equal(group.group_id(), state_->config.room_id)) return Error{ErrorCode::wrong_group, "a Welcome into another room"};
  CONCLAVE_ASSIGN(members, read_roster(group.members(), state_->config.room_id));
  const std::optional<MemberId> founder = find_founder(members, founder_hash);
  if (!founder || group.inviter() != mls::LeafIndex{*founder}) {
    return Error{ErrorCode::identity_mismatch, "the Welcome is not by the founder whom the link pins"};
  }
  CONCLAVE_ASSIGN(frame_suite, suite_of_room(group.extensions(), state_->config.frame_suites));
  auto state = std::make_unique<RoomGroup::State>(
      RoomGroup::State{state_->config, std::move(group), founder_hash, std::move(members), frame_suite, {}, {}, {}});
  CONCLAVE_TRY(state->take_up_epoch(never, false));
  return RoomGroup(std::move(state));
}

}  // namespace conclave::session
