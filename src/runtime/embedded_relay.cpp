#include "runtime/embedded_relay.h"

#include <poll.h>

#include <algorithm>

#include "relay/memory_commit_log.h"
#include "relay/pump.h"
#include "runtime/steady_time.h"
#include "transport/quic/server.h"

namespace conclave::runtime {
namespace {

constexpr std::size_t most_datagrams_at_once = 64;
constexpr Duration goodbye_time = std::chrono::milliseconds(300);

timespec left_until(Time deadline, Time now) {
  const auto left = std::clamp<Duration>(deadline - now, Duration::zero(), std::chrono::hours(1));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  return {seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
}

}  // namespace

/// What the relay's thread works with.
struct EmbeddedRelay::Parts {
  std::unique_ptr<transport::quic::QuicServer> server;
  relay::Limits limits;
  relay::MemoryCommitLog log{limits.log_entries, limits.log_bytes};
  relay::Relay relay{limits, log, crypto::system_random()};
};

Result<std::unique_ptr<EmbeddedRelay>> EmbeddedRelay::start(const transport::Address& local,
                                                            transport::quic::RelayKey key) {
  CONCLAVE_ASSIGN(socket, DatagramSocket::open(local));
  std::unique_ptr<EmbeddedRelay> relay(new EmbeddedRelay(std::move(socket), std::move(key)));
  CONCLAVE_ASSIGN(server, transport::quic::QuicServer::make(relay->key_, {}, crypto::system_random()));
  relay->parts_ = std::make_unique<Parts>();
  relay->parts_->server = std::move(server);
  relay->thread_ = std::thread([self = relay.get()] { self->run(*self->parts_); });
  return relay;
}

EmbeddedRelay::EmbeddedRelay(DatagramSocket socket, transport::quic::RelayKey key)
    : key_(std::move(key)), socket_(std::move(socket)), local_(socket_.local()) {}

EmbeddedRelay::~EmbeddedRelay() {
  stopping_.store(true);
  waker_.wake();
  if (thread_.joinable()) thread_.join();
}

void EmbeddedRelay::run(Parts& parts) {
  std::array<std::uint8_t, 2048> buffer{};
  Time stop_at = never;
  for (Time now = steady_now(); now < stop_at; now = steady_now()) {
    if (stopping_.load()) stop_at = std::min(stop_at, parts.server->connections() == 0 ? now : now + goodbye_time);
    for (std::size_t count = 0; count < most_datagrams_at_once; ++count) {
      const auto datagram = socket_.receive(buffer);
      if (!datagram) break;
      parts.server->receive(datagram->from, datagram->bytes, now);
    }
    const Time next = relay::pump(parts.relay, *parts.server, now);
    for (const auto& packet : parts.server->transmit(now)) socket_.send(packet.to, packet.bytes);
    const timespec timeout = left_until(std::min({next, stop_at, parts.server->next_deadline()}), steady_now());
    pollfd watched[] = {{socket_.descriptor(), POLLIN, 0}, {stopping_.load() ? -1 : waker_.descriptor(), POLLIN, 0}};
    ::ppoll(watched, 2, &timeout, nullptr);
  }
}

}  // namespace conclave::runtime
