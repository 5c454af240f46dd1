#include "room/policy.h"

#include <catch2/catch.hpp>

#include "crypto/random.h"
#include "policy_fixture.h"

using namespace conclave;
using namespace conclave::room;
using test::person;

namespace {

RoomPolicy full_policy() {
  RoomPolicy policy = test::PolicyRoom().policy;
  policy.ban_identity(person(20));
  policy.ban_invitation(person(21));
  policy.bind({person(22), person(5)});
  policy.heirs = {person(2), person(4)};
  policy.quorum = 2;
  return policy;
}

template <class Change>
bool contradicts(Change change) {
  RoomPolicy policy = full_policy();
  REQUIRE(policy.check().ok());
  change(policy);
  const auto parsed = RoomPolicy::parse(wire::encode(policy));
  return !parsed.ok() && (parsed.error().code == ErrorCode::invalid_message || parsed.error().code == ErrorCode::malformed);
}

}  // namespace

TEST_CASE("a policy is read as it was written", "[room]") {
  const RoomPolicy policy = full_policy();
  const auto read = RoomPolicy::parse(wire::encode(policy));
  REQUIRE(read.ok());
  CHECK(*read == policy);
}

TEST_CASE("roles have the rights of those before them, and a stage's audience none", "[room]") {
  for (const RoomMode mode : {RoomMode::open, RoomMode::moderated, RoomMode::stage}) {
    CHECK(rights_of_role(Role::owner, mode).covers(rights_of_role(Role::moderator, mode)));
    CHECK(rights_of_role(Role::moderator, mode).covers(rights_of_role(Role::speaker, mode)));
    CHECK(rights_of_role(Role::speaker, mode).covers(rights_of_role(Role::listener, mode)));
    CHECK(!rights_of_role(Role::moderator, mode).has(Right::end));
  }
  CHECK(rights_of_role(Role::listener, RoomMode::stage) == Rights());
  CHECK(rights_of_role(Role::listener, RoomMode::moderated) == Rights(Right::chat));
}

TEST_CASE("a grant adds to a role and takes from it", "[room]") {
  RoomPolicy policy = test::PolicyRoom().policy;
  policy.put({person(5), Role::listener, Rights(Right::publish_audio).bits(), 0});
  policy.put({person(4), Role::speaker, 0, Rights(Right::publish_video).bits()});
  REQUIRE(policy.check().ok());
  CHECK(policy.rights_of(person(5)) == Rights(Right::publish_audio));
  CHECK(!policy.rights_of(person(4)).has(Right::publish_video));
  CHECK(policy.rights_of(person(4)).has(Right::publish_audio));
  CHECK(policy.rights_of(person(77)) == Rights());
}

TEST_CASE("a policy that contradicts itself is refused", "[room][attack]") {
  CHECK(contradicts([](RoomPolicy& p) { p.default_role = Role::moderator; }));
  CHECK(contradicts([](RoomPolicy& p) { p.default_role = Role::speaker; }));
  CHECK(contradicts([](RoomPolicy& p) { p.signing = FrameSigning::none; }));
  CHECK(contradicts([](RoomPolicy& p) { p.mode = static_cast<RoomMode>(9); }));
  CHECK(contradicts([](RoomPolicy& p) { p.default_role = static_cast<Role>(0); }));
  CHECK(contradicts([](RoomPolicy& p) { p.entry = static_cast<Entry>(3); }));
  CHECK(contradicts([](RoomPolicy& p) { p.signing = static_cast<FrameSigning>(3); }));
  CHECK(contradicts([](RoomPolicy& p) { p.locked = 2; }));
  CHECK(contradicts([](RoomPolicy& p) { p.max_members = 0; }));
  CHECK(contradicts([](RoomPolicy& p) { p.max_publishers = 3; }));
  CHECK(contradicts([](RoomPolicy& p) { p.erase_grant(person(1)); }));
  CHECK(contradicts([](RoomPolicy& p) { p.ban_identity(person(4)); }));
  CHECK(contradicts([](RoomPolicy& p) { p.heirs.push_back(p.heirs.front()); }));
  CHECK(contradicts([](RoomPolicy& p) { p.heirs.push_back(person(20)); }));
  CHECK(contradicts([](RoomPolicy& p) { p.quorum = 3; }));
  CHECK(contradicts([](RoomPolicy& p) { std::swap(p.grants[0], p.grants[1]); }));
  CHECK(contradicts([](RoomPolicy& p) { p.grants.push_back(p.grants.back()); }));
}

TEST_CASE("a grant that gives what is there, takes what is not, or means nothing is refused", "[room][attack]") {
  const auto grant = [](Role role, Rights given, Rights taken) {
    return contradicts([&](RoomPolicy& p) {
      p.erase_grant(person(4));
      p.grants.push_back({person(4), role, given.bits(), taken.bits()});
    });
  };
  CHECK(grant(Role::listener, {}, {}));
  CHECK(grant(Role::speaker, Right::chat, {}));
  CHECK(grant(Role::listener, {}, Right::chat));
  CHECK(grant(Role::listener, Right::publish_audio, Right::publish_audio));
  CHECK(grant(Role::listener, Rights(0x8000), {}));
  CHECK(grant(Role::speaker, Right::grant, {}));
  CHECK(grant(Role::speaker, Right::end, {}));
  CHECK(grant(Role::owner, {}, Right::chat));
}

TEST_CASE("no truncation of a policy is read, nor one with a byte too many or of another version", "[room][fuzz]") {
  Bytes bytes = wire::encode(full_policy());
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK(!RoomPolicy::parse(ByteView(bytes).first(size)).ok());
  bytes.push_back(0);
  CHECK(!RoomPolicy::parse(bytes).ok());
  bytes.pop_back();
  bytes[0] = 2;
  CHECK(RoomPolicy::parse(bytes).error().code == ErrorCode::unsupported);
}

TEST_CASE("what is read of a damaged policy is a sound one, in the one spelling that it has", "[room][fuzz]") {
  crypto::SeededRandom random(8);
  const Bytes bytes = wire::encode(full_policy());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes damaged = bytes;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << (bit % 8)));
    const auto read = RoomPolicy::parse(damaged);
    if (!read.ok()) continue;
    CHECK(read->check().ok());
    CHECK(wire::encode(*read) == damaged);
  }
}
