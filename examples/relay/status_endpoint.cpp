#include "status_endpoint.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <thread>
#include <utility>

namespace conclave::relay_program {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

constexpr int most_sessions = 16;
constexpr auto session_time = std::chrono::seconds(5);
constexpr std::uint32_t most_header_bytes = 8192;

using Request = http::request<http::empty_body>;
using Response = http::response<http::string_body>;

Response answer(const Request& request, const StatusEndpoint::Source& source) {
  Response response{http::status::ok, request.version()};
  response.set(http::field::content_type, "text/plain; version=0.0.4");
  response.set(http::field::cache_control, "no-store");
  response.keep_alive(false);
  if (request.method() != http::verb::get) {
    response.result(http::status::method_not_allowed);
  } else if (request.target() == "/metrics") {
    response.body() = source.metrics();
  } else if (request.target() == "/health") {
    const bool healthy = source.healthy();
    response.result(healthy ? http::status::ok : http::status::service_unavailable);
    response.body() = healthy ? "ok\n" : "draining\n";
  } else {
    response.result(http::status::not_found);
  }
  response.prepare_payload();
  return response;
}

/// One request and its answer, within five seconds.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const StatusEndpoint::Source& source, int& count)
      : stream_(std::move(socket)), source_(source), count_(count) {
    ++count_;
    parser_.header_limit(most_header_bytes);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { --count_; }

  void begin() {
    stream_.expires_after(session_time);
    http::async_read(stream_, buffer_, parser_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) self->reply();
    });
  }

 private:
  void reply() {
    response_ = answer(parser_.get(), source_);
    http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code, std::size_t) {
      beast::error_code ignored;
      self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    });
  }

  beast::tcp_stream stream_;
  const StatusEndpoint::Source& source_;
  int& count_;
  beast::flat_buffer buffer_{2 * most_header_bytes};
  http::request_parser<http::empty_body> parser_;
  Response response_;
};

}  // namespace

class StatusEndpoint::State {
 public:
  State(std::uint16_t number, Source source)
      : source_(counting(std::move(source))), acceptor_(context_, {asio::ip::address_v4::loopback(), number}) {
    accept();
    thread_ = std::thread([this] { context_.run(); });
  }
  ~State() {
    context_.stop();
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  /// Metrics with what this endpoint alone knows.
  Source counting(Source source) {
    const auto metrics = std::move(source.metrics);
    source.metrics = [this, metrics] {
      return metrics() + "# TYPE conclave_relay_accepts_failed_total counter\nconclave_relay_accepts_failed_total " + std::to_string(accepts_failed_) + "\n";
    };
    return source;
  }
  void accept() {
    acceptor_.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (!error && sessions_ < most_sessions) std::make_shared<Session>(std::move(socket), source_, sessions_)->begin();
      if (!error) return accept();
      ++accepts_failed_;
      pause_.expires_after(std::chrono::milliseconds(100));  // no descriptors left: later there may be
      pause_.async_wait([this](beast::error_code stopped) {
        if (!stopped) accept();
      });
    });
  }

  Source source_;
  int sessions_ = 0;
  std::uint64_t accepts_failed_ = 0;  ///< no descriptors left, mostly
  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer pause_{context_};
  std::thread thread_;
};

StatusEndpoint::StatusEndpoint(std::uint16_t port, Source source) : state_(std::make_unique<State>(port, std::move(source))) {}
StatusEndpoint::~StatusEndpoint() = default;
std::uint16_t StatusEndpoint::port() const { return state_->port(); }

}  // namespace conclave::relay_program
