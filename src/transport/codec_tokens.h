// Tokens leave no copy behind in what is parsed and serialized.
#pragma once

#include <string>

#include "base/secret.h"
#include "transport/proto/relay.pb.h"

namespace conclave::transport {

inline void wipe_text(std::string& text) { wipe(ByteSpan(reinterpret_cast<std::uint8_t*>(text.data()), text.size())); }

/// True when there may have been one.
inline bool wipe_tokens(proto::ClientMessage& message) {
  if (message.has_open_room()) wipe_text(*message.mutable_open_room()->mutable_token());
  if (message.has_resume()) wipe_text(*message.mutable_resume()->mutable_token());
  return message.has_open_room() || message.has_resume();
}

}  // namespace conclave::transport
