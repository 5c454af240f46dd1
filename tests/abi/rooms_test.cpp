// Roles, rights, the floor and the door of a room, through the session level of the C interface.
#include <catch2/catch.hpp>

#include <cstring>

#include "conclave/transcript.h"
#include "hall.h"

using namespace conclave_abi;

static_assert(sizeof(conclave_command) == 32 && sizeof(conclave_room) == 32);

namespace {

std::string_view as_text(const Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

Bytes invitation_for(Hall& hall, const char* name, std::uint64_t expires) {
  Bytes invitation(4096);
  std::size_t size = invitation.size();
  REQUIRE(conclave_session_invite(hall[0].handle(), hall[0].identity->handle(), name, nullptr, expires, invitation.data(), &size) == CONCLAVE_OK);
  invitation.resize(size);
  return invitation;
}

constexpr std::uint64_t far_future = 1'810'000'000;  // of the hall's clock: four months

}  // namespace

TEST_CASE("what is said in a room comes to all, whole, and from whom it is", "[abi]") {
  Hall hall;
  REQUIRE(hall.enter("Bob") == CONCLAVE_OK);
  const std::string words(4000, 'w');
  CHECK(hall.ask(1, command(CONCLAVE_COMMAND_CHAT, 0, 0, words)) == CONCLAVE_OK);
  CHECK(hall.ask(1, command(CONCLAVE_COMMAND_REACTION, 0, 4)) == CONCLAVE_OK);
  CHECK(hall.ask(1, command(CONCLAVE_COMMAND_HAND, 0, 1)) == CONCLAVE_OK);
  const auto chat = hall[0].all(CONCLAVE_OUTPUT_CHAT), reactions = hall[0].all(CONCLAVE_OUTPUT_REACTION), hands = hall[0].all(CONCLAVE_OUTPUT_HAND);
  REQUIRE((chat.size() == 1 && reactions.size() == 1 && hands.size() == 1));
  CHECK((chat[0].text() == words && chat[0].about.member == hall.id(1)));
  CHECK((reactions[0].about.flag == 4 && reactions[0].about.member == hall.id(1)));
  CHECK((hands[0].about.flag == 1 && hands[0].about.member == hall.id(1)));
  CHECK(hall.member(1, 0).hand_raised == 1);
  CHECK(hall.member(0, 1).hand_raised == 0);
  CHECK(hall.ask(1, command(CONCLAVE_COMMAND_HAND, 0, 0)) == CONCLAVE_OK);
  CHECK(hall.member(1, 0).hand_raised == 0);
}

TEST_CASE("roles and rights are given and taken by who may, and every roster shows them", "[abi]") {
  Hall hall(CONCLAVE_ROOM_STAGE);
  REQUIRE(hall.enter("Bob") == CONCLAVE_OK);
  REQUIRE(hall.enter("Eve") == CONCLAVE_OK);
  CHECK((hall.member(1, 2).role == CONCLAVE_LISTENER && (hall.member(1, 2).rights & CONCLAVE_RIGHT_SOUND) == 0));
  CHECK(hall.ask(2, command(CONCLAVE_COMMAND_ROLE, hall.id(2), CONCLAVE_MODERATOR)) == CONCLAVE_NOT_PERMITTED);
  CHECK(hall.ask(2, command(CONCLAVE_COMMAND_CHAT, 0, 0, "let me in")) == CONCLAVE_NOT_PERMITTED);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_GIVE, hall.id(1), CONCLAVE_RIGHT_SOUND | CONCLAVE_RIGHT_PICTURE)) == CONCLAVE_OK);
  CHECK((hall.member(1, 2).rights & 3) == 3);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_TAKE, hall.id(1), CONCLAVE_RIGHT_SOUND)) == CONCLAVE_OK);
  CHECK((hall.member(1, 2).rights & 3) == CONCLAVE_RIGHT_PICTURE);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_ROLE, hall.id(1), CONCLAVE_MODERATOR)) == CONCLAVE_OK);
  CHECK((hall.member(1, 2).role == CONCLAVE_MODERATOR && (hall.member(1, 2).rights & CONCLAVE_RIGHT_REMOVE) != 0));
  CHECK(!hall[2].all(CONCLAVE_OUTPUT_ROOM_CHANGED).empty());
}

TEST_CASE("a right that is taken before it was given ends up taken", "[abi]") {
  Hall hall(CONCLAVE_ROOM_STAGE);
  REQUIRE(hall.enter("Bob") == CONCLAVE_OK);
  const auto give = command(CONCLAVE_COMMAND_GIVE, hall.id(1), CONCLAVE_RIGHT_SOUND), taking = command(CONCLAVE_COMMAND_TAKE, hall.id(1), CONCLAVE_RIGHT_SOUND);
  CHECK(hall.begin(0, give) == CONCLAVE_OK);
  CHECK(hall.ask(0, taking) == CONCLAVE_OK);
  CHECK((hall.member(1, 0).rights & CONCLAVE_RIGHT_SOUND) == 0);
}

TEST_CASE("a room is locked, changed, handed over and ended for all", "[abi]") {
  Hall hall;
  REQUIRE(hall.enter("Bob") == CONCLAVE_OK);
  CHECK((hall.room(1).mode == CONCLAVE_ROOM_OPEN && hall.room(1).locked == 0 && hall.room(1).max_members > 1));
  CHECK(hall.ask(1, command(CONCLAVE_COMMAND_LOCK, 0, 1)) == CONCLAVE_NOT_PERMITTED);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_LOCK, 0, 1)) == CONCLAVE_OK);
  CHECK(hall.room(1).locked == 1);
  CHECK(hall.enter("Late") != CONCLAVE_OK);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_LOCK, 0, 0)) == CONCLAVE_OK);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_MODE, 0, CONCLAVE_ROOM_MODERATED)) == CONCLAVE_OK);
  CHECK((hall.room(1).mode == CONCLAVE_ROOM_MODERATED && hall.room(1).locked == 0));
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_ROLE, hall.id(1), CONCLAVE_OWNER)) == CONCLAVE_OK);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_ROLE, hall.id(0), CONCLAVE_SPEAKER)) == CONCLAVE_OK);
  CHECK((hall.member(1, 0).role == CONCLAVE_OWNER && hall.member(0, 1).role == CONCLAVE_SPEAKER));
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_END)) == CONCLAVE_NOT_PERMITTED);
  CHECK(hall.ask(1, command(CONCLAVE_COMMAND_END)) == CONCLAVE_OK);
  CHECK(hall.room(0).ended == 1);
}

TEST_CASE("who is removed may come back, who is banned may not", "[abi]") {
  Hall hall;
  REQUIRE(hall.enter("Bob") == CONCLAVE_OK);
  REQUIRE(hall.enter("Eve") == CONCLAVE_OK);
  CHECK(hall.ask(1, command(CONCLAVE_COMMAND_REMOVE, hall.id(2))) == CONCLAVE_NOT_PERMITTED);
  CHECK(hall.ask(1, command(CONCLAVE_COMMAND_BAN, hall.id(2))) == CONCLAVE_NOT_PERMITTED);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_REMOVE, hall.id(2))) == CONCLAVE_OK);
  CHECK(hall[2].all(CONCLAVE_OUTPUT_ENDED).size() == 1);
  CHECK(hall.room(0).banned == 0);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_BAN, hall.id(1))) == CONCLAVE_OK);
  CHECK(hall.room(0).banned == 1);
  CHECK(hall[0].all(CONCLAVE_OUTPUT_MEMBER_GONE).size() == 2);
}

TEST_CASE("with invitations alone only who holds one comes in, until it is taken back", "[abi]") {
  Hall hall;
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_ENTRY, 0, 2)) == CONCLAVE_OK);
  CHECK(hall.room(0).entry == 2);
  CHECK(hall.enter("Stranger") != CONCLAVE_OK);
  REQUIRE(hall.enter("Bob", invitation_for(hall, "Roberta", far_future)) == CONCLAVE_OK);
  CHECK(std::string(hall.member(1, 0).invited_as) == "Roberta");
  CHECK(std::string(hall.member(0, 1).invited_as).empty());
  const Bytes second = invitation_for(hall, "Cleo", far_future);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_REVOKE, 0, 0, as_text(second))) == CONCLAVE_OK);
  CHECK(hall.enter("Cleo", second) != CONCLAVE_OK);
  Bytes buffer(10);
  std::size_t size = 10;
  const auto invite = [&](std::size_t party, std::size_t issuer) {
    return conclave_session_invite(hall[party].handle(), hall[issuer].identity->handle(), "Dora", nullptr, far_future, buffer.data(), &size);
  };
  CHECK(invite(0, 0) == CONCLAVE_BUFFER_TOO_SMALL);
  CHECK(size > 32);
  CHECK(invite(0, 1) == CONCLAVE_INVALID_ARGUMENT);  // somebody else's identity
  CHECK(conclave_session_invite(hall[0].handle(), hall[0].identity->handle(), nullptr, nullptr, 0, buffer.data(), &size) == CONCLAVE_INVALID_ARGUMENT);
}

TEST_CASE("heirs are named by an owner, and speak for heirs alone, of whom one is not enough", "[abi]") {
  Hall hall(CONCLAVE_ROOM_MODERATED);
  REQUIRE(hall.enter("Bob") == CONCLAVE_OK);
  REQUIRE(hall.enter("Cleo") == CONCLAVE_OK);
  Bytes hashes = hall.hash_of(1);
  const Bytes other = hall.hash_of(2);
  hashes.insert(hashes.end(), other.begin(), other.end());
  CHECK(hall.ask(1, command(CONCLAVE_COMMAND_HEIRS, 0, 2, as_text(hashes))) == CONCLAVE_NOT_PERMITTED);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_HEIRS, 0, 2, as_text(hashes).substr(1))) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(hall.ask(1, command(CONCLAVE_COMMAND_INHERIT)) == CONCLAVE_NOT_PERMITTED);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_HEIRS, 0, 2, as_text(hashes))) == CONCLAVE_OK);
  CHECK(hall.ask(1, command(CONCLAVE_COMMAND_INHERIT)) == CONCLAVE_OK);  // a voice for itself, which is not enough
  const auto heard = hall[2].all(CONCLAVE_OUTPUT_HEIR);
  REQUIRE(heard.size() == 1);
  CHECK((heard[0].about.member == hall.id(1) && heard[0].about.id == hall.id(1)));
  CHECK(hall.ask(2, command(CONCLAVE_COMMAND_ENDORSE, hall.id(0))) == CONCLAVE_NOT_PERMITTED);  // no heir
  CHECK(hall.member(1, 2).role == CONCLAVE_LISTENER);
}

TEST_CASE("heirs who agree take a room over whose owner has vanished", "[abi]") {
  Hall hall(CONCLAVE_ROOM_MODERATED);
  for (const char* name : {"Bob", "Cleo", "Dora"}) REQUIRE(hall.enter(name) == CONCLAVE_OK);
  Bytes hashes = hall.hash_of(1);
  const Bytes other = hall.hash_of(2);
  hashes.insert(hashes.end(), other.begin(), other.end());
  REQUIRE(hall.ask(0, command(CONCLAVE_COMMAND_HEIRS, 0, 2, as_text(hashes))) == CONCLAVE_OK);
  hall[0].gone = true;
  hall.pass(20);
  CHECK(!hall[1].all(CONCLAVE_OUTPUT_SUSPENDED).empty());
  CHECK(hall.ask(1, command(CONCLAVE_COMMAND_INHERIT)) == CONCLAVE_OK);
  CHECK(hall.member(1, 3).role == CONCLAVE_LISTENER);
  CHECK(hall.ask(2, command(CONCLAVE_COMMAND_ENDORSE, hall.id(1))) == CONCLAVE_OK);
  CHECK(hall.member(1, 3).role == CONCLAVE_OWNER);
}

TEST_CASE("commands that there are not, or whose values are none, are refused before anything happens", "[abi]") {
  Hall hall;
  for (const std::uint32_t kind : {0U, 20U, 99U, 0xFFFF'FFFFU}) CHECK(hall.ask(0, command(kind)) == CONCLAVE_INVALID_ARGUMENT);
  using Wrong = std::pair<std::uint32_t, std::uint32_t>;
  for (const auto& [kind, value] : {Wrong{CONCLAVE_COMMAND_REACTION, 0}, Wrong{CONCLAVE_COMMAND_REACTION, 7}, Wrong{CONCLAVE_COMMAND_HAND, 2},
                                    Wrong{CONCLAVE_COMMAND_ROLE, 0}, Wrong{CONCLAVE_COMMAND_ROLE, 5}, Wrong{CONCLAVE_COMMAND_GIVE, 0},
                                    Wrong{CONCLAVE_COMMAND_GIVE, 512}, Wrong{CONCLAVE_COMMAND_TAKE, 0xFFFF'FFFF}, Wrong{CONCLAVE_COMMAND_LOCK, 2},
                                    Wrong{CONCLAVE_COMMAND_MODE, 0}, Wrong{CONCLAVE_COMMAND_MODE, 4}, Wrong{CONCLAVE_COMMAND_ENTRY, 3},
                                    Wrong{CONCLAVE_COMMAND_SIGNING, 3}, Wrong{CONCLAVE_COMMAND_HEIRS, 256}}) {
    INFO("command " << kind << " with " << value);
    CHECK(hall.ask(0, command(kind, 0, value)) == CONCLAVE_INVALID_ARGUMENT);
  }
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_ROLE, 77, CONCLAVE_SPEAKER)) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_CHAT)) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_INVITE, 0, 0, "Bob")) == CONCLAVE_UNSUPPORTED);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_REMEMBER, 0)) == CONCLAVE_UNSUPPORTED);
  CHECK(hall.ask(0, command(CONCLAVE_COMMAND_REVOKE, 0, 0, "no invitation")) != CONCLAVE_OK);
  auto null = command(CONCLAVE_COMMAND_CHAT);
  null.data = nullptr;
  null.size = 5;
  CHECK(hall.ask(0, null) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(conclave_session_command(hall[0].handle(), nullptr, nullptr) == CONCLAVE_INVALID_ARGUMENT);
}

TEST_CASE("the record of a session is signed by its identity, and says who came", "[abi]") {
  Hall hall;
  REQUIRE(hall.enter("Bob") == CONCLAVE_OK);
  Bytes record(1 << 16);
  std::size_t size = record.size();
  REQUIRE(conclave_session_record(hall[0].handle(), hall[0].identity->handle(), record.data(), &size) == CONCLAVE_OK);
  const auto read = conclave::read_transcript({record.data(), size});
  REQUIRE(read.ok());
  CHECK(!read->lines.empty());
  const Bytes hash = hall.hash_of(0);
  CHECK(std::equal(hash.begin(), hash.end(), read->signer.begin()));
  record[size / 2] ^= 1;
  CHECK(!conclave::read_transcript({record.data(), size}).ok());
}
