#include "../call/program.h"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "../support.h"
#include "conclave/relay_place.h"
#include "sandbox.h"

namespace conclave::test {
namespace {

using namespace std::chrono_literals;

/// conclave-relay on loopback with a configuration file.
class RelayProgram {
 public:
  RelayProgram(const TemporaryFolder& folder, const std::string& settings, std::vector<std::string> more = {}) : file_(folder / "relay.toml") {
    configure(settings);
    std::vector<std::string> arguments{"--config", file_, "--listen", "127.0.0.1", "--port", "0", "--key-file", folder / "key.pem"};
#ifdef CONCLAVE_SANITIZED
    more.push_back("--no-sandbox");
#endif
    arguments.insert(arguments.end(), more.begin(), more.end());
    program_ = std::make_unique<Program>(folder, "relay", arguments, CONCLAVE_RELAY_PROGRAM);
  }
  void configure(const std::string& settings) const { std::ofstream(file_) << settings; }
  [[nodiscard]] std::string place() const { return program_->link(); }
  [[nodiscard]] Program& process() const { return *program_; }

 private:
  std::string file_;
  std::unique_ptr<Program> program_;
};

std::vector<std::string> host_at(const std::string& place, std::vector<std::string> more) {
  std::vector<std::string> arguments{"host", "--relay", place, "--admit", "all", "--name", "Ada", "--video", "none"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::vector<std::string> sound_only(const std::string& link) { return join_arguments(link, {"--video", "none", "--duration", "2"}); }

}  // namespace

TEST_CASE("two people call each other through somebody's relay, under its sandbox", "[runtime][relay_program]") {
  const TemporaryFolder folder;
  const RelayProgram relay(folder, "");
  REQUIRE(RelayPlace::parse(relay.place()).ok());
  Program host(folder, "host", host_at(relay.place(), {"--json", folder / "host.json"}));
  Program guest(folder, "guest", sound_only(host.link()));
  CHECK(guest.wait(30s) == 0);
  host.signal(SIGINT);
  CHECK(host.wait(10s) == 0);
  relay.process().signal(SIGTERM);
  CHECK(relay.process().wait(10s) == 0);
  INFO(relay.process().err());
  CHECK(relay.process().err().find("127.0.0.1") == std::string::npos);  // no address in the log unless asked
  CHECK(relay.process().err().find("\"event\":\"stopped\"") != std::string::npos);
}

TEST_CASE("two people call each other over hops that seal whole packets", "[runtime][relay_program]") {
  const TemporaryFolder folder;
  const RelayProgram relay(folder, "");
  Program host(folder, "host", host_at(relay.place(), {"--hop", "full"}));
  Program guest(folder, "guest", join_arguments(host.link(), {"--video", "none", "--duration", "2", "--hop", "full"}));
  CHECK(guest.wait(30s) == 0);
  host.signal(SIGINT);
  CHECK(host.wait(10s) == 0);
}

TEST_CASE("a relay asks for a permit after a reload, and the call that stands goes on", "[runtime][relay_program]") {
  const TemporaryFolder folder;
  const RelayProgram relay(folder, "");
  Program first(folder, "first", host_at(relay.place(), {}));
  const auto link = first.link();
  relay.configure("[open]\ntokens = [\"sesame\"]\n");
  relay.process().signal(SIGHUP);
  REQUIRE(relay.process().says("reloaded", 10s));
  Program stranger(folder, "stranger", host_at(relay.place(), {}));
  CHECK(stranger.wait(15s) == 5);
  CHECK(stranger.err().find("the relay opens no room for you") != std::string::npos);
  std::ofstream(folder / "permit") << "sesame\n";
  Program known(folder, "known", host_at(relay.place(), {"--relay-permit", folder / "permit"}));
  CHECK(known.link().starts_with("conclave://"));
  Program guest(folder, "guest", sound_only(link));
  CHECK(guest.wait(30s) == 0);
  relay.configure("[open]\ntokens = 1\n");
  relay.process().signal(SIGHUP);
  CHECK(relay.process().says("not reloaded", 10s));
}

TEST_CASE("a key that the relay lists opens rooms, and its secret half stays in its file", "[runtime][relay_program]") {
  const TemporaryFolder folder;
  Program maker(folder, "maker", {"make-opener-key", folder / "opener"}, CONCLAVE_RELAY_PROGRAM);
  REQUIRE(maker.wait(10s) == 0);
  const std::string key = maker.out().substr(0, 64);
  CHECK(key != read_text(folder / "opener").substr(0, 64));
  CHECK((std::filesystem::status(folder / "opener").permissions() & std::filesystem::perms::others_all) == std::filesystem::perms::none);
  const RelayProgram relay(folder, "[open]\nkeys = [\"" + key + "\"]\n");
  Program host(folder, "host", host_at(relay.place(), {"--relay-permit", folder / "opener"}));
  CHECK(host.link().starts_with("conclave://"));
  Program again(folder, "again", {"make-opener-key", folder / "opener"}, CONCLAVE_RELAY_PROGRAM);
  CHECK(again.wait(10s) == 1);
}

TEST_CASE("a relay that drains waits for the meeting, and a second signal ends it", "[runtime][relay_program]") {
  const TemporaryFolder folder;
  const RelayProgram relay(folder, "drain_seconds = 600\n");
  Program host(folder, "host", host_at(relay.place(), {}));
  (void)host.link();
  relay.process().signal(SIGTERM);
  REQUIRE(relay.process().says("draining", 10s));
  CHECK(relay.process().wait(1s) == -1);
  Program late(folder, "late", host_at(relay.place(), {}));
  CHECK(late.wait(15s) == 5);
  relay.process().signal(SIGTERM);
  CHECK(relay.process().wait(10s) == 0);
}

TEST_CASE("addresses and rooms are logged when asked for", "[runtime][relay_program]") {
  const TemporaryFolder folder;
  const RelayProgram relay(folder, "", {"--log-identifiers"});
  Program host(folder, "host", host_at(relay.place(), {}));
  (void)host.link();
  CHECK(relay.process().says("\"event\":\"room opened\",\"address\":\"127.0.0.1:", 10s));
}

#ifndef CONCLAVE_SANITIZED  // which open files and descriptors of their own
namespace {

void limit(const Program& program, __rlimit_resource what, rlim_t value) {
  rlimit limits{};
  REQUIRE(::prlimit(program.id(), what, nullptr, &limits) == 0);
  limits.rlim_cur = value;
  REQUIRE(::prlimit(program.id(), what, &limits, nullptr) == 0);
}

/// The answer, or nothing when there is none within a second.
std::string metrics_at(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in there{};
  there.sin_family = AF_INET;
  there.sin_port = htons(port);
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string text;
  constexpr std::string_view request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0 &&
      ::send(socket, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
    char block[4096];
    for (ssize_t size = 0; (size = ::recv(socket, block, sizeof block, 0)) > 0;) text.append(block, static_cast<std::size_t>(size));
  }
  ::close(socket);
  return text;
}

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof own;
  REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&own), size) == 0);
  REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) == 0);
  ::close(socket);
  return ntohs(own.sin_port);
}

bool stands(const std::string& text, const std::string& line) { return text.find("\nconclave_relay_" + line + "\n") != std::string::npos; }

bool tells(std::uint16_t port, const std::string& line) {
  for (int round = 0; round < 100; ++round) {
    if (stands(metrics_at(port), line)) return true;
    std::this_thread::sleep_for(100ms);
  }
  return false;
}

}  // namespace

TEST_CASE("a relay without disk and without descriptors carries its meeting, counts both, and recovers", "[runtime][relay_program]") {
  const TemporaryFolder folder;
  const std::uint16_t port = free_port();
  const RelayProgram relay(folder, "metrics_port = " + std::to_string(port) + "\n", {"--state-file", folder / "rooms.db"});
  Program host(folder, "host", host_at(relay.place(), {}));
  const auto link = host.link();
  REQUIRE(tells(port, "state_kept 1"));
  limit(relay.process(), RLIMIT_FSIZE, 4096);
  Program guest(folder, "guest", join_arguments(link, {"--video", "none", "--duration", "4"}));
  CHECK(tells(port, "state_writes_failed_total 1"));
  CHECK(tells(port, "state_kept 0"));
  limit(relay.process(), RLIMIT_NOFILE, 3);
  CHECK(metrics_at(port).empty());  // accepted by nobody
  const std::string place = relay.place();
  const auto tcp_port = static_cast<std::uint16_t>(std::stoi(place.substr(place.find(':') + 1)));
  CHECK(metrics_at(tcp_port).empty());  // nor is a member over TCP
  limit(relay.process(), RLIMIT_FSIZE, RLIM_INFINITY);
  limit(relay.process(), RLIMIT_NOFILE, 1024);
  CHECK(guest.wait(30s) == 0);  // the whole call
  CHECK(tells(port, "state_kept 1"));
  CHECK(tells(port, "state_snapshots_total 1"));
  CHECK_FALSE(stands(metrics_at(port), "accepts_failed_total 0"));
  CHECK_FALSE(stands(metrics_at(port), "tcp_connections_total{reason=\"no_descriptors\"} 0"));
  CHECK(metrics_at(port).find("tcp_connections_total{reason=\"no_descriptors\"}") != std::string::npos);
}
#endif

TEST_CASE("a relay that cannot start says why", "[runtime][relay_program]") {
  const TemporaryFolder folder;
  Program wrong(folder, "wrong", {"--listen", "example.org"}, CONCLAVE_RELAY_PROGRAM);
  CHECK(wrong.wait(10s) == 1);
  CHECK(wrong.err().find("cannot start") != std::string::npos);
}

#ifndef CONCLAVE_SANITIZED  // sanitizers need more of the system
namespace {

/// What becomes of a process that does `act` inside the sandbox: its exit code, or 128 and the signal.
template <class Act>
int fate_of(Act act) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    if (!relay_program::enter_sandbox()) ::_exit(99);
    ::_exit(act());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

TEST_CASE("in the sandbox no program starts and no socket is made", "[runtime][relay_program][attack]") {
  CHECK(fate_of([] { return 7; }) == 7);
  CHECK(fate_of([] { return ::execl("/bin/true", "true", nullptr); }) == 128 + SIGSYS);
  CHECK(fate_of([] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 1 : 2; }) == 128 + SIGSYS);
  CHECK(fate_of([] { return ::mkdir("/tmp/conclave-sandbox", 0700) != 0 && errno == EPERM ? 3 : 4; }) == 3);
}
#endif

}  // namespace conclave::test
