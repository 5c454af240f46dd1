// A relay in this process without a socket: what an application may put at the other end of its carrier.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "relay/memory_commit_log.h"
#include "relay/relay.h"
#include "support.h"
#include "transport/quic/server.h"

namespace conclave_abi {

/// Datagrams of members, each under a port of its own, in; what the relay answers, into their calls.
class InProcessRelay {
 public:
  InProcessRelay();
  ~InProcessRelay();
  InProcessRelay(const InProcessRelay&) = delete;
  InProcessRelay& operator=(const InProcessRelay&) = delete;

  /// HOST:PORT#KEY of a relay that has no address.
  [[nodiscard]] std::string place() const;
  void take(std::uint16_t port, const std::uint8_t* datagram, std::size_t size);
  /// Where answers to `port` go from now on; 0: nowhere.
  void answer(std::uint16_t port, conclave_handle call);
  /// The datagrams that the relay has sent to `port`, the first 1,000.
  [[nodiscard]] std::vector<conclave::Bytes> brought_to(std::uint16_t port);

 private:
  void run();
  void note(std::uint16_t port, const conclave::Bytes& bytes);
  std::deque<std::pair<std::uint16_t, conclave::Bytes>> wait();

  conclave::transport::quic::RelayKey key_;
  std::unique_ptr<conclave::transport::quic::QuicServer> server_;
  conclave::relay::MemoryCommitLog log_{1024, std::size_t{16} << 20};
  conclave::relay::Relay relay_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::pair<std::uint16_t, conclave::Bytes>> datagrams_;
  std::array<std::atomic<conclave_handle>, 4> calls_{};
  std::array<std::vector<conclave::Bytes>, 4> brought_{};  ///< under `mutex_`
  bool over_ = false;
  std::thread thread_;
};

/// One member's way to the relay, for `conclave_carrier`.
struct Wire {
  InProcessRelay& relay;
  std::uint16_t port;
  std::atomic<int> sent = 0, closed = 0;

  Wire(InProcessRelay& its_relay, std::uint16_t its_port) : relay(its_relay), port(its_port) {}
  conclave_carrier carrier();
  /// What was sent, the first 1,000.
  [[nodiscard]] std::vector<conclave::Bytes> datagrams() {
    const std::lock_guard lock(mutex);
    return kept;
  }
  std::mutex mutex;
  std::vector<conclave::Bytes> kept;
};

}  // namespace conclave_abi
