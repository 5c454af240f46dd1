// The relay that a host brings along.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <thread>

#include "runtime/datagram_socket.h"
#include "runtime/waker.h"
#include "transport/quic/relay_key.h"

namespace conclave::runtime {

/// A relay with a thread of its own, from `start` to the end of this object.
class EmbeddedRelay {
 public:
  /// Listens at `local`. `io_error` when that cannot be had.
  static Result<std::unique_ptr<EmbeddedRelay>> start(const transport::Address& local, transport::quic::RelayKey key);
  EmbeddedRelay(const EmbeddedRelay&) = delete;
  EmbeddedRelay& operator=(const EmbeddedRelay&) = delete;
  ~EmbeddedRelay();

  [[nodiscard]] const transport::Address& local() const { return local_; }
  [[nodiscard]] const transport::quic::KeyHash& key_hash() const { return key_.hash(); }

 private:
  struct Parts;
  EmbeddedRelay(DatagramSocket socket, transport::quic::RelayKey key);
  void run(Parts& parts);

  transport::quic::RelayKey key_;
  DatagramSocket socket_;
  transport::Address local_;
  Waker waker_;
  std::atomic<bool> stopping_ = false;
  std::unique_ptr<Parts> parts_;
  std::thread thread_;
};

}  // namespace conclave::runtime
