// Calls that cannot be: one sentence, a documented exit code, within five seconds.
#include <poll.h>

#include <atomic>

#include "base/bytes.h"
#include "conclave/link.h"
#include "crypto/random.h"
#include "program.h"
#include "runtime/udp_socket.h"
#include "transport/codec.h"
#include "transport/quic/server.h"

namespace conclave::test {
namespace {

using std::chrono::seconds;

/// Runs the program to its end and checks how it ends; its sentence.
std::string ends_with(int code, const std::vector<std::string>& arguments) {
  const TemporaryFolder folder;
  Program program(folder, "program", arguments);
  CHECK(program.wait(seconds(5)) == code);
  const auto said = program.err();
  INFO(said);
  CHECK(std::count(said.begin(), said.end(), '\n') == 1);
  CHECK(said.starts_with("conclave-call: "));
  return said;
}

std::vector<std::string> quiet_join(const std::string& link) {
  return join_arguments(link, {"--quiet", "--video", "none", "--audio", "none"});
}

/// The link with the character at `position` of its secret replaced.
std::string changed(std::string link, std::size_t position) {
  auto& character = link.at(link.find('#') + 1 + position);
  character = character == 'A' ? 'B' : 'A';
  return link;
}

/// A relay that refuses whoever says hello.
class RefusingRelay {
 public:
  explicit RefusingRelay(transport::Refused answer)
      : answer_(transport::encode(transport::RelayMessage(std::move(answer)))),
        key_(*transport::quic::RelayKey::generate()),
        server_(*transport::quic::QuicServer::make(key_, {}, crypto::system_random())),
        socket_(*runtime::UdpSocket::bind(transport::Address::v4(127, 0, 0, 1, 0))),
        thread_([this] { run(); }) {}
  ~RefusingRelay() {
    stopping_ = true;
    thread_.join();
  }

  [[nodiscard]] std::string link() const {
    Link link;
    link.host = "127.0.0.1";
    link.port = socket_.local_address().port;
    link.relay_key_hash = key_.hash();
    return link.text();
  }

 private:
  void run() {
    while (!stopping_) {
      pollfd readable{socket_.descriptor(), POLLIN, 0};
      ::poll(&readable, 1, 10);
      const Time now = runtime::steady_now();
      for (const auto& datagram : socket_.receive()) server_->receive(datagram.from, datagram.bytes, now);
      for (const auto& event : server_->poll(now)) {
        if (!std::holds_alternative<TransportMessage>(event.event)) continue;
        static_cast<void>(server_->send_message(event.connection, Channel::control, answer_, now));
      }
      socket_.send(server_->transmit(now));
    }
  }

  Bytes answer_;
  transport::quic::RelayKey key_;
  std::unique_ptr<transport::quic::QuicServer> server_;
  runtime::UdpSocket socket_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace

TEST_CASE("a link that is none ends with exit code 3", "[runtime][call]") {
  const TemporaryFolder folder;
  Program host(folder, "host", host_arguments({"--admit", "none", "--video", "none", "--audio", "none"}));
  const auto link = host.link();
  for (const auto& wrong :
       {std::string("nonsense"), link.substr(0, link.size() - 1), link.substr(0, link.find('#')), link + "A"}) {
    const auto said = ends_with(3, quiet_join(wrong));
    CHECK(said.find("link") != std::string::npos);
    CHECK(said.find("the link is wrong: the ") == std::string::npos);
  }
}

TEST_CASE("a link of another version ends with exit code 6", "[runtime][call]") {
  Link link;
  link.host = "127.0.0.1";
  link.port = 4433;
  auto text = link.text();
  REQUIRE(text[text.find('#') + 2] == 'Q');  // the low bits of version 1
  text[text.find('#') + 2] = 'w';            // of version 3
  CHECK(ends_with(6, quiet_join(text)) == "conclave-call: the link was made by another version of conclave\n");
}

TEST_CASE("a pasted link is taken out of its brackets; an empty input is no link", "[runtime][call]") {
  const TemporaryFolder folder;
  Program host(folder, "host", host_arguments({"--admit", "none", "--video", "none", "--audio", "none"}));
  ends_with(5, quiet_join(" <" + host.link() + ">\n"));
  ends_with(3, quiet_join("-"));
}

TEST_CASE("a refused knock, and identities that the link does not name, have their exit codes", "[runtime][call]") {
  const TemporaryFolder folder;
  Program host(folder, "host", host_arguments({"--admit", "none", "--video", "none", "--audio", "none"}));
  const auto link = host.link();
  ends_with(5, quiet_join(link));
  ends_with(8, quiet_join(changed(link, 3)));   // the relay's key
  ends_with(8, quiet_join(changed(link, 60)));  // the founder's
  CHECK(host.says("\"Ben\" knocks and is turned away", seconds(1)));
}

TEST_CASE("a host that is not there ends with exit code 4 within five seconds", "[runtime][call]") {
  const auto silent = *runtime::UdpSocket::bind(transport::Address::v4(127, 0, 0, 1, 0));
  Link link;
  link.host = "127.0.0.1";
  link.port = silent.local_address().port;
  CHECK(ends_with(4, quiet_join(link.text())).find("nobody answers at 127.0.0.1 port") != std::string::npos);
}

TEST_CASE("a name that leads nowhere ends with exit code 4", "[runtime][call]") {
  Link link;
  link.host = "no-such-host.invalid";
  link.port = 4433;
  ends_with(4, quiet_join(link.text()));
}

TEST_CASE("a relay of another version ends with exit code 6", "[runtime][call]") {
  const RefusingRelay relay({ErrorCode::version_mismatch, "version 2 is spoken here"});
  CHECK(ends_with(6, quiet_join(relay.link())).find("another version") != std::string::npos);
}

TEST_CASE("missing files and devices, and a port that is taken, end with exit code 7", "[runtime][call]") {
  const TemporaryFolder folder;
  ends_with(7, host_arguments({"--quiet", "--admit", "all", "--video", "/no/such/film.mp4"}));
  ends_with(7, host_arguments({"--quiet", "--admit", "all", "--video", "camera:/dev/video-none"}));
  ends_with(7, host_arguments({"--quiet", "--admit", "all", "--record", "/no/such/folder/film.webm"}));
  const auto taken = *runtime::UdpSocket::bind(transport::Address::v4(127, 0, 0, 1, 0));
  const auto port = std::to_string(taken.local_address().port);
  const auto said = ends_with(7, {"host", "--listen", "127.0.0.1", "--port", port, "--quiet", "--admit", "all"});
  CHECK(said.find("cannot bind the UDP port " + port + ": ") != std::string::npos);
  CHECK(said.find("try --port 0") != std::string::npos);
  ends_with(2, {"host", "--listen", "localhost", "--quiet", "--admit", "all"});
  ends_with(7, host_arguments({"--quiet", "--admit", "all", "--still", "/no/such/folder/a.png"}));
  ends_with(7, host_arguments({"--quiet", "--admit", "all", "--json", "/no/such/folder/a.json"}));
}

}  // namespace conclave::test
