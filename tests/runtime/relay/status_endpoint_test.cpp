#include "status_endpoint.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <vector>

#include "../support.h"
#include "journal.h"
#include "metrics_text.h"

namespace conclave::relay_program {
namespace {

/// A TCP connection to the endpoint.
class Caller {
 public:
  explicit Caller(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  ~Caller() { ::close(socket_); }
  std::string ask(const std::string& text) {
    (void)::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    std::string out;
    char block[4096];
    for (ssize_t size = 0; (size = ::recv(socket_, block, sizeof block, 0)) > 0;) out.append(block, static_cast<std::size_t>(size));
    return out;
  }

 private:
  int socket_;
};

std::string get(std::uint16_t port, const std::string& path) { return Caller(port).ask("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"); }

}  // namespace

TEST_CASE("metrics and health are served over HTTP, and nothing else", "[runtime][relay_program]") {
  std::atomic<bool> healthy = true;
  StatusEndpoint endpoint(0, {[] { return std::string("a 1\n"); }, [&] { return healthy.load(); }});
  CHECK(get(endpoint.port(), "/metrics").find("\r\n\r\na 1\n# TYPE conclave_relay_accepts_failed_total counter\n") != std::string::npos);
  CHECK(get(endpoint.port(), "/health").starts_with("HTTP/1.1 200"));
  healthy = false;
  CHECK(get(endpoint.port(), "/health").starts_with("HTTP/1.1 503"));
  CHECK(get(endpoint.port(), "/").starts_with("HTTP/1.1 404"));
  CHECK(Caller(endpoint.port()).ask("POST /metrics HTTP/1.1\r\nContent-Length: 0\r\n\r\n").starts_with("HTTP/1.1 405"));
}

TEST_CASE("callers that say nothing, too much or nonsense do not stop the endpoint", "[runtime][relay_program][attack]") {
  StatusEndpoint endpoint(0, {[] { return std::string("a 1\n"); }, [] { return true; }});
  CHECK(Caller(endpoint.port()).ask(std::string(100'000, 'x')).find("200") == std::string::npos);
  CHECK(Caller(endpoint.port()).ask("GET /" + std::string(20'000, 'y') + " HTTP/1.1\r\n\r\n").find("200") == std::string::npos);
  {
    std::vector<std::unique_ptr<Caller>> silent;
    for (int i = 0; i < 40; ++i) silent.push_back(std::make_unique<Caller>(endpoint.port()));
  }
  bool answered = false;
  for (int i = 0; i < 50 && !answered; ++i) {
    answered = get(endpoint.port(), "/health").find(" 200 ") != std::string::npos;
    if (!answered) ::usleep(100'000);
  }
  CHECK(answered);
}

TEST_CASE("metrics are written as Prometheus reads them", "[runtime][relay_program]") {
  const auto text = metrics_text({{"rooms", "", false, 2}, {"knocks_total", "forged", true, 7}, {"knocks_total", "expired", true, 0}});
  CHECK(text == "# TYPE conclave_relay_rooms gauge\nconclave_relay_rooms 2\n# TYPE conclave_relay_knocks_total counter\n"
                "conclave_relay_knocks_total{reason=\"forged\"} 7\nconclave_relay_knocks_total{reason=\"expired\"} 0\n");
}

TEST_CASE("a line of the log is one line, whatever stands in it", "[runtime][relay_program]") {
  const auto line = journal_line("refused", {{"reason", "a \"b\"\n\x1b[2J\xff"}});
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.find('\x1b') == std::string::npos);
  CHECK(line.starts_with(R"({"event":"refused","reason":"a \"b\"\n)"));
}

}  // namespace conclave::relay_program
