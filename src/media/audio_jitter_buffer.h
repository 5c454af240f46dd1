// Orders the sound of one sender and says, for each 20 ms, how to make it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "conclave/bytes.h"
#include "conclave/time.h"
#include "media/playout_clock.h"
#include "media/sequence.h"

namespace conclave::media {

/// An authenticated frame of sound.
struct AudioArrival {
  std::uint16_t frame_number = 0;
  Time capture_time{};
  int channels = 1;
  Bytes packet;
};

/// What to do for 20 ms of playout.
struct AudioPlayout {
  enum class Action : std::uint8_t {
    decode,      ///< `packet` is the frame
    decode_fec,  ///< the frame is lost; `packet` is the next one, which may carry it in-band, and comes again with
                 ///< `decode`
    conceal,     ///< the frame is lost, and so is the next one
  };
  Action action = Action::conceal;
  Time play_at{};
  Time capture_time{};
  int channels = 1;
  Bytes packet;
};

struct AudioBufferCounters {
  std::uint64_t received = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t late = 0;       ///< came after its turn
  std::uint64_t lost = 0;       ///< numbers passed over: never came, or came late
  std::uint64_t concealed = 0;  ///< `decode_fec` and `conceal` handed out
  std::uint64_t overflow = 0;   ///< dropped for want of room
};

/// Bounded: at most `max_frames`. Frame numbers of a stream are consecutive.
class AudioJitterBuffer {
 public:
  static constexpr std::size_t max_frames = 128;
  static constexpr int max_concealed = 10;  ///< in a row; then it falls silent until the next frame

  void push(AudioArrival frame);

  /// What is due at `now`, one at a time: call until it returns nothing.
  std::optional<AudioPlayout> take_due(Time now, const PlayoutClock& clock);

  /// When `take_due` has to be called; `never` when it waits for a frame.
  [[nodiscard]] Time next_deadline(const PlayoutClock& clock) const;

  [[nodiscard]] const AudioBufferCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t size() const { return frames_.size(); }

 private:
  /// The frame whose turn is next, and when it was captured as far as is known.
  struct Turn {
    std::int64_t number = 0;
    Time capture_time{};
  };
  [[nodiscard]] std::optional<Turn> turn() const;
  AudioPlayout play(std::int64_t number);
  AudioPlayout make_up(const Turn& missing);
  void pass(std::int64_t number, Time capture_time);
  [[nodiscard]] bool is_late(std::int64_t number, Time capture_time) const;

  Unwrapper<16> numbers_;
  std::map<std::int64_t, AudioArrival> frames_;
  std::optional<Turn> next_;            ///< nothing before the first frame and while silent
  std::optional<std::int64_t> played_;  ///< the highest number that was there at its turn
  Time made_up_until_{};                ///< capture time up to which frames were made up since
  int concealed_in_a_row_ = 0;
  int channels_ = 1;
  AudioBufferCounters counters_;
};

}  // namespace conclave::media
