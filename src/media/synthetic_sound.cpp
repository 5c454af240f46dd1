#include "media/synthetic_sound.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace conclave::media {

namespace {

constexpr double rate = audio_sample_rate;
constexpr std::int64_t syllable_samples = audio_sample_rate / 4;
constexpr std::int64_t syllables_in_phrase = 7;  // and one of silence
constexpr double level = 2'000;
constexpr std::int64_t click_samples = audio_sample_rate / 500;
constexpr double click_level = 16'000;

/// The first three formants of some vowels, in Hz.
struct Vowel {
  double formants[3];
};
constexpr std::array<Vowel, 5> vowels = {Vowel{{730, 1090, 2440}}, Vowel{{530, 1840, 2480}}, Vowel{{270, 2290, 3010}},
                                         Vowel{{570, 840, 2410}}, Vowel{{300, 870, 2240}}};
constexpr double bandwidths[3] = {90, 110, 160};

std::int64_t modulo(std::int64_t value, std::int64_t by) { return ((value % by) + by) % by; }

/// Rises within 30 ms, falls towards the end of the syllable.
double envelope(std::int64_t within) {
  const double part = static_cast<double>(within) / static_cast<double>(syllable_samples);
  return std::min(1.0, part / 0.12) * std::clamp((1 - part) / 0.35, 0.0, 1.0);
}

}  // namespace

double SyntheticSound::Resonator::filter(double input, double frequency, double bandwidth) {
  const double radius = std::exp(-std::numbers::pi * bandwidth / rate);
  const double a = 2 * radius * std::cos(2 * std::numbers::pi * frequency / rate);
  const double output = (1 - radius) * input + a * y1 - radius * radius * y2;
  y2 = y1;
  y1 = output;
  return output;
}

double SyntheticSound::voice_sample(std::int64_t sample) {
  const auto syllable = sample / syllable_samples - (sample % syllable_samples < 0 ? 1 : 0);
  const bool pause = modulo(syllable, syllables_in_phrase + 1) == syllables_in_phrase;
  const double melody = std::sin(2 * std::numbers::pi * static_cast<double>(modulo(sample, 96'000)) / 96'000);
  const double pitch = 105 + 25 * (options_.voice % 5) + 15 * melody;
  phase_ += pitch / rate;
  double pulse = 0;
  if (phase_ >= 1) {
    phase_ -= 1;
    pulse = pause ? 0 : envelope(modulo(sample, syllable_samples)) * 60;
  }
  const auto& vowel = vowels[static_cast<std::size_t>(modulo(syllable * 3 + options_.voice, vowels.size()))];
  double sum = 0;
  for (int i = 0; i < 3; ++i) sum += formants_[i].filter(pulse, vowel.formants[i], bandwidths[i]) / (1 + i);
  return sum * level;
}

AudioFrame SyntheticSound::next(Time capture_time) {
  AudioFrame frame{capture_time, options_.channels, {}};
  frame.samples.reserve(static_cast<std::size_t>(audio_frame_samples * options_.channels));
  const auto us = capture_time.time_since_epoch().count();
  const auto first = us * (audio_sample_rate / 1000) / 1000;
  for (std::int64_t i = 0; i < audio_frame_samples; ++i) {
    double value = voice_sample(first + i);
    if (options_.click && modulo(first + i, audio_sample_rate) < click_samples)
      value = i % 2 == 0 ? click_level : -click_level;
    const auto rounded = static_cast<std::int16_t>(std::clamp(value, -32'000.0, 32'000.0));
    frame.samples.insert(frame.samples.end(), static_cast<std::size_t>(options_.channels), rounded);
  }
  return frame;
}

}  // namespace conclave::media
