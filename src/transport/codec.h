// Protobuf on the control, handshake and application channels (proto/relay.proto).
#pragma once

#include "base/result.h"
#include "transport/messages.h"

namespace conclave::transport {

Bytes encode(const ClientMessage& message);
Bytes encode(const RelayMessage& message);
/// Strict: a missing or unknown body, a field outside its documented size, an id out of range, a stream named twice, or any
/// other spelling than the one that `encode` writes (unknown fields, trailing bytes) is `malformed`. Only a Hello of
/// another `version` may hold fields that we do not know. Allocates in proportion to the input.
Result<ClientMessage> decode_client_message(ByteView bytes);
Result<RelayMessage> decode_relay_message(ByteView bytes);

}  // namespace conclave::transport
