// Messages for the relay, among what a conference tells its owner to do.
#pragma once

#include "conclave/conference.h"
#include "transport/codec.h"

namespace conclave::conference {

inline void send(ConferenceOutputs& out, Channel channel, const transport::ClientMessage& message) {
  out.emplace_back(SendMessage{channel, transport::encode(message)});
}

}  // namespace conclave::conference
