// What members of a call ask of their room, through the conference level of the C interface.
#include <catch2/catch.hpp>

#include <thread>

#include "conclave/transcript.h"
#include "hall.h"

using namespace conclave_abi;

namespace {

/// Ada hosts on loopback, Bob has joined; nobody sends media.
struct Pair {
  std::unique_ptr<Closer> ada, bob;
  std::uint32_t ada_id = 0, bob_id = 0;

  explicit Pair(std::uint32_t mode = 0) {
    auto config = sized<conclave_call_config>();
    config.listen = "127.0.0.1";
    config.display_name = "Ada";
    config.mode = mode;
    conclave_handle call = 0;
    REQUIRE(conclave_call_host(&config, &call) == CONCLAVE_OK);
    ada = std::make_unique<Closer>(call);
    await(call, CONCLAVE_EVENT_ROOM_READY);
    config.display_name = "Bob";
    REQUIRE(conclave_call_join(&config, link_of(ada->handle()).c_str(), &call) == CONCLAVE_OK);
    bob = std::make_unique<Closer>(call);
    REQUIRE(conclave_call_admit(ada->handle(), await(ada->handle(), CONCLAVE_EVENT_KNOCK).id) == CONCLAVE_OK);
    bob_id = await(bob->handle(), CONCLAVE_EVENT_JOINED).member;
    ada_id = await(bob->handle(), CONCLAVE_EVENT_MEMBER_JOINED).member;
    await(ada->handle(), CONCLAVE_EVENT_MEMBER_JOINED);
  }
};

conclave_result ask(const Closer& call, const conclave_command& asked) { return conclave_call_command(call.handle(), &asked); }

conclave_room room_of(const Closer& call) {
  auto room = sized<conclave_room>();
  REQUIRE(conclave_call_room(call.handle(), &room) == CONCLAVE_OK);
  return room;
}

conclave_member member_of(const Closer& call, std::uint32_t wanted) {
  auto member = sized<conclave_member>();
  for (std::uint32_t index = 0; conclave_call_member(call.handle(), index, &member) == CONCLAVE_OK; ++index) {
    if (member.member == wanted) return member;
  }
  return sized<conclave_member>();
}

/// Reports are made each half second.
template <class Holds>
bool within_patience(Holds holds) {
  for (int i = 0; i < 600 && !holds(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return holds();
}

conclave_event await_end(const Closer& call) {
  auto event = sized<conclave_event>();
  while (event.kind != CONCLAVE_EVENT_ENDED) REQUIRE(conclave_call_next_event(call.handle(), patience, &event) == CONCLAVE_OK);
  return event;
}

}  // namespace

TEST_CASE("members of a call write, react and raise hands; texts come whole to programs that know them whole", "[abi]") {
  const Pair pair;
  const std::string words(4000, 'w');
  CHECK(ask(*pair.bob, command(CONCLAVE_COMMAND_CHAT, 0, 0, words)) == CONCLAVE_OK);
  const auto chat = await(pair.ada->handle(), CONCLAVE_EVENT_CHAT);
  CHECK((std::string(chat.text) == words && std::string(chat.detail) == words.substr(0, 255) && chat.member == pair.bob_id));
  CHECK(ask(*pair.bob, command(CONCLAVE_COMMAND_REACTION, 0, 6)) == CONCLAVE_OK);
  CHECK(await(pair.ada->handle(), CONCLAVE_EVENT_REACTION).flag == 6);
  CHECK(ask(*pair.bob, command(CONCLAVE_COMMAND_HAND, 0, 1)) == CONCLAVE_OK);
  CHECK(await(pair.ada->handle(), CONCLAVE_EVENT_HAND).flag == 1);
  CHECK(within_patience([&] { return member_of(*pair.ada, pair.bob_id).hand_raised == 1; }));
  auto old = sized<conclave_event>();  // a program of version 1.1
  old.struct_size = 880;
  old.text[0] = 'x';
  CHECK(ask(*pair.bob, command(CONCLAVE_COMMAND_CHAT, 0, 0, "short")) == CONCLAVE_OK);
  while (old.kind != CONCLAVE_EVENT_CHAT) REQUIRE(conclave_call_next_event(pair.ada->handle(), patience, &old) == CONCLAVE_OK);
  CHECK((std::string(old.detail) == "short" && old.text[0] == 'x'));
}

TEST_CASE("the host of a call gives and takes roles and rights, and others are told that they may not", "[abi]") {
  const Pair pair(CONCLAVE_ROOM_STAGE);
  CHECK(within_patience([&] { return room_of(*pair.bob).mode == CONCLAVE_ROOM_STAGE && member_of(*pair.bob, pair.bob_id).role == CONCLAVE_LISTENER; }));
  CHECK(ask(*pair.bob, command(CONCLAVE_COMMAND_ROLE, pair.bob_id, CONCLAVE_MODERATOR)) == CONCLAVE_OK);
  CHECK(await(pair.bob->handle(), CONCLAVE_EVENT_NOT_DONE).code == CONCLAVE_NOT_PERMITTED);
  CHECK(ask(*pair.ada, command(CONCLAVE_COMMAND_GIVE, pair.bob_id, CONCLAVE_RIGHT_SOUND)) == CONCLAVE_OK);
  await(pair.bob->handle(), CONCLAVE_EVENT_ROOM_CHANGED);
  CHECK(within_patience([&] { return (member_of(*pair.bob, pair.bob_id).rights & CONCLAVE_RIGHT_SOUND) != 0; }));
  CHECK(ask(*pair.ada, command(CONCLAVE_COMMAND_TAKE, pair.bob_id, CONCLAVE_RIGHT_SOUND)) == CONCLAVE_OK);
  CHECK(within_patience([&] { return (member_of(*pair.bob, pair.bob_id).rights & CONCLAVE_RIGHT_SOUND) == 0; }));
  CHECK(ask(*pair.ada, command(CONCLAVE_COMMAND_ROLE, pair.bob_id, CONCLAVE_MODERATOR)) == CONCLAVE_OK);
  CHECK(within_patience([&] { return member_of(*pair.bob, pair.bob_id).role == CONCLAVE_MODERATOR; }));
  CHECK(ask(*pair.ada, command(CONCLAVE_COMMAND_LOCK, 0, 1)) == CONCLAVE_OK);
  CHECK(ask(*pair.ada, command(CONCLAVE_COMMAND_MODE, 0, CONCLAVE_ROOM_MODERATED)) == CONCLAVE_OK);
  CHECK(within_patience([&] { return room_of(*pair.bob).locked == 1 && room_of(*pair.bob).mode == CONCLAVE_ROOM_MODERATED; }));
}

TEST_CASE("a call is ended for all by its host, and leaves a record that can be read", "[abi]") {
  const Pair pair;
  Bytes record(1 << 16);
  std::size_t size = record.size();
  CHECK(conclave_call_record(pair.bob->handle(), record.data(), &size) == CONCLAVE_INVALID_STATE);
  CHECK(ask(*pair.bob, command(CONCLAVE_COMMAND_END)) == CONCLAVE_OK);
  CHECK(await(pair.bob->handle(), CONCLAVE_EVENT_NOT_DONE).code == CONCLAVE_NOT_PERMITTED);
  CHECK(ask(*pair.ada, command(CONCLAVE_COMMAND_END)) == CONCLAVE_OK);
  CHECK(await_end(*pair.bob).code == CONCLAVE_OK);
  size = record.size();
  REQUIRE(conclave_call_record(pair.bob->handle(), record.data(), &size) == CONCLAVE_OK);
  CHECK(conclave::read_transcript({record.data(), size}).ok());
}

TEST_CASE("who is banned from a call is put out of it", "[abi]") {
  const Pair pair;
  CHECK(ask(*pair.bob, command(CONCLAVE_COMMAND_BAN, pair.ada_id)) == CONCLAVE_OK);
  CHECK(await(pair.bob->handle(), CONCLAVE_EVENT_NOT_DONE).code == CONCLAVE_NOT_PERMITTED);
  CHECK(ask(*pair.ada, command(CONCLAVE_COMMAND_BAN, pair.bob_id)) == CONCLAVE_OK);
  CHECK(await_end(*pair.bob).code == CONCLAVE_REFUSED);
  CHECK(await(pair.ada->handle(), CONCLAVE_EVENT_MEMBER_LEFT).flag == 1);
  CHECK(within_patience([&] { return room_of(*pair.ada).banned == 1; }));
}

TEST_CASE("a host of a call invites by name, and who holds the link is recognised by it", "[abi]") {
  const Pair pair;
  CHECK(ask(*pair.ada, command(CONCLAVE_COMMAND_INVITE, 0, 600, "Roberta")) == CONCLAVE_OK);
  const auto invitation = await(pair.ada->handle(), CONCLAVE_EVENT_INVITATION);
  CHECK((std::string(invitation.name) == "Roberta" && std::string(invitation.text) != link_of(pair.ada->handle())));
  auto config = sized<conclave_call_config>();
  config.display_name = "Bobby";
  conclave_handle call = 0;
  REQUIRE(conclave_call_join(&config, invitation.text, &call) == CONCLAVE_OK);
  const Closer guest(call);
  const auto knock = await(pair.ada->handle(), CONCLAVE_EVENT_KNOCK);
  CHECK((std::string(knock.text) == "Roberta" && std::string(knock.name) == "Bobby"));
  CHECK(ask(*pair.ada, command(CONCLAVE_COMMAND_ENTRY, 0, 2)) == CONCLAVE_OK);
  CHECK(ask(*pair.ada, command(CONCLAVE_COMMAND_REVOKE, 0, static_cast<std::uint32_t>(invitation.id))) == CONCLAVE_OK);
  CHECK(within_patience([&] { return room_of(*pair.bob).entry == 2; }));
}

TEST_CASE("heirs of a call are its members, and learn who leads no more", "[abi]") {
  const Pair pair(CONCLAVE_ROOM_MODERATED);
  const std::uint32_t heirs[] = {pair.bob_id};
  CHECK(ask(*pair.bob, command(CONCLAVE_COMMAND_INHERIT)) == CONCLAVE_OK);
  CHECK(await(pair.bob->handle(), CONCLAVE_EVENT_NOT_DONE).code == CONCLAVE_NOT_PERMITTED);
  CHECK(ask(*pair.ada, command(CONCLAVE_COMMAND_HEIRS, 0, 1, {reinterpret_cast<const char*>(heirs), sizeof heirs})) == CONCLAVE_OK);
  await(pair.bob->handle(), CONCLAVE_EVENT_ROOM_CHANGED);
  CHECK(ask(*pair.bob, command(CONCLAVE_COMMAND_INHERIT)) == CONCLAVE_OK);
  CHECK(within_patience([&] { return member_of(*pair.ada, pair.bob_id).role == CONCLAVE_OWNER; }));
  CHECK(member_of(*pair.ada, pair.bob_id).identity_key_size == 32);
}

TEST_CASE("an identity outlives the calls that it serves, and shows in their rosters", "[abi]") {
  conclave_handle identity = 0;
  REQUIRE(conclave_identity_generate(&identity) == CONCLAVE_OK);
  Bytes key(32);
  std::size_t size = key.size();
  REQUIRE(conclave_identity_public_key(identity, key.data(), &size) == CONCLAVE_OK);
  for (int round = 0; round < 2; ++round) {
    auto config = sized<conclave_call_config>();
    config.listen = "127.0.0.1";
    config.identity = identity;
    conclave_handle call = 0;
    REQUIRE(conclave_call_host(&config, &call) == CONCLAVE_OK);
    const Closer closer(call);
    if (round == 1) CHECK(conclave_close(identity) == CONCLAVE_OK);  // of what was given to others only the handle ends
    await(call, CONCLAVE_EVENT_ROOM_READY);
    auto member = sized<conclave_member>();
    CHECK(within_patience([&] { return conclave_call_member(call, 0, &member) == CONCLAVE_OK; }));
    CHECK((member.self == 1 && Bytes(member.identity_key, member.identity_key + member.identity_key_size) == key));
  }
}

TEST_CASE("threads that ask of a call or a session while another one closes it get results or INVALID_STATE", "[abi]") {
  for (const bool of_call : {true, false}) {
    const conclave_handle handle = of_call ? open_call() : open_session();
    std::atomic<bool> wrong = false, done = false;
    std::atomic<int> served = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        const auto asked = command(CONCLAVE_COMMAND_HAND, 0, 1);
        auto room = sized<conclave_room>();
        while (!done) {
          for (const auto result : {of_call ? conclave_call_command(handle, &asked) : conclave_session_command(handle, &asked, nullptr),
                                    of_call ? conclave_call_room(handle, &room) : conclave_session_room(handle, &room)}) {
            if (result != CONCLAVE_OK && result != CONCLAVE_INVALID_STATE && result != CONCLAVE_LIMIT_EXCEEDED) wrong = true;
            served += result == CONCLAVE_OK ? 1 : 0;
          }
        }
      });
    }
    while (served < 20) std::this_thread::yield();
    CHECK(conclave_close(handle) == CONCLAVE_OK);
    done = true;
    for (auto& thread : threads) thread.join();
    CHECK_FALSE(wrong);
  }
}

TEST_CASE("what is asked of a call is taken, or said not to be: never lost in silence", "[abi]") {
  const Closer call(open_call());
  const auto fills = [](auto ask_once) {
    conclave_result result = CONCLAVE_OK;
    for (int i = 0; i < 1'000'000 && result == CONCLAVE_OK; ++i) result = ask_once();
    return result;
  };
  CHECK(fills([&] { return ask(call, command(CONCLAVE_COMMAND_REMOVE, 7)); }) == CONCLAVE_LIMIT_EXCEEDED);
  CHECK(fills([&] { return conclave_call_remove(call.handle(), 7); }) == CONCLAVE_LIMIT_EXCEEDED);
  CHECK(fills([&] { return conclave_call_admit(call.handle(), 7); }) == CONCLAVE_LIMIT_EXCEEDED);
  CHECK(fills([&] { return conclave_call_refuse(call.handle(), 7); }) == CONCLAVE_LIMIT_EXCEEDED);
}

TEST_CASE("a call's commands are checked like a session's", "[abi]") {
  const Closer call(open_call());
  CHECK(ask(call, command(0)) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(ask(call, command(CONCLAVE_COMMAND_ROLE, 0, 9)) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(ask(call, command(CONCLAVE_COMMAND_GIVE, 0, 1024)) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(ask(call, command(CONCLAVE_COMMAND_ENTRY, 0, 3)) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(ask(call, command(CONCLAVE_COMMAND_HEIRS, 0, 1, "one too many")) == CONCLAVE_OK);  // three members, whom the room will not find
  CHECK(ask(call, command(CONCLAVE_COMMAND_HEIRS, 0, 1, "one")) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(ask(call, command(CONCLAVE_COMMAND_HEIRS, 0, 256)) == CONCLAVE_INVALID_ARGUMENT);
  auto config = sized<conclave_call_config>();
  config.mode = 4;
  conclave_handle handle = 0;
  CHECK(conclave_call_host(&config, &handle) == CONCLAVE_INVALID_ARGUMENT);
}
