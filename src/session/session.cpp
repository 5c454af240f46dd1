#include "session/session.h"

#include <algorithm>
#include <deque>

#include "base/bytes.h"
#include "mls/group/group.h"
#include "session/admission.h"

namespace conclave::session {
namespace {

constexpr std::uint64_t key_package_lifetime = 24 * 3600;  // s; a knock waits minutes
constexpr std::uint64_t clock_skew = 24 * 3600;            // s; how wrong a member's clock may be
constexpr std::size_t max_past_rosters = 4;  // more than the group keeps epochs
constexpr sframe::KidLayout kid_layout{.epoch_size = 4, .sender_size = 16};
constexpr sframe::CipherSuite frame_suite = sframe::default_cipher_suite;

Result<const crypto::CipherSuite*> suite_of(const SessionConfig& config) {
  const crypto::CipherSuite* suite = crypto::find_suite(config.suite);
  if (suite == nullptr) return Error{ErrorCode::unsupported, "an unknown cipher suite"};
  return suite;
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
  mls::ClientProfile profile;
  profile.credential = mls::BasicCredential{std::move(credential)};
  profile.capabilities = mls::Capabilities::of_library(suite.id);
  profile.lifetime = {wall_time.value - clock_skew, wall_time.value + key_package_lifetime};
  return Seat{std::move(signer), std::move(profile)};
}

}  // namespace

/// Who sat where in an epoch that is over.
struct PastRoster {
  std::uint64_t epoch = 0;
  std::vector<Member> members;
};

struct Session::State {
  SessionConfig config;
  mls::Group group;
  room::IdentityHash founder;
  std::vector<Member> members;
  FrameOpener opener;
  std::optional<sframe::SealingRight> sealing;
  Bytes pending_message;  ///< our commit as it stands in the log, or empty
  std::deque<PastRoster> past_rosters;  ///< as long as the group opens messages of their epochs

  Result<void> take_up_epoch(Time retire_previous_at);
  Result<CommitToLog> commit(std::vector<mls::Proposal> proposals, UnixSeconds wall_time, crypto::Random& random);
  Result<mls::KeyPackage> check_key_package(ByteView bytes, UnixSeconds wall_time) const;
  [[nodiscard]] bool still_seated(MemberId id, std::uint64_t epoch) const;
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::found(SessionConfig config, const room::Identity& identity, std::string_view display_name,
                               UnixSeconds wall_time, crypto::Random& random) {
  CONCLAVE_ASSIGN(suite, suite_of(config));
  CONCLAVE_ASSIGN(seat, make_seat(*suite, config, identity, display_name, wall_time, random));
  mls::GroupConfig group_config;
  group_config.suite = suite->id;
  group_config.group_id = to_bytes(config.room_id);
  group_config.signer = std::move(seat.signer);
  group_config.profile = std::move(seat.profile);
  CONCLAVE_ASSIGN(group, mls::Group::create(std::move(group_config), random));
  CONCLAVE_ASSIGN(members, read_roster(group.members(), config.room_id));
  auto state = std::make_unique<State>(State{config, std::move(group), identity.hash(), std::move(members), {}, {}, {}, {}});
  CONCLAVE_TRY(state->take_up_epoch(never));
  return Session(std::move(state));
}

Result<void> Session::State::take_up_epoch(Time retire_previous_at) {
  const sframe::SuiteParameters& parameters = sframe::parameters_of(frame_suite);
  const SecretBuffer exported = group.exporter("SFrame 1.0 Base Key", {}, parameters.key_size);
  const auto secret = sframe::EpochSecret::copy_of(exported.expose());
  CONCLAVE_ASSIGN(epoch, sframe::EpochKeys::create(frame_suite, group.epoch(), secret, kid_layout));
  CONCLAVE_TRY(opener.enter(std::move(epoch.keys), members, group.own_leaf().value, retire_previous_at));
  sealing = std::move(epoch.sealing);
  return {};
}

std::uint64_t Session::epoch() const { return state_->group.epoch(); }
Bytes Session::epoch_authenticator() const { return to_bytes(state_->group.epoch_authenticator()); }
MemberId Session::self() const { return state_->group.own_leaf().value; }
const std::vector<Member>& Session::members() const { return state_->members; }
std::optional<MemberId> Session::founder() const { return find_founder(state_->members, state_->founder); }
bool Session::is_founder() const { return founder() == self(); }
bool Session::commit_pending() const { return !state_->pending_message.empty(); }
FrameOpener& Session::opener() { return state_->opener; }
void Session::expire(Time now) { state_->opener.expire(now); }
Time Session::next_deadline() const { return state_->opener.next_deadline(); }

Result<room::SafetyCode> Session::safety_code() const {
  std::vector<Bytes> keys;
  for (const Member& member : state_->members) keys.push_back(member.identity_key);
  return room::safety_code(keys);
}

Result<mls::KeyPackage> Session::State::check_key_package(ByteView bytes, UnixSeconds wall_time) const {
  CONCLAVE_ASSIGN(key_package, wire::decode<mls::KeyPackage>(bytes));
  if (key_package.cipher_suite != group.suite().id) return Error{ErrorCode::unsupported, "a key package of another cipher suite"};
  CONCLAVE_TRY(key_package.validate(wall_time));
  CONCLAVE_TRY(read_member(key_package.leaf_node, 0, config.room_id));
  return key_package;
}

Result<Member> Session::inspect(ByteView key_package, UnixSeconds wall_time) const {
  CONCLAVE_ASSIGN(checked, state_->check_key_package(key_package, wall_time));
  CONCLAVE_ASSIGN(member, read_member(checked.leaf_node, 0, state_->config.room_id));
  for (const Member& seated : state_->members) {
    if (seated.identity_key == member.identity_key) return Error{ErrorCode::forbidden_by_policy, "this identity has a seat"};
  }
  return member;
}

Result<CommitToLog> Session::admit(ByteView key_package, UnixSeconds wall_time, crypto::Random& random) {
  if (!is_founder()) return Error{ErrorCode::not_permitted, "only the founder admits"};
  CONCLAVE_ASSIGN(checked, state_->check_key_package(key_package, wall_time));
  std::vector<mls::Proposal> proposals;
  proposals.emplace_back(mls::Add{std::make_shared<const mls::KeyPackage>(std::move(checked))});
  return state_->commit(std::move(proposals), wall_time, random);
}

Result<CommitToLog> Session::remove(MemberId member, UnixSeconds wall_time, crypto::Random& random) {
  if (!is_founder()) return Error{ErrorCode::not_permitted, "only the founder removes"};
  std::vector<mls::Proposal> proposals;
  proposals.emplace_back(mls::Remove{mls::LeafIndex{member}});
  return state_->commit(std::move(proposals), wall_time, random);
}

Result<CommitToLog> Session::rotate(UnixSeconds wall_time, crypto::Random& random) { return state_->commit({}, wall_time, random); }

/// True when the leaf belongs to the one who had it in `epoch`: a leaf is given again.
bool Session::State::still_seated(MemberId id, std::uint64_t epoch) const {
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

Result<CommitToLog> Session::State::commit(std::vector<mls::Proposal> proposals, UnixSeconds wall_time, crypto::Random& random) {
  if (!pending_message.empty()) return Error{ErrorCode::invalid_state, "a commit of ours is pending"};
  mls::CommitOptions options;
  options.with_proposals = false;  // nothing that others proposed
  CONCLAVE_ASSIGN(pending, group.commit(std::move(proposals), std::move(options), wall_time, random));
  const Result<void> allowed = check_commit(group.pending()->summary(), members, founder, config.room_id);
  if (!allowed.ok()) {
    group.discard_pending();
    return allowed.error();
  }
  pending_message = pending.commit;
  return CommitToLog{group.epoch(), std::move(pending.commit), std::move(pending.welcome)};
}

CommitOutcome Session::handle_commit(ByteView message, UnixSeconds wall_time, Time now) {
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
    const Result<void> allowed = check_commit(staged->summary(), state.members, state.founder, state.config.room_id);
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

CommitOutcome Session::adopt(CommitOutcome outcome, const std::vector<MemberId>& removed, Time now) {
  State& state = *state_;
  std::vector<Member> before = std::move(state.members);
  state.past_rosters.push_front({state.group.epoch() - 1, before});
  if (state.past_rosters.size() > max_past_rosters) state.past_rosters.pop_back();
  for (const MemberId member : removed) {
    state.opener.expel(member);
    const auto left = std::find_if(before.begin(), before.end(), [&](const Member& m) { return m.id == member; });
    if (left != before.end()) outcome.left.push_back(*left);
  }
  if (outcome.self_removed) {
    state.members = std::move(before);
    state.sealing.reset();
    for (const Member& member : state.members) state.opener.expel(member.id);
    return outcome;
  }
  Result<std::vector<Member>> members = read_roster(state.group.members(), state.config.room_id);
  state.members = members.ok() ? std::move(*members) : std::vector<Member>();  // `check_commit` has looked at every leaf before
  for (const Member& member : state.members) {
    const bool known = std::any_of(before.begin(), before.end(), [&](const Member& m) { return m.identity_key == member.identity_key; });
    if (!known) outcome.joined.push_back(member);
  }
  const Result<void> keyed = state.take_up_epoch(now + state.config.epoch_overlap);
  if (!keyed.ok()) outcome.refused_because = keyed.error();
  return outcome;
}

Result<Bytes> Session::seal_message(ByteView content, crypto::Random& random) { return state_->group.protect(content, {}, random); }

Result<OpenedMessage> Session::open_message(ByteView message) {
  CONCLAVE_ASSIGN(opened, state_->group.unprotect(message));
  if (!state_->still_seated(opened.sender.value, opened.epoch)) {
    return Error{ErrorCode::wrong_epoch, "a message of somebody who has left since", opened.sender.value};
  }
  return OpenedMessage{opened.sender.value, std::move(opened.plaintext)};
}

Result<FrameSealer> Session::make_sealer(std::uint64_t context) {
  if (!state_->sealing) return Error{ErrorCode::invalid_state, "we are no longer in the room"};
  CONCLAVE_ASSIGN(sealer, state_->sealing->make_sealer(self(), context));
  return FrameSealer(std::move(sealer));
}

struct Joining::State {
  SessionConfig config;
  mls::KeyPackageBundle bundle;
  Bytes key_package;
};

Joining::Joining(std::unique_ptr<State> state) : state_(std::move(state)) {}
Joining::Joining(Joining&&) noexcept = default;
Joining& Joining::operator=(Joining&&) noexcept = default;
Joining::~Joining() = default;

Result<Joining> Joining::begin(SessionConfig config, const room::Identity& identity, std::string_view display_name,
                               UnixSeconds wall_time, crypto::Random& random) {
  CONCLAVE_ASSIGN(suite, suite_of(config));
  CONCLAVE_ASSIGN(seat, make_seat(*suite, config, identity, display_name, wall_time, random));
  CONCLAVE_ASSIGN(bundle, mls::KeyPackageBundle::generate(*suite, seat.signer, std::move(seat.profile), {}, random));
  Bytes key_package = wire::encode(bundle.key_package);
  return Joining(std::make_unique<State>(State{config, std::move(bundle), std::move(key_package)}));
}

ByteView Joining::key_package() const { return state_->key_package; }

Result<Session> Joining::complete(ByteView welcome, const room::IdentityHash& founder_hash, crypto::Random& random) const {
  const mls::JoinRequest request{.welcome = welcome, .bundle = state_->bundle, .ratchet_tree = {}, .psks = nullptr, .predecessor = nullptr, .options = {}};
  CONCLAVE_ASSIGN(group, mls::Group::join(request, random));
  if (!equal(group.group_id(), state_->config.room_id)) return Error{ErrorCode::wrong_group, "a Welcome into another room"};
  CONCLAVE_ASSIGN(members, read_roster(group.members(), state_->config.room_id));
  const std::optional<MemberId> founder = find_founder(members, founder_hash);
  if (!founder || group.inviter() != mls::LeafIndex{*founder}) {
    return Error{ErrorCode::identity_mismatch, "the Welcome is not by the founder whom the link pins"};
  }
  auto state = std::make_unique<Session::State>(
      Session::State{state_->config, std::move(group), founder_hash, std::move(members), {}, {}, {}, {}});
  CONCLAVE_TRY(state->take_up_epoch(never));
  return Session(std::move(state));
}

}  // namespace conclave::session
