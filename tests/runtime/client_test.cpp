#include "conclave/client.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "conclave/devices.h"

namespace conclave {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Counts what it is given; may be read at any time.
class CountingSink final : public MediaSink {
 public:
  void show(MemberId, const VideoFrame&, Time) override { ++pictures; }
  void play(MemberId, const AudioFrame&, Time) override { ++sounds; }
  void record(const RecordVideo&) override { ++recorded; }
  Result<void> finish() override {
    ++finished;
    return {};
  }
  std::atomic<int> pictures = 0;
  std::atomic<int> sounds = 0;
  std::atomic<int> recorded = 0;
  std::atomic<int> finished = 0;
};

ClientConfig small_config(const std::string& name, const std::shared_ptr<CountingSink>& sink) {
  ClientConfig config;
  config.conference.display_name = name;
  config.conference.video.width = 160;
  config.conference.video.height = 120;
  config.conference.video.frames_per_second = 10;
  config.conference.video.bitrate = 100'000;
  config.video = synthetic_video(config.conference.video);
  config.audio = synthetic_audio(config.conference.audio);
  config.sinks.push_back(sink);
  return config;
}

HostConfig on_loopback() {
  HostConfig host;
  host.listen = "127.0.0.1";
  host.port = 0;
  return host;
}

/// Waits for an event of one kind, dropping others; nothing after ten seconds.
template <class Event>
std::optional<Event> await(Client& client) {
  for (int round = 0; round < 100; ++round) {
    const auto event = client.wait(milliseconds(100));
    if (event && std::holds_alternative<Event>(*event)) return std::get<Event>(*event);
  }
  return std::nullopt;
}

/// A host and a guest in one room.
struct Pair {
  explicit Pair(TransportChoice transport = TransportChoice::automatic) : host(Client::host(by(transport, small_config("Ada", host_sink)), on_loopback()).value()) {
    REQUIRE(await<RoomReady>(host));
    guest.emplace(Client::join(by(transport, small_config("Ben", guest_sink)), host.link()).value());
    const auto knock = await<KnockReceived>(host);
    REQUIRE(knock);
    CHECK(knock->display_name == "Ben");
    host.admit(knock->knock_id);
    REQUIRE(await<Joined>(*guest));
    REQUIRE(await<MemberJoined>(host));
  }

  static ClientConfig by(TransportChoice transport, ClientConfig config) {
    config.transport = transport;
    return config;
  }

  std::shared_ptr<CountingSink> host_sink = std::make_shared<CountingSink>();
  std::shared_ptr<CountingSink> guest_sink = std::make_shared<CountingSink>();
  Client host;
  std::optional<Client> guest;
};

}  // namespace

TEST_CASE("two clients of one process see and hear each other, and part properly", "[runtime][client]") {
  Pair pair;
  const auto without_code = [](const Client& client) { return client.report().conference.safety_digits.empty(); };  // it gives way to media
  const auto lacking = [&] {
    return pair.host_sink->pictures < 5 || pair.guest_sink->sounds < 25 || pair.guest_sink->recorded < 1 || without_code(pair.host) || without_code(*pair.guest);
  };
  for (int round = 0; round < 300 && lacking(); ++round) {
    std::this_thread::sleep_for(milliseconds(100));
  }
  CHECK(pair.host_sink->pictures >= 5);
  CHECK(pair.guest_sink->sounds >= 25);
  CHECK(pair.guest_sink->recorded >= 1);
  CHECK_FALSE(without_code(pair.host));
  CHECK(pair.host.report().conference.safety_digits == pair.guest->report().conference.safety_digits);
  pair.guest->leave();
  const auto ended = await<ConferenceEnded>(*pair.guest);
  REQUIRE(ended);
  CHECK_FALSE(ended->error.has_value());
  CHECK_FALSE(pair.guest->wait(milliseconds(1)).has_value());
  CHECK(pair.guest->finish().ok());
  CHECK(pair.guest_sink->finished == 1);
  CHECK(await<MemberLeft>(pair.host));
  CHECK(pair.host_sink->finished == 0);
}

TEST_CASE("two clients who are told to use TCP do, and UDP carries nothing", "[runtime][client]") {
  Pair pair(TransportChoice::websocket);
  for (int round = 0; round < 100 && (pair.host_sink->pictures < 5 || pair.guest_sink->sounds < 25); ++round) {
    std::this_thread::sleep_for(milliseconds(100));
  }
  CHECK(pair.host_sink->pictures >= 5);
  CHECK(pair.guest_sink->sounds >= 25);
  pair.guest->leave();
  REQUIRE(await<ConferenceEnded>(*pair.guest));
  const auto report = pair.guest->report();
  CHECK(report.relay_transport == RelayTransport::websocket);
  CHECK(report.transport_changes == 0);
  CHECK(report.datagrams_received == 0);
  CHECK(report.transport.media_received > 20);
  CHECK(await<MemberLeft>(pair.host));
}

TEST_CASE("a client that is destroyed in the middle finishes its sinks and threads", "[runtime][client]") {
  std::shared_ptr<CountingSink> host_sink;
  std::shared_ptr<CountingSink> guest_sink;
  {
    Pair pair;
    host_sink = pair.host_sink;
    guest_sink = pair.guest_sink;
    pair.guest.reset();
  }
  CHECK(host_sink->finished == 1);
  CHECK(guest_sink->finished == 1);
  CHECK(host_sink.use_count() == 1);
}

TEST_CASE("nothing is captured by a host who waits, or by a guest who is refused", "[runtime][client]") {
  const auto sink = std::make_shared<CountingSink>();
  Client host(Client::host(small_config("Ada", sink), on_loopback()).value());
  REQUIRE(await<RoomReady>(host));
  Client guest(Client::join(small_config("Ben", sink), host.link()).value());
  const auto knock = await<KnockReceived>(host);
  REQUIRE(knock);
  host.refuse(knock->knock_id);
  const auto ended = await<ConferenceEnded>(guest);
  REQUIRE(ended);
  REQUIRE(ended->error.has_value());
  CHECK(ended->error->code == ErrorCode::refused);
  CHECK(guest.report().video_captured == 0);
  CHECK(host.report().video_captured == 0);
  CHECK(host.report().audio_captured == 0);
}

TEST_CASE("an address that is none, and a port that is taken, are told at once", "[runtime][client]") {
  const auto sink = std::make_shared<CountingSink>();
  auto wrong = on_loopback();
  wrong.listen = "localhost";
  const auto nowhere = Client::host(small_config("Ada", sink), wrong);
  REQUIRE_FALSE(nowhere.ok());
  CHECK(nowhere.error().code == ErrorCode::invalid_argument);
  const Client host(Client::host(small_config("Ada", sink), on_loopback()).value());
  auto taken = on_loopback();
  taken.port = host.link().port;
  const auto second = Client::host(small_config("Eve", sink), taken);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == ErrorCode::io_error);
}

TEST_CASE("the link says where the host can be reached", "[runtime][client]") {
  const auto sink = std::make_shared<CountingSink>();
  auto advertised = on_loopback();
  advertised.advertise = "meet.example.org";
  CHECK(Client::host(small_config("Ada", sink), advertised)->link().host == "meet.example.org");
  advertised.advertise = "2001:DB8::0:1";  // links have one spelling
  CHECK(Client::host(small_config("Ada", sink), advertised)->link().host == "2001:db8::1");
  for (const char* wrong : {"a b", "[::1]", "example.org:4433"}) {
    advertised.advertise = wrong;
    CHECK(Client::host(small_config("Ada", sink), advertised).error().code == ErrorCode::invalid_argument);
  }
  auto everywhere = on_loopback();
  everywhere.listen = "::";
  const auto host = Client::host(small_config("Ada", sink), everywhere);
  REQUIRE(host.ok());
  CHECK_FALSE(host->link().host.empty());
  CHECK(host->link().host != "::");
}

}  // namespace conclave
