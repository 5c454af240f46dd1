// Calls that know whom they have met, whose word counts, and how they go on or do not: through the C interface.
#include <catch2/catch.hpp>

#include <thread>
#include <unordered_set>

#include "in_process_relay.h"

using namespace conclave_abi;

namespace {

std::vector<std::uint8_t> key_of(conclave_handle identity) {
  std::vector<std::uint8_t> key(32);
  std::size_t size = key.size();
  REQUIRE(conclave_identity_public_key(identity, key.data(), &size) == CONCLAVE_OK);
  return key;
}

conclave_event await_end(conclave_handle call) {
  auto event = sized<conclave_event>();
  while (event.kind != CONCLAVE_EVENT_ENDED) REQUIRE(conclave_call_next_event(call, patience, &event) == CONCLAVE_OK);
  return event;
}

conclave_command about(std::uint32_t kind, std::uint32_t member, std::uint32_t value) {
  auto command = sized<conclave_command>();
  command.kind = kind;
  command.member = member;
  command.value = value;
  return command;
}

/// What a guest that joins is told first of its connection, once its host has gone without a word.
std::uint32_t told_of_a_lost_relay(std::int64_t reconnect_window) {
  auto config = sized<conclave_call_config>();
  config.listen = "127.0.0.1";
  conclave_handle call = 0;
  REQUIRE(conclave_call_host(&config, &call) == CONCLAVE_OK);
  auto host = std::make_unique<Closer>(call);
  await(call, CONCLAVE_EVENT_ROOM_READY);
  config.reconnect_window = reconnect_window;
  REQUIRE(conclave_call_join(&config, link_of(host->handle()).c_str(), &call) == CONCLAVE_OK);
  const Closer guest(call);
  REQUIRE(conclave_call_admit(host->handle(), await(host->handle(), CONCLAVE_EVENT_KNOCK).id) == CONCLAVE_OK);
  await(call, CONCLAVE_EVENT_JOINED);
  host.reset();
  auto event = sized<conclave_event>();
  while (event.kind != CONCLAVE_EVENT_ENDED && event.kind != CONCLAVE_EVENT_RECONNECTING) {
    REQUIRE(conclave_call_next_event(call, patience, &event) == CONCLAVE_OK);
    REQUIRE(event.kind != CONCLAVE_EVENT_NONE);
  }
  return event.kind;
}

/// Every 32 bytes in a row of what went by.
class Runs {
 public:
  void note(const std::uint8_t* bytes, std::size_t size) {
    for (std::size_t at = 0; at + length <= size; ++at) seen_.insert(run_at(bytes + at));
  }
  /// How many of the datagrams hold something that went by here too.
  [[nodiscard]] std::size_t shared(const std::vector<std::vector<std::uint8_t>>& datagrams) const {
    return static_cast<std::size_t>(std::count_if(datagrams.begin(), datagrams.end(), [&](const auto& each) {
      for (std::size_t at = 0; at + length <= each.size(); ++at) {
        if (seen_.contains(run_at(each.data() + at))) return true;
      }
      return false;
    }));
  }

 private:
  static constexpr std::size_t length = 32;
  static std::string run_at(const std::uint8_t* bytes) { return {bytes, bytes + length}; }
  std::unordered_set<std::string> seen_;
};

}  // namespace

TEST_CASE("a call recognises who knocks and who is there, remembers whom it is told to, and hands its contacts back", "[abi]") {
  const Closer contacts(open_contacts()), stranger(open_identity()), bob(open_identity()), university(open_organisation());
  const auto old_key = key_of(stranger.handle()), bobs_key = key_of(bob.handle());
  REQUIRE(conclave_contacts_remember(contacts.handle(), old_key.data(), old_key.size(), "Bob", 0) == CONCLAVE_OK);
  const conclave_handle trusted[] = {university.handle()};
  auto config = sized<conclave_call_config>();
  config.listen = "127.0.0.1";
  config.contacts = contacts.handle();
  config.trusted = trusted;
  config.trusted_count = 1;
  conclave_handle call = 0;
  REQUIRE(conclave_call_host(&config, &call) == CONCLAVE_OK);
  const Closer host(call);
  await(call, CONCLAVE_EVENT_ROOM_READY);
  std::vector<std::uint8_t> proof(8192 + 64);
  std::size_t size = proof.size();
  REQUIRE(conclave_identity_certify(bob.handle(), certificate("bob.chain.pem").c_str(), certificate("bob.key.pem").c_str(), proof.data(), &size) == CONCLAVE_OK);
  auto brings = sized<conclave_call_config>();
  brings.display_name = "Bob";
  brings.identity = bob.handle();
  brings.organisation = proof.data();
  brings.organisation_size = size;
  REQUIRE(conclave_call_join(&brings, link_of(host.handle()).c_str(), &call) == CONCLAVE_OK);
  const Closer guest(call);
  const auto knock = await(host.handle(), CONCLAVE_EVENT_KNOCK);
  CHECK((knock.acquaintance == CONCLAVE_KEY_CHANGED && std::string(knock.known_as) == "Bob"));
  CHECK((std::string(knock.verified_by) == "University" && std::string(knock.certified_as) == "Bob Babbage"));
  REQUIRE(conclave_call_admit(host.handle(), knock.id) == CONCLAVE_OK);
  const auto seen = await(host.handle(), CONCLAVE_EVENT_CONTACT_SEEN);
  CHECK((seen.acquaintance == CONCLAVE_KEY_CHANGED && std::string(seen.name) == "Bob"));
  conclave_handle met = 0;
  CHECK(conclave_call_contacts(host.handle(), &met) == CONCLAVE_INVALID_STATE);
  const auto remember = about(CONCLAVE_COMMAND_REMEMBER, seen.member, 1);
  REQUIRE(conclave_call_command(host.handle(), &remember) == CONCLAVE_OK);
  const auto wrong = about(CONCLAVE_COMMAND_REMEMBER, seen.member, 2);
  CHECK(conclave_call_command(host.handle(), &wrong) == CONCLAVE_INVALID_ARGUMENT);
  auto member = sized<conclave_member>();
  for (int i = 0; i < 600 && std::string(member.verified_by).empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    static_cast<void>(conclave_call_member(host.handle(), 1, &member));
  }
  CHECK(std::string(member.verified_by) == "University");
  REQUIRE(conclave_call_leave(host.handle()) == CONCLAVE_OK);
  await_end(host.handle());
  REQUIRE(conclave_call_contacts(host.handle(), &met) == CONCLAVE_OK);
  const Closer after(met);
  auto told = sized<conclave_recognition>();
  REQUIRE(conclave_contacts_recognise(after.handle(), bobs_key.data(), bobs_key.size(), "Bob", &told) == CONCLAVE_OK);
  CHECK((told.acquaintance == CONCLAVE_KNOWN && told.verified == 1 && told.remembered == 1));
  REQUIRE(conclave_contacts_recognise(contacts.handle(), bobs_key.data(), bobs_key.size(), "Bob", &told) == CONCLAVE_OK);
  CHECK(told.acquaintance == CONCLAVE_KEY_CHANGED);  // what was given was copied
}

TEST_CASE("a connection that broke is made again for as long as the call was told, or not at all", "[abi]") {
  CHECK(told_of_a_lost_relay(-1) == CONCLAVE_EVENT_ENDED);
  CHECK(told_of_a_lost_relay(0) == CONCLAVE_EVENT_RECONNECTING);
  auto config = sized<conclave_call_config>();
  config.reconnect_window = -2;
  conclave_handle call = 0;
  CHECK(conclave_call_host(&config, &call) == CONCLAVE_INVALID_ARGUMENT);
}

TEST_CASE("media that are sealed whole have no equal bytes on the two sides of the relay", "[abi]") {
  for (const bool full : {false, true}) {
    INFO("full hop " << full);
    InProcessRelay relay;
    Wire first(relay, 1), second(relay, 2);
    auto source = sized<conclave_source_config>();
    source.kind = CONCLAVE_SOURCE_SYNTHETIC;
    conclave_handle audio = 0, call = 0;
    REQUIRE(conclave_source_open(&source, nullptr, &audio) == CONCLAVE_OK);
    const Closer audio_closer(audio), inbox(open_sink());
    const auto carriers = std::make_pair(first.carrier(), second.carrier());
    const auto place = relay.place();
    auto config = sized<conclave_call_config>();
    config.relay = place.c_str();
    config.carrier = &carriers.first;
    config.audio_source = audio;
    config.full_hop = full ? 1 : 0;
    REQUIRE(conclave_call_host(&config, &call) == CONCLAVE_OK);
    auto host = std::make_unique<Closer>(call);
    relay.answer(1, call);
    await(call, CONCLAVE_EVENT_ROOM_READY);
    auto looking = sized<conclave_call_config>();
    const conclave_handle sinks[] = {inbox.handle()};
    looking.carrier = &carriers.second;
    looking.sinks = sinks;
    looking.sink_count = 1;
    looking.full_hop = full ? 1 : 0;
    REQUIRE(conclave_call_join(&looking, link_of(host->handle()).c_str(), &call) == CONCLAVE_OK);
    auto guest = std::make_unique<Closer>(call);
    relay.answer(2, call);
    REQUIRE(conclave_call_admit(host->handle(), await(host->handle(), CONCLAVE_EVENT_KNOCK).id) == CONCLAVE_OK);
    await(guest->handle(), CONCLAVE_EVENT_JOINED);
    for (int i = 0; i < 600 && relay.brought_to(2).size() < 150; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    Runs up;
    for (const auto& datagram : first.datagrams()) up.note(datagram.data(), datagram.size());
    const auto down = relay.brought_to(2);
    REQUIRE(down.size() >= 150);
    CHECK((up.shared(down) > 30) == !full);
    if (full) CHECK(up.shared(down) == 0);
    guest.reset();
    host.reset();
    // A thread of the relay may be the last one inside: it leaves before the wires are gone.
    for (int i = 0; i < 1000 && (first.closed == 0 || second.closed == 0); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK((first.closed == 1 && second.closed == 1));
  }
  auto config = sized<conclave_call_config>();
  config.full_hop = 2;
  conclave_handle call = 0;
  CHECK(conclave_call_host(&config, &call) == CONCLAVE_INVALID_ARGUMENT);
}
