// TCP that never blocks and keeps little unsent data in the kernel, so that what is urgent does not wait behind what is not.
#pragma once

#include <cstddef>
#include <optional>

#include "base/result.h"
#include "conclave/bytes.h"
#include "transport/address.h"

namespace conclave::runtime {

/// What one call moved. `over`: the stream has ended or is broken.
struct TcpTransfer {
  std::size_t size = 0;
  bool over = false;
};

/// One stream. Move-only; closed with its owner.
class TcpSocket {
 public:
  /// Unsent bytes in the kernel, about (tcp(7), TCP_NOTSENT_LOWAT).
  static constexpr int most_unsent = 4096;

  /// Takes the descriptor over and sets its options.
  explicit TcpSocket(int descriptor);
  /// Begins a connection; until it stands nothing is sent or received. `unreachable` when the system refuses at once.
  static Result<TcpSocket> connect(const transport::Address& to);

  TcpSocket(TcpSocket&& other) noexcept;
  TcpSocket& operator=(TcpSocket&& other) noexcept;
  ~TcpSocket();

  [[nodiscard]] int descriptor() const { return descriptor_; }
  TcpTransfer receive(ByteSpan into);
  TcpTransfer send(ByteView bytes);
  /// Nothing more will be sent; what was, arrives.
  void end_output();

 private:
  int descriptor_ = -1;
};

/// Waits for streams.
class TcpListener {
 public:
  struct Arrival {
    TcpSocket socket;
    transport::Address from;
  };

  /// As for UDP: an IPv6 wildcard takes IPv4 too. `io_error` with the system's words.
  static Result<TcpListener> bind(const transport::Address& local);
  TcpListener(TcpListener&& other) noexcept;
  TcpListener& operator=(TcpListener&& other) noexcept;
  ~TcpListener();

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] const transport::Address& local_address() const { return local_; }
  /// The next one; nothing when there is none now. `exhausted`: the system has no descriptors or memory left, and it waits on.
  std::optional<Arrival> accept(bool& exhausted);

 private:
  explicit TcpListener(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
  transport::Address local_;
};

}  // namespace conclave::runtime
