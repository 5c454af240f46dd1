// The relay's TCP port over real sockets: who comes in, and who does not.
#include "runtime/stream_door.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "relay_member.h"

namespace conclave::test {
namespace {

/// A connection over TCP that says what the test wants.
class Caller {
 public:
  explicit Caller(const RelayServer& server) : socket_(std::move(runtime::TcpSocket::connect(Address::v4(127, 0, 0, 1, server.tcp_port()))).value()) {}
  bool say(ByteView bytes) { return !socket_.send(bytes).over; }
  /// The relay has ended it; what it said before is dropped.
  bool is_over() {
    Bytes block(4096);
    for (;;) {
      const auto got = socket_.receive(block);
      if (got.over) return true;
      if (got.size == 0) return false;
    }
  }

 private:
  runtime::TcpSocket socket_;
};

template <class Done>
bool within(Duration span, Done done) {
  for (const Time end = steady_now() + span; steady_now() < end; std::this_thread::sleep_for(5ms)) {
    if (done()) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a member over TCP and one over UDP meet, and the relay's core knows no difference", "[runtime]") {
  const auto server = started();
  CHECK(server->tcp_port() == server->port());
  RelayMember host = RelayMember::over_tcp(*server);
  RelayMember guest(*server, v4);
  meet(host, guest);
  CHECK(media_flows(host, guest, 0));
  RelayMember second_host(*server, v4);
  RelayMember second_guest = RelayMember::over_tcp(*server);
  meet(second_host, second_guest, 2);
  CHECK(media_flows(second_host, second_guest, 0));
  CHECK(second_guest.media()[3].payload.size() == 1000);
  const auto report = server->report();
  CHECK(report.connections == 4);
  CHECK(report.connections_tcp == 2);
  CHECK(report.websocket.accepted == 2);
  CHECK(report.websocket.transport.media_received >= 50);
  CHECK(report.websocket.transport.media_sent >= 50);
}

TEST_CASE("a relay that stops says so over TCP too", "[runtime]") {
  const auto server = started();
  RelayMember host = RelayMember::over_tcp(*server);
  RelayMember guest = RelayMember::over_tcp(*server);
  meet(host, guest);
  std::thread stopper([&] { server->stop(); });
  CHECK(until({&host, &guest}, [&] { return host.closed() && guest.closed(); }));
  stopper.join();
  CHECK(host.closed()->detail == "the relay is shutting down");
}

TEST_CASE("a relay may listen at another TCP port, or at none", "[runtime]") {
  RelayServerConfig config;
  config.tcp_port = 0;
  const auto none = started(config);
  CHECK(none->tcp_port() == 0);
  config.listen = "127.0.0.1";
  RelayServerConfig usual;
  usual.listen = config.listen;
  const auto both = started(usual);
  config.tcp_port = both->tcp_port();
  config.port = 0;
  CHECK(RelayServer::start(config).error().code == ErrorCode::io_error);  // another's
}

TEST_CASE("connections over TCP that say nothing, garbage, or a byte now and then, are closed in time and cost an honest room nothing", "[runtime][attack]") {
  RelayServerConfig config;
  config.websocket.handshake_timeout = 1s;
  config.websocket.max_half_open = 100;
  config.websocket.max_half_open_per_address = 40;
  const auto server = started(config);
  RelayMember host = RelayMember::over_tcp(*server);
  RelayMember guest(*server, v4);
  meet(host, guest);
  std::vector<Caller> callers;
  for (int i = 0; i < 200; ++i) callers.emplace_back(*server);
  const Bytes garbage(2000, 0x47), byte(1, 0x16);
  for (std::size_t i = 0; i < callers.size(); i += 4) (void)callers[i].say(garbage);
  CHECK(media_flows(host, guest, 0));
  CHECK(within(10s, [&] {
    for (std::size_t i = 1; i < callers.size(); i += 4) (void)callers[i].say(byte);
    return std::all_of(callers.begin(), callers.end(), [](Caller& caller) { return caller.is_over(); });
  }));
  CHECK(media_flows(host, guest, 10'000));
  CHECK_FALSE(host.closed());
  CHECK(within(10s, [&] { return server->report().connections_tcp == 1; }));  // the others did not end their side
  const auto report = server->report();
  CHECK(report.websocket.crowded > 0);
  CHECK(report.websocket.timed_out > 0);
  CHECK(report.half_open == 0);
}

TEST_CASE("newcomers over TCP beyond the pace wait in the system and come in a little later", "[runtime][attack]") {
  RelayServerConfig config;
  config.websocket.newcomers_per_second = 20;
  const auto server = started(config);
  std::vector<Caller> callers;
  for (int i = 0; i < 40; ++i) callers.emplace_back(*server);
  CHECK(within(20s, [&] { return server->report().websocket.accepted == 40; }));
  CHECK(server->report().websocket.held_up > 0);
  CHECK(server->report().accepts_failed == 0);
}

TEST_CASE("a member over TCP who does not read is closed for it, and its room goes on", "[runtime][attack]") {
  RelayServerConfig config;
  config.limits.broadcasts = config.limits.messages = {.per_second = 1'000, .burst = 1'000};
  config.limits.log_bytes_sent = {.per_second = 1e9, .burst = 1e9};
  const auto server = started(config);
  RelayMember host(*server, v4);
  RelayMember lazy = RelayMember::over_tcp(*server);
  meet(host, lazy);
  const Bytes words(60'000, 5);
  CHECK(within(30s, [&] {
    host.send(Channel::handshake, transport::Broadcast{words});
    for (int i = 0; i < 4; ++i) host.turn();
    return server->report().relay.connections_slow > 0;
  }));
  CHECK_FALSE(host.closed());
}

}  // namespace conclave::test
