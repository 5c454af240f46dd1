// A datagram that waits to be sent.
#pragma once

#include "conclave/bytes.h"
#include "transport/address.h"

namespace conclave::transport {

struct OutgoingPacket {
  Address to;
  Bytes bytes;
};

}  // namespace conclave::transport
