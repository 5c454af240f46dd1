// Which right a stream needs.
#pragma once

#include "conclave/frame_sealer.h"
#include "conclave/policy.h"

namespace conclave::session {

/// By the stream's number modulo 4: sound, picture, picture of a screen, sound of a screen.
constexpr Right right_of_stream(unsigned stream) {
  constexpr Right rights[] = {Right::publish_audio, Right::publish_video, Right::publish_screen, Right::publish_screen};
  return rights[stream % 4];
}

/// The streams that somebody with these rights may send, a bit each.
constexpr std::uint16_t streams_of(Rights rights) {
  unsigned streams = 0;
  for (unsigned stream = 0; stream < max_streams; ++stream) streams |= rights.has(right_of_stream(stream)) ? 1U << stream : 0U;
  return static_cast<std::uint16_t>(streams);
}

}  // namespace conclave::session
