// Protobuf on the control, handshake and application channels (proto/relay.proto).
#pragma once

#include "base/result.h"
#include "transport/messages.h"

namespace conclave::transport {

Bytes encode(const ClientMessage& message);
Bytes encode(const RelayMessage& message);
/// Strict: a missing or unknown oneof, a field outside its documented size, or an id out of range is `malformed`.
Result<ClientMessage> decode_client_message(ByteView bytes);
Result<RelayMessage> decode_relay_message(ByteView bytes);

}  // namespace conclave::transport
