#include "runtime/devices/speech.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <numbers>
#include <string>

#include "conclave/devices.h"

extern "C" {
#include <flite/flite.h>
cst_voice* register_cmu_us_kal16(const char* voice_directory);
}

namespace conclave::runtime {
namespace {

constexpr std::size_t pause_samples = audio_sample_rate / 2;
constexpr int spoken_rate = audio_sample_rate / 3;
constexpr int half_taps = 8;  // input samples on either side of an output sample

std::string text_of(unsigned number) {
  static constexpr std::array<const char*, 4> remarks{
      "The door is locked, and only the two of us are in the room.",
      "Whoever carries our words between us cannot understand them.",
      "Please compare the safety code with me over another line.",
      "The keys change while we speak, and the old ones are forgotten.",
  };
  return "This is sentence number " + std::to_string(number) + ". " + remarks[number % remarks.size()];
}

/// Weight of an input sample that is `distance` input samples away.
double sinc_weight(double distance) {
  if (std::abs(distance) >= half_taps) return 0.0;
  const double window = 0.5 + 0.5 * std::cos(std::numbers::pi * distance / half_taps);
  const double x = std::numbers::pi * distance;
  return window * (std::abs(x) < 1e-9 ? 1.0 : std::sin(x) / x);
}

}  // namespace

std::vector<std::int16_t> upsample_by_three(const std::int16_t* samples, std::size_t count) {
  std::array<std::array<double, 2 * half_taps>, 3> weights{};
  for (int phase = 0; phase < 3; ++phase) {
    for (int tap = 0; tap < 2 * half_taps; ++tap) {
      weights[static_cast<std::size_t>(phase)][static_cast<std::size_t>(tap)] =
          sinc_weight(tap - half_taps + 1 - phase / 3.0);
    }
  }
  std::vector<std::int16_t> result(count * 3);
  const auto last = static_cast<std::ptrdiff_t>(count) - 1;
  for (std::size_t at = 0; at < result.size(); ++at) {
    const auto& filter = weights[at % 3];
    double sum = 0;
    for (std::ptrdiff_t tap = 0; tap < 2 * half_taps; ++tap) {
      const auto source = static_cast<std::ptrdiff_t>(at / 3) + tap - half_taps + 1;
      if (source >= 0 && source <= last) sum += filter[static_cast<std::size_t>(tap)] * samples[source];
    }
    result[at] = static_cast<std::int16_t>(std::clamp(std::lround(sum), -32768L, 32767L));
  }
  return result;
}

std::vector<std::int16_t> speak_sentence(unsigned number) {
  auto sound = speak(text_of(number));
  sound.resize(sound.size() + pause_samples);
  return sound;
}

}  // namespace conclave::runtime

namespace conclave {

std::vector<std::int16_t> speak(const std::string& text) {
  static std::mutex flite;  // its voices and lexicon are global
  const std::lock_guard lock(flite);
  static cst_voice* const voice = (::flite_init(), ::register_cmu_us_kal16(nullptr));
  cst_wave* wave = ::flite_text_to_wave(text.c_str(), voice);
  std::vector<std::int16_t> sound;
  if (wave != nullptr && wave->sample_rate == runtime::spoken_rate && wave->num_channels == 1) {
    sound = runtime::upsample_by_three(wave->samples, static_cast<std::size_t>(wave->num_samples));
  }
  if (wave != nullptr) ::delete_wave(wave);
  return sound;
}

}  // namespace conclave
