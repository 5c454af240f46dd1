#include <catch2/catch.hpp>

#include "harness.h"

namespace conclave::relay {
namespace {

using namespace testing;

crypto::SignaturePrivateKey key_number(std::uint64_t seed) {
  crypto::SeededRandom random(seed);
  return crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random).value();
}

/// A visitor with an OpenRoom in hand that `key` has signed, if there is one.
struct Opening {
  Opening(Harness& relay, const crypto::SignaturePrivateKey* key) : connection(relay.visit()) {
    open = {to_bytes(relay.gate_key().public_key().bytes()), Bytes(10, 1)};
    if (key == nullptr) return;
    const auto hello = relay.last<transport::HelloAccepted>(connection);
    open.opener_key = to_bytes(key->public_key().bytes());
    open.opener_signature = key->sign(transport::opening_message(room_number(1), hello.challenge, open)).value();
  }
  void say(Harness& relay) { relay.send(connection, std::move(open)); }
  ConnectionId connection;
  transport::OpenRoom open;
};

}  // namespace

TEST_CASE("a relay that lists tokens opens rooms for who shows one", "[relay]") {
  Harness relay;
  Openers openers;
  openers.add_token(as_bytes("open sesame"));
  relay.relay().set_openers(std::move(openers));
  for (const char* wrong : {"", "open", "open sesame "}) {
    Opening stranger(relay, nullptr);
    stranger.open.token = SecretBuffer::copy_of(as_bytes(wrong));
    stranger.say(relay);
    CHECK(relay.close_code(stranger.connection) == ErrorCode::refused);
  }
  CHECK(relay.counters().rooms_not_permitted == 3);
  Opening host(relay, nullptr);
  host.open.token = SecretBuffer::copy_of(as_bytes("open sesame"));
  host.say(relay);
  CHECK(relay.admitted(host.connection));
}

TEST_CASE("a relay that lists keys opens rooms for who signs this opening with one", "[relay][attack]") {
  Harness relay;
  const auto listed = key_number(1);
  const auto other = key_number(2);
  Openers openers;
  openers.add_key(listed.public_key().bytes());
  relay.relay().set_openers(std::move(openers));
  Opening unsigned_one(relay, nullptr);
  unsigned_one.say(relay);
  CHECK(relay.close_code(unsigned_one.connection) == ErrorCode::refused);
  Opening unlisted(relay, &other);
  unlisted.say(relay);
  CHECK(relay.close_code(unlisted.connection) == ErrorCode::refused);
  Opening recorded(relay, &listed);
  Opening replayed(relay, nullptr);
  replayed.open.opener_key = recorded.open.opener_key;
  replayed.open.opener_signature = recorded.open.opener_signature;
  replayed.say(relay);  // signed over another connection's challenge
  CHECK(relay.close_code(replayed.connection) == ErrorCode::refused);
  Opening swapped(relay, &listed);
  swapped.open.card.push_back(1);
  swapped.say(relay);
  CHECK(relay.close_code(swapped.connection) == ErrorCode::refused);
  recorded.say(relay);
  CHECK(relay.admitted(recorded.connection));
}

TEST_CASE("openers may change while meetings go on", "[relay]") {
  Harness relay;
  const auto host = relay.open(room_number(1));
  Openers openers;
  openers.add_token(as_bytes("t"));
  relay.relay().set_openers(std::move(openers));
  CHECK(relay.closed(relay.open(room_number(2))));
  relay.relay().set_openers({});
  CHECK_FALSE(relay.closed(relay.open(room_number(3))));
  CHECK_FALSE(relay.closed(host));
}

TEST_CASE("a relay that drains opens no rooms, and lets people into those that are open", "[relay]") {
  Harness relay;
  const auto host = relay.open(room_number(1));
  relay.relay().drain();
  CHECK(relay.close_code(relay.open(room_number(2))) == ErrorCode::limit_exceeded);
  CHECK(relay.admitted(relay.join(host)));
  CHECK(relay.relay().room_count() == 1);
}

TEST_CASE("through one link come no more knocks than its pace allows", "[relay][attack]") {
  Limits limits;
  limits.knocks = 100;
  limits.knock_pace = {.per_second = 1, .burst = 3};
  Harness relay(limits);
  relay.open();
  for (int i = 0; i < 3; ++i) CHECK_FALSE(relay.closed(relay.knock()));
  CHECK(relay.close_code(relay.knock()) == ErrorCode::limit_exceeded);
  relay.advance(1s);
  CHECK_FALSE(relay.closed(relay.knock()));
}

TEST_CASE("notes are kept when asked for, and bounded", "[relay]") {
  Harness relay;
  relay.open(room_number(1));
  CHECK(relay.relay().take_notes().empty());
  relay.relay().keep_notes();
  const auto host = relay.open(room_number(2));
  relay.disconnect(host);
  const auto notes = relay.relay().take_notes();
  REQUIRE(notes.size() == 4);
  CHECK(notes[0].kind == NoteKind::connected);
  CHECK(notes[1].kind == NoteKind::room_opened);
  CHECK(notes[1].room == room_number(2));
  CHECK(notes[3].kind == NoteKind::room_closed);
  for (int i = 0; i < 3000; ++i) relay.disconnect(relay.connect());
  CHECK(relay.relay().take_notes().size() == max_notes);
}

}  // namespace conclave::relay
