// A client whose address changes in the middle of a call.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "conclave/client.h"
#include "conclave/devices.h"
#include "support.h"

namespace conclave::test {
namespace {

using namespace std::chrono_literals;

/// A network address translator between one client and a relay, which gives the client another address when told to.
class Translator {
 public:
  explicit Translator(std::uint16_t relay_port) : relay_(at("127.0.0.1", relay_port)), inside_(bound("127.0.0.1")), outside_(bound("127.0.0.1")) {
    thread_ = std::thread([this] { carry(); });
  }
  Translator(const Translator&) = delete;
  Translator& operator=(const Translator&) = delete;
  ~Translator() {
    stop_ = true;
    thread_.join();
    for (const int socket : {inside_, outside_}) ::close(socket);
  }
  [[nodiscard]] std::uint16_t port() const {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    ::getsockname(inside_, reinterpret_cast<sockaddr*>(&own), &size);
    return ntohs(own.sin_port);
  }
  /// From now on the client comes from here.
  void move_to(const char* address) {
    const std::lock_guard lock(mutex_);
    ::close(std::exchange(outside_, bound(address)));
  }

 private:
  static sockaddr_in at(const char* address, std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    ::inet_pton(AF_INET, address, &out.sin_addr);
    return out;
  }
  static int bound(const char* address) {
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const sockaddr_in own = at(address, 0);
    REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0);
    return socket;
  }
  void carry() {
    while (!stop_) {
      {
        const std::lock_guard lock(mutex_);
        while (pass(inside_, outside_, relay_, &client_)) {}
        while (pass(outside_, inside_, client_, nullptr)) {}
      }
      std::this_thread::sleep_for(1ms);
    }
  }
  static bool pass(int from, int to, const sockaddr_in& target, sockaddr_in* sender) {
    std::array<char, 2048> datagram{};
    sockaddr_in source{};
    socklen_t size = sizeof source;
    const auto length = ::recvfrom(from, datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&source), &size);
    if (length < 0) return false;
    if (sender != nullptr) *sender = source;
    (void)::sendto(to, datagram.data(), static_cast<std::size_t>(length), 0, reinterpret_cast<const sockaddr*>(&target), sizeof target);
    return true;
  }

  sockaddr_in relay_;
  sockaddr_in client_{};
  int inside_;
  int outside_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::thread thread_;
};

/// The longest silence since the last `reset`.
class GapSink final : public MediaSink {
 public:
  void record(const RecordAudio&) override {
    const Time now = monotonic_now();
    const std::lock_guard lock(mutex_);
    if (last_ != Time{}) longest_ = std::max(longest_, now - last_);
    last_ = now;
    ++frames_;
  }
  void reset() {
    const std::lock_guard lock(mutex_);
    longest_ = {};
    frames_ = 0;
  }
  [[nodiscard]] std::pair<Duration, int> seen() {
    const std::lock_guard lock(mutex_);
    return {longest_, frames_};
  }

 private:
  std::mutex mutex_;
  Time last_{};
  Duration longest_{};
  int frames_ = 0;
};

ClientConfig talker(const std::string& name, const std::shared_ptr<GapSink>& sink) {
  ClientConfig config;
  config.conference.display_name = name;
  config.audio = synthetic_audio(config.conference.audio);
  config.sinks.push_back(sink);
  return config;
}

template <class Event>
std::optional<Event> await(Client& client) {
  for (int round = 0; round < 150; ++round) {
    const auto event = client.wait(100ms);
    if (event && std::holds_alternative<Event>(*event)) return std::get<Event>(*event);
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("a client that comes from another address is followed without a gap of a second", "[runtime][client]") {
  const auto ada_hears = std::make_shared<GapSink>();
  const auto ben_hears = std::make_shared<GapSink>();
  HostConfig own;
  own.listen = "127.0.0.1";
  own.port = 0;
  Client ada = Client::host(talker("Ada", ada_hears), own).value();
  REQUIRE(await<RoomReady>(ada));
  Link link = ada.link();
  Translator translator(link.port);
  link.port = translator.port();
  Client ben = Client::join(talker("Ben", ben_hears), link).value();
  const auto knock = await<KnockReceived>(ada);
  REQUIRE(knock);
  ada.admit(knock->knock_id);
  REQUIRE(await<Joined>(ben));
  const auto flows = [&](int frames) {
    for (int round = 0; round < 100; ++round) {
      if (ada_hears->seen().second > frames && ben_hears->seen().second > frames) return true;
      std::this_thread::sleep_for(50ms);
    }
    return false;
  };
  REQUIRE(flows(20));
  for (const char* address : {"127.0.0.2", "127.0.0.3"}) {
    ada_hears->reset();
    ben_hears->reset();
    translator.move_to(address);
    CHECK(flows(60));
    CHECK(ada_hears->seen().first < 1s);
    CHECK(ben_hears->seen().first < 1s);
  }
  while (const auto event = ben.wait(1ms)) CHECK_FALSE(std::holds_alternative<Reconnecting>(*event));  // it is the same connection
}

}  // namespace conclave::test
