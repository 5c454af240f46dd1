// A UDP socket of a member, or of the relay that it embeds.
#pragma once

#include <optional>

#include "base/result.h"
#include "conclave/bytes.h"
#include "transport/address.h"

namespace conclave::runtime {

/// One unconnected UDP socket for both families, or for IPv4 alone where the machine has no IPv6. Never blocks.
class DatagramSocket {
 public:
  /// Bound to `local`, whose address may be a wildcard and whose port may be 0. `io_error` when the system refuses.
  static Result<DatagramSocket> open(const transport::Address& local = {});
  DatagramSocket(DatagramSocket&& other) noexcept;
  DatagramSocket& operator=(DatagramSocket&&) = delete;
  ~DatagramSocket();

  /// The next datagram, cut off at the size of `buffer`; nothing when none waits.
  struct Received {
    transport::Address from;
    ByteView bytes;  ///< a part of `buffer`
  };
  std::optional<Received> receive(ByteSpan buffer);
  /// Sends, or drops where the system cannot take it: datagrams may be lost.
  void send(const transport::Address& to, ByteView bytes);

  /// What it is bound to.
  [[nodiscard]] transport::Address local() const;
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  DatagramSocket(int descriptor, bool v4_only) : descriptor_(descriptor), v4_only_(v4_only) {}

  int descriptor_;
  bool v4_only_;
};

}  // namespace conclave::runtime
