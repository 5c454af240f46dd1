// Calls whose datagrams the application carries, and hosts at somebody's relay.
#include <catch2/catch.hpp>

#include <array>
#include <filesystem>

#include "in_process_relay.h"

using namespace conclave_abi;

namespace {

/// The sockets that this process has.
std::size_t sockets() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    count += std::filesystem::read_symlink(entry, gone).string().starts_with("socket:") ? 1 : 0;
  }
  return count;
}

conclave_handle host_at(InProcessRelay& relay, const conclave_carrier& carrier, conclave_handle video, conclave_handle audio) {
  auto config = sized<conclave_call_config>();
  const auto place = relay.place();
  config.display_name = "Alice";
  config.relay = place.c_str();
  config.carrier = &carrier;
  config.video_source = video;
  config.audio_source = audio;
  conclave_handle call = 0;
  INFO(last_detail());
  REQUIRE(conclave_call_host(&config, &call) == CONCLAVE_OK);
  return call;
}

conclave_handle guest_of(conclave_handle host, const conclave_carrier& carrier, conclave_handle sink) {
  auto config = sized<conclave_call_config>();
  config.display_name = "Bob";
  config.carrier = &carrier;
  config.sinks = &sink;
  config.sink_count = 1;
  conclave_handle call = 0;
  REQUIRE(conclave_call_join(&config, link_of(host).c_str(), &call) == CONCLAVE_OK);
  return call;
}

/// Fetches until a piece of every kind in `wanted` came.
void see_and_hear(conclave_handle sink, std::uint32_t wanted) {
  std::vector<std::uint8_t> buffer(1 << 18);
  auto media = sized<conclave_media>();
  while (wanted != 0) {
    std::size_t size = buffer.size();
    REQUIRE(conclave_sink_next(sink, patience, &media, buffer.data(), &size) == CONCLAVE_OK);
    REQUIRE(media.kind != CONCLAVE_MEDIA_NONE);
    wanted &= ~media.kind;
  }
}

}  // namespace

TEST_CASE("a whole call goes through an application's carriers, and opens no socket", "[abi]") {
  InProcessRelay relay;
  Wire first(relay, 1), second(relay, 2);
  auto source = sized<conclave_source_config>();
  source.kind = CONCLAVE_SOURCE_SYNTHETIC;
  source.width = 160;
  source.height = 90;
  conclave_handle video = 0, audio = 0;
  REQUIRE(conclave_source_open(&source, &video, &audio) == CONCLAVE_OK);
  const Closer video_closer(video), audio_closer(audio);
  const auto before = sockets();
  const auto host = host_at(relay, first.carrier(), video, audio);
  relay.answer(1, host);
  await(host, CONCLAVE_EVENT_ROOM_READY);
  const Closer inbox(open_sink());
  const auto guest = guest_of(host, second.carrier(), inbox.handle());
  relay.answer(2, guest);
  CHECK(conclave_call_admit(host, await(host, CONCLAVE_EVENT_KNOCK).id) == CONCLAVE_OK);
  await(guest, CONCLAVE_EVENT_JOINED);
  see_and_hear(inbox.handle(), CONCLAVE_MEDIA_PICTURE | CONCLAVE_MEDIA_SOUND);
  CHECK(sockets() == before);
  auto report = sized<conclave_report>();
  CHECK(conclave_call_leave(guest) == CONCLAVE_OK);
  await(guest, CONCLAVE_EVENT_ENDED);
  CHECK(conclave_call_report(guest, &report) == CONCLAVE_OK);
  CHECK(report.datagrams_received > 5);
  CHECK(std::string(report.relay_address).empty());
  CHECK(first.sent > 5);
  CHECK(first.closed == 0);
  CHECK(conclave_close(guest) == CONCLAVE_OK);
  CHECK(conclave_close(host) == CONCLAVE_OK);
  // A thread of the relay may be the last one inside: it leaves before the relay is gone.
  for (int i = 0; i < 1000 && (first.closed == 0 || second.closed == 0); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(first.closed == 1);
  CHECK(second.closed == 1);
}

TEST_CASE("a carrier is refused that cannot send, and a host whose room is nowhere; nothing is called then", "[abi]") {
  InProcessRelay relay;
  Wire wire(relay, 1);
  auto carrier = wire.carrier();
  auto config = sized<conclave_call_config>();
  config.carrier = &carrier;
  conclave_handle call = 0;
  CHECK(conclave_call_host(&config, &call) == CONCLAVE_INVALID_ARGUMENT);  // no relay
  CHECK(last_detail().find("relay") != std::string::npos);
  const auto place = relay.place();
  config.relay = place.c_str();
  carrier.send = nullptr;
  CHECK(conclave_call_host(&config, &call) == CONCLAVE_INVALID_ARGUMENT);
  carrier = wire.carrier();
  for (const std::uint32_t size : {0U, 4U, static_cast<std::uint32_t>(sizeof carrier) - 1, 20'000U}) {
    carrier.struct_size = size;
    CHECK(conclave_call_host(&config, &call) == CONCLAVE_INVALID_ARGUMENT);
  }
  CHECK(wire.sent == 0);
  CHECK(wire.closed == 0);
}

TEST_CASE("datagrams that none carries, of no datagram's size, or of garbage do no harm", "[abi]") {
  std::array<std::uint8_t, 1501> garbage{};
  garbage.fill(0xC3);
  const Closer plain(open_call());
  CHECK(conclave_call_receive(plain.handle(), garbage.data(), 100) == CONCLAVE_INVALID_STATE);
  InProcessRelay relay;
  Wire wire(relay, 1);
  const Closer call(host_at(relay, wire.carrier(), 0, 0));
  CHECK(conclave_call_receive(call.handle(), nullptr, 0) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(conclave_call_receive(call.handle(), nullptr, 7) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(conclave_call_receive(call.handle(), garbage.data(), garbage.size()) == CONCLAVE_INVALID_ARGUMENT);
  for (std::size_t size = 1; size < garbage.size(); ++size) {
    const auto result = conclave_call_receive(call.handle(), garbage.data(), size);
    if (result != CONCLAVE_OK) REQUIRE(result == CONCLAVE_LIMIT_EXCEEDED);
  }
  relay.answer(1, call.handle());
  await(call.handle(), CONCLAVE_EVENT_ROOM_READY);
  relay.answer(1, 0);
}

TEST_CASE("a configuration of version 1.0 is read as before, and relays and permits are checked", "[abi]") {
  auto config = sized<conclave_call_config>();
  config.listen = "127.0.0.1";
  config.struct_size = 104;
  config.relay = "what a program of version 1.0 has behind its struct";
  conclave_handle call = 0;
  REQUIRE(conclave_call_host(&config, &call) == CONCLAVE_OK);
  CHECK(conclave_close(call) == CONCLAVE_OK);
  config.struct_size = 103;
  CHECK(conclave_call_host(&config, &call) == CONCLAVE_INVALID_ARGUMENT);
  config.struct_size = sizeof config;
  CHECK(conclave_call_host(&config, &call) == CONCLAVE_MALFORMED);  // no place of a relay
  config.relay = nullptr;
  const std::string token(129, 'x');
  config.room_token = token.c_str();
  CHECK(conclave_call_host(&config, &call) == CONCLAVE_INVALID_ARGUMENT);
}
