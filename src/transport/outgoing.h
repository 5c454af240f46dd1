// A datagram that waits to be sent.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "conclave/bytes.h"
#include "conclave/frame.h"
#include "transport/address.h"

namespace conclave::transport {

/// The beginning of a datagram whose rest is shared with others: in place, since there are many.
struct DatagramHead {
  std::array<std::uint8_t, 39> bytes{};
  std::uint8_t size = 0;

  [[nodiscard]] ByteView view() const { return ByteView(bytes).first(size); }
};

/// Either `bytes`, or `head` and behind it `payload`, which other datagrams may share.
struct OutgoingPacket {
  Address to;
  Bytes bytes;
  DatagramHead head{};
  SealedPayload payload{};

  [[nodiscard]] ByteView front() const { return head.size > 0 ? head.view() : ByteView(bytes); }
  [[nodiscard]] std::size_t size() const { return front().size() + payload.size(); }
};

/// The datagram in one piece.
inline Bytes whole(OutgoingPacket packet) {
  if (packet.head.size == 0) return std::move(packet.bytes);
  const ByteView head = packet.head.view();
  const ByteView tail = packet.payload.bytes();
  Bytes out(head.size() + tail.size());
  std::copy(tail.begin(), tail.end(), std::copy(head.begin(), head.end(), out.begin()));
  return out;
}

}  // namespace conclave::transport
