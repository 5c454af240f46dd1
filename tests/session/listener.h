// One listener's memory of what a speaker said and stated, in virtual time.
#pragma once

#include <catch2/catch.hpp>

#include "session/frame_statement.h"

namespace conclave::test {

inline constexpr room::RoomId stated_room{4, 2};

inline session::FramePlace place(std::uint64_t counter) { return {7, 3, 0, counter}; }
inline session::SignedUnit unit(std::uint64_t counter, std::uint8_t content = 1) { return {place(counter), Bytes(32, content), Bytes(64, 9)}; }

/// A speaker's statement of the frames from `first` to before `end`, with this content.
inline session::FrameStatement stating(std::uint64_t first, std::uint64_t end, std::uint8_t content = 1) {
  session::FrameStatement statement;
  for (std::uint64_t n = first; n < end; ++n) statement.add(place(n), n, unit(n, content).digest(stated_room));
  return statement;
}

struct Listener {
  session::FrameWitness witness;
  session::FrameWitness::Who who = std::make_shared<const session::Speaker>(session::Speaker{Bytes(32, 5), "Eve"});
  Time now{std::chrono::seconds(1000)};
  bool speaks = true;  ///< the speaker's heartbeats come
  Duration pace = std::chrono::seconds(3);
  Time last_word = now;
  Time next_word = now;
  void hear(std::uint64_t counter, std::uint8_t content = 1) { witness.hear(stated_room, unit(counter, content), who); }
  void state(const session::FrameStatement& statement) {
    last_word = now;
    witness.state({3, who, 7, statement}, [](const session::StatedFrames& run) { return run.epoch == 7 && run.context < 8; });
  }
  /// What is noticed while time passes. Who is silent for nine seconds is named for that by all heartbeats.
  std::vector<FrameDoubt> wait(Duration time) {
    std::vector<FrameDoubt> all;
    for (const Time end = now + time; now < end; now += std::chrono::milliseconds(250)) {
      if (speaks && now >= next_word) witness.note_word(*who), last_word = now, next_word = now + pace;
      if (now - last_word >= std::chrono::seconds(9)) witness.excuse(*who);
      for (FrameDoubt& doubt : witness.review(now)) all.push_back(std::move(doubt));
    }
    return all;
  }
  void end_epoch(session::FrameWitness::Seat seat) {
    witness.retain([seat](std::uint64_t, std::uint32_t, const session::Speaker&) { return seat; });
  }
};

}  // namespace conclave::test
