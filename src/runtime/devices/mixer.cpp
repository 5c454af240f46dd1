#include "runtime/devices/mixer.h"

#include <algorithm>
#include <limits>

namespace conclave::runtime {
namespace {

constexpr std::size_t samples_in_hand = audio_sample_rate / 25;
constexpr std::size_t samples_kept = audio_sample_rate / 5;
constexpr std::size_t members_heard = 64;

std::int16_t clamped(int sum) {
  using Limits = std::numeric_limits<std::int16_t>;
  return static_cast<std::int16_t>(std::clamp<int>(sum, Limits::min(), Limits::max()));
}

}  // namespace

void Mixer::add(MemberId member, const AudioFrame& frame) {
  const std::lock_guard lock(mutex_);
  if (lines_.size() >= members_heard && !lines_.contains(member)) return;
  auto& line = lines_[member];
  for (std::size_t at = 0; at + static_cast<std::size_t>(frame.channels) <= frame.samples.size();
       at += static_cast<std::size_t>(frame.channels)) {
    line.samples.push_back(frame.channels == 1 ? frame.samples[at]
                                               : clamped((frame.samples[at] + frame.samples[at + 1]) / 2));
  }
  if (line.samples.size() > samples_kept) {
    line.samples.erase(line.samples.begin(), line.samples.end() - static_cast<std::ptrdiff_t>(samples_in_hand));
  }
  if (line.samples.size() >= samples_in_hand) line.running = true;
}

void Mixer::take(std::span<std::int16_t> block) {
  std::fill(block.begin(), block.end(), std::int16_t{0});
  const std::lock_guard lock(mutex_);
  for (auto line = lines_.begin(); line != lines_.end();) {
    auto& samples = line->second.samples;
    const auto count = line->second.running ? std::min(block.size(), samples.size()) : 0;
    for (std::size_t at = 0; at < count; ++at) block[at] = clamped(block[at] + samples[at]);
    samples.erase(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(count));
    line = line->second.running && samples.empty() ? lines_.erase(line) : std::next(line);
  }
}

}  // namespace conclave::runtime
