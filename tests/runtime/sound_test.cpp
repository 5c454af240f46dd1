#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "conclave/devices.h"
#include "runtime/devices/mixer.h"
#include "runtime/devices/speech.h"
#include "runtime/steady_time.h"

namespace conclave::runtime {

double loudness(const std::vector<std::int16_t>& samples) {
  double sum = 0;
  for (const auto sample : samples) sum += double{1} * sample * sample;
  return std::sqrt(sum / static_cast<double>(samples.size()));
}

AudioFrame constant(std::int16_t value, int channels = 1) {
  return {{}, channels, std::vector<std::int16_t>(static_cast<std::size_t>(audio_frame_samples * channels), value)};
}

TEST_CASE("the voice says something different each time, and the same for the same number", "[runtime]") {
  const auto first = speak_sentence(1);
  CHECK(first.size() > 2 * audio_sample_rate);
  CHECK(first.size() < 10 * audio_sample_rate);
  CHECK(loudness(first) > 500);
  CHECK(first == speak_sentence(1));
  CHECK(first != speak_sentence(2));
  CHECK(std::all_of(first.end() - 100, first.end(), [](std::int16_t sample) { return sample == 0; }));
}

TEST_CASE("three times as many samples keep a tone and add no other", "[runtime]") {
  const auto tone = [](double at, double rate) { return 10'000 * std::sin(2 * std::numbers::pi * 1000 * at / rate); };
  std::vector<std::int16_t> slow(1600);
  for (std::size_t at = 0; at < slow.size(); ++at)
    slow[at] = static_cast<std::int16_t>(tone(static_cast<double>(at), 16'000));
  const auto fast = upsample_by_three(slow.data(), slow.size());
  REQUIRE(fast.size() == 4800);
  double worst = 0;
  for (std::size_t at = 100; at < 4700; ++at)
    worst = std::max(worst, std::abs(fast[at] - tone(static_cast<double>(at), 48'000)));
  CHECK(worst < 100);
}

TEST_CASE("synthetic sound comes in real time, as many frames as were due", "[runtime]") {
  AudioConfig stereo;
  stereo.channels = 2;
  const auto source = synthetic_audio(stereo);
  const Time begun = steady_now();
  std::vector<std::int16_t> all;
  Time last{};
  for (int frame = 0; frame < 25; ++frame) {
    const auto next = source->next();
    REQUIRE(next.ok());
    REQUIRE(next->has_value());
    CHECK((*next)->samples.size() == 2 * audio_frame_samples);
    if (frame > 0) CHECK((*next)->capture_time - last == audio_frame_duration);
    last = (*next)->capture_time;
    all.insert(all.end(), (*next)->samples.begin(), (*next)->samples.end());
  }
  CHECK(steady_now() - begun > std::chrono::milliseconds(470));
  CHECK(steady_now() - begun < std::chrono::milliseconds(700));
  CHECK(loudness(all) > 100);
  source->stop();
  CHECK_FALSE(source->next()->has_value());
}

TEST_CASE("a mixer adds members up, and clips instead of wrapping", "[runtime]") {
  Mixer mixer;
  for (int frame = 0; frame < 2; ++frame) {
    mixer.add(1, constant(20'000));
    mixer.add(2, constant(frame == 0 ? 5 : 20'000));
  }
  std::vector<std::int16_t> block(audio_frame_samples);
  mixer.take(block);
  CHECK(block == constant(20'005).samples);
  mixer.take(block);
  CHECK(block == constant(32'767).samples);
  mixer.take(block);
  CHECK(block == constant(0).samples);
}

TEST_CASE("a mixer begins with two frames in hand and never keeps more than a fifth of a second", "[runtime]") {
  Mixer mixer;
  std::vector<std::int16_t> block(audio_frame_samples);
  mixer.add(1, constant(7));
  mixer.take(block);
  CHECK(block == constant(0).samples);
  for (std::int16_t frame = 0; frame < 50; ++frame) mixer.add(1, constant(frame));
  int full = 0;
  for (int frame = 0; frame < 50; ++frame) {
    mixer.take(block);
    full += block != constant(0).samples ? 1 : 0;
  }
  CHECK(full >= 2);
  CHECK(full <= 10);
}

TEST_CASE("a mixer takes stereo as the mean of both channels", "[runtime]") {
  Mixer mixer;
  auto stereo = constant(100, 2);
  for (std::size_t at = 1; at < stereo.samples.size(); at += 2) stereo.samples[at] = 300;
  mixer.add(1, stereo);
  mixer.add(1, stereo);
  std::vector<std::int16_t> block(audio_frame_samples);
  mixer.take(block);
  CHECK(block == constant(200).samples);
}

}  // namespace conclave::runtime
