#include "room/warrant.h"

#include "room/policy_fixture.h"

using namespace conclave;
using namespace conclave::test;
using namespace conclave::room;

namespace {

constexpr UnixSeconds now{1'700'000'000};
constexpr UnixSeconds later{now.value + 600};
const RoomId room_id{4, 2};

Identity someone(std::uint8_t name) { return *Identity::from_seed(Bytes(32, name)); }

/// A founder, a successor whom it named, and a moderator.
struct Chain {
  Identity founder = someone(1), heir = someone(2), moderator = someone(3), stranger = someone(9);
  RoomPolicy policy = RoomPolicy::founding(RoomMode::moderated, founder.hash());

  Chain() {
    policy.heirs = {heir.hash()};
    policy.put(Grant{moderator.hash(), Role::moderator, 0, 0});
    policy.put(*Warrant::sign(founder, room_id, heir.hash(), later));
    policy.put(*Warrant::sign(heir, room_id, moderator.hash(), later));
  }
  [[nodiscard]] ErrorCode fault(const Identity& who, UnixSeconds at = now, const RoomId& where = room_id) const {
    const auto vouched = vouched_until(policy, where, founder.hash(), who.hash(), at);
    REQUIRE_FALSE(vouched.ok());
    return vouched.error().code;
  }
  [[nodiscard]] UnixSeconds until(const Identity& who) const { return *vouched_until(policy, room_id, founder.hash(), who.hash(), now); }
};

}  // namespace

TEST_CASE("a chain of warrants leads from the founder to who admits, for as long as its shortest link", "[room]") {
  Chain chain;
  CHECK(chain.policy.check().ok());
  CHECK(chain.until(chain.founder) == never_expires);
  CHECK(chain.until(chain.moderator) == later);
  chain.policy.put(*Warrant::sign(chain.founder, room_id, chain.heir.hash(), {now.value + 5}));
  CHECK(chain.until(chain.moderator) == UnixSeconds{now.value + 5});
  CHECK(chain.fault(chain.stranger) == ErrorCode::identity_mismatch);
}

TEST_CASE("a warrant that is forged, expired or another room's is worth nothing", "[room][attack]") {
  Chain chain;
  CHECK(chain.fault(chain.moderator, later) == ErrorCode::expired);
  CHECK(chain.fault(chain.moderator, now, RoomId{4, 3}) == ErrorCode::not_authentic);
  Warrant forged = *Warrant::sign(chain.stranger, room_id, chain.stranger.hash(), later);
  forged.issuer_key = to_bytes(chain.founder.public_key());
  chain.policy.put(forged);
  CHECK(chain.fault(chain.stranger) == ErrorCode::not_authentic);
  const Warrant good = *Warrant::sign(chain.founder, room_id, chain.heir.hash(), later);
  for (std::size_t at = 0; at < good.signature.size(); ++at) {
    Warrant changed = good;
    changed.signature[at] ^= 1;
    CHECK_FALSE(changed.verify(room_id));
  }
  Warrant prolonged = good;
  prolonged.expires += 1;
  CHECK_FALSE(prolonged.verify(room_id));
  Warrant handed_on = good;
  handed_on.holder = chain.stranger.hash();
  CHECK_FALSE(handed_on.verify(room_id));
}

TEST_CASE("a revoked warrant is worth nothing: who was removed for good breaks the chain of all behind it", "[room][attack]") {
  Chain chain;
  chain.policy.heirs.clear();
  chain.policy.ban_identity(chain.heir.hash());
  CHECK(chain.policy.warrant_of(chain.heir.hash()) == nullptr);
  CHECK(chain.fault(chain.moderator) == ErrorCode::forbidden_by_policy);
  chain.policy.warrants.insert(chain.policy.warrants.begin(), *Warrant::sign(chain.founder, room_id, chain.heir.hash(), later));
  CHECK_FALSE(chain.policy.check().ok());
}

TEST_CASE("a circle of warrants and a chain that is too long lead nowhere, with bounded work", "[room][attack]") {
  Chain chain;
  chain.policy.put(*Warrant::sign(chain.moderator, room_id, chain.heir.hash(), later));
  CHECK(chain.fault(chain.moderator) == ErrorCode::identity_mismatch);
  chain.policy.warrants.clear();
  for (std::uint8_t i = 1; i <= max_warrant_chain + 1; ++i) chain.policy.put(*Warrant::sign(someone(i), room_id, someone(i + 1).hash(), later));
  CHECK(chain.until(someone(max_warrant_chain + 1)) == later);
  CHECK(chain.fault(someone(max_warrant_chain + 2)) == ErrorCode::identity_mismatch);
}

TEST_CASE("who may admit is vouched for by whoever is vouched for itself, before half of the time is over, and nobody else", "[room]") {
  Chain chain;
  chain.policy.warrants.clear();
  RoomPolicy policy = chain.policy;
  REQUIRE(renew_warrants(policy, chain.moderator, room_id, chain.founder.hash(), now).ok());
  CHECK(policy == chain.policy);  // no chain leads to it
  REQUIRE(renew_warrants(policy, chain.founder, room_id, chain.founder.hash(), now).ok());
  REQUIRE(policy.check().ok());
  REQUIRE(policy.warrants.size() == 2);
  CHECK(policy.warrant_of(chain.heir.hash())->expires == now.value + 24 * 3600);
  CHECK(policy.warrant_of(chain.moderator.hash())->expires == now.value + 3600);
  const RoomPolicy fresh = policy;
  REQUIRE(renew_warrants(policy, chain.founder, room_id, chain.founder.hash(), {now.value + 1700}).ok());
  CHECK(policy == fresh);
  REQUIRE(renew_warrants(policy, chain.founder, room_id, chain.founder.hash(), {now.value + 1900}).ok());
  CHECK(policy.warrant_of(chain.moderator.hash())->expires == now.value + 1900 + 3600);
  policy.erase_grant(chain.moderator.hash());
  REQUIRE(renew_warrants(policy, chain.founder, room_id, chain.founder.hash(), now).ok());
  CHECK(policy.warrant_of(chain.moderator.hash()) == nullptr);
}

TEST_CASE("who stands at the end of the longest chain vouches for nobody, instead of again and again in vain", "[room][attack]") {
  Chain chain;
  chain.policy.warrants.clear();
  for (std::uint8_t i = 1; i <= max_warrant_chain; ++i) chain.policy.put(*Warrant::sign(someone(i), room_id, someone(i + 1).hash(), later));
  const Identity last = someone(max_warrant_chain + 1), before_last = someone(max_warrant_chain);
  for (std::uint8_t i = 2; i <= max_warrant_chain + 1; ++i) chain.policy.put(Grant{someone(i).hash(), Role::moderator, 0, 0});
  chain.policy.put(Grant{someone(30).hash(), Role::moderator, 0, 0});
  const auto renewed_by = [&](const Identity& who) {
    RoomPolicy policy = chain.policy;
    REQUIRE(renew_warrants(policy, who, room_id, chain.founder.hash(), now).ok());
    return policy.warrant_of(someone(30).hash()) != nullptr;
  };
  CHECK_FALSE(renewed_by(last));
  CHECK(renewed_by(before_last));
}

TEST_CASE("a moderator who fills the list of warrants keeps none from heirs and moderators", "[room][attack]") {
  Chain chain;
  chain.policy.warrants.clear();
  chain.policy.put(*Warrant::sign(chain.founder, room_id, chain.moderator.hash(), later));
  for (std::size_t i = 0; chain.policy.warrants.size() < max_warrants; ++i) {
    IdentityHash nobody{};
    nobody[0] = 1;
    nobody[1] = static_cast<std::uint8_t>(i);
    chain.policy.put(Grant{nobody, Role::listener, Rights(Right::admit).bits(), 0});
    chain.policy.put(*Warrant::sign(chain.moderator, room_id, nobody, later));
  }
  REQUIRE(chain.policy.warrant_of(chain.heir.hash()) == nullptr);
  RoomPolicy by_moderator = chain.policy;
  REQUIRE(renew_warrants(by_moderator, chain.moderator, room_id, chain.founder.hash(), now).ok());
  CHECK(by_moderator.warrant_of(chain.heir.hash()) == nullptr);  // who is no owner takes nothing from others
  RoomPolicy by_owner = chain.policy;
  REQUIRE(renew_warrants(by_owner, chain.founder, room_id, chain.founder.hash(), now).ok());
  CHECK(by_owner.warrant_of(chain.heir.hash()) != nullptr);
  CHECK(by_owner.warrant_of(chain.moderator.hash()) != nullptr);
  CHECK(by_owner.warrants.size() == max_warrants);
  CHECK(by_owner.check().ok());
  const RoomPolicy settled = by_owner;
  REQUIRE(renew_warrants(by_owner, chain.founder, room_id, chain.founder.hash(), now).ok());
  CHECK(by_owner == settled);
}

TEST_CASE("a warrant that never held contradicts the policy", "[room][attack]") {
  Chain chain;
  chain.policy.put(*Warrant::sign(chain.founder, room_id, chain.heir.hash(), {0}));
  CHECK_FALSE(chain.policy.check().ok());
}

TEST_CASE("two owners who vouch for each other break no chain", "[room]") {
  Chain chain;
  chain.policy.put(Grant{chain.heir.hash(), Role::owner, 0, 0});
  for (std::uint64_t at = now.value; at < later.value; at += 100) {
    for (const Identity* owner : {&chain.heir, &chain.founder}) REQUIRE(renew_warrants(chain.policy, *owner, room_id, chain.founder.hash(), {at}).ok());
    CHECK(vouched_until(chain.policy, room_id, chain.founder.hash(), chain.heir.hash(), {at}).ok());
    CHECK(vouched_until(chain.policy, room_id, chain.founder.hash(), chain.moderator.hash(), {at}).ok());
  }
}

TEST_CASE("warrants come in the name of the committer, for who may admit, and only an owner takes another one's", "[room][attack]") {
  PolicyRoom room;
  const Identity moderator = someone(40), owner = someone(41);
  for (room::Seat& seat : room.roster) {
    if (seat.id == PolicyRoom::owner) seat.identity = owner.hash();
    if (seat.id == PolicyRoom::moderator) seat.identity = moderator.hash();
  }
  room.policy.put(Grant{owner.hash(), Role::owner, 0, 0});
  room.policy.put(Grant{moderator.hash(), Role::moderator, 0, 0});
  const auto by_owner = *Warrant::sign(owner, room_id, person(PolicyRoom::colleague), later);
  const auto by_moderator = *Warrant::sign(moderator, room_id, person(PolicyRoom::colleague), later);
  const auto bringing = [&](std::uint32_t who, const Warrant& warrant) { return room.changing(who, [&](RoomPolicy& p) { p.put(warrant); }); };
  CHECK(room.allows(bringing(PolicyRoom::owner, by_owner)));
  CHECK(room.allows(bringing(PolicyRoom::moderator, by_moderator)));
  CHECK(room.refuses(bringing(PolicyRoom::moderator, by_owner)));
  CHECK(room.refuses(bringing(PolicyRoom::listener, by_moderator)));
  CHECK(room.refuses(bringing(PolicyRoom::moderator, *Warrant::sign(moderator, room_id, person(PolicyRoom::listener), later))));
  room.policy.put(by_owner);
  CHECK(room.refuses(bringing(PolicyRoom::moderator, by_moderator)));
  const auto taking = [&](std::uint32_t who) { return room.changing(who, [](RoomPolicy& p) { p.warrants.clear(); }); };
  CHECK(room.refuses(taking(PolicyRoom::moderator)));
  CHECK(room.allows(taking(PolicyRoom::owner)));
}
