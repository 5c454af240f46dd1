#include "media/frame_losses.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace conclave::media {
namespace {

constexpr std::uint16_t longest_stride = 64;
constexpr std::uint16_t longest_step = 0x7fff;

std::uint16_t step_between(std::uint16_t from, std::uint16_t to) { return static_cast<std::uint16_t>(to - from); }

}  // namespace

FrameLosses::Slot FrameLosses::slot_of(const MediaHeader& header, bool lost_here) {
  return {header.frame.frame_number, true, header.start, header.end, lost_here};
}

void FrameLosses::push(const MediaHeader& header, std::uint64_t hop_losses) {
  if (slots_.empty()) return begin(header, hop_losses);
  const auto sequence = sequences_.peek(header.stream_sequence);
  const auto highest = first_ + static_cast<std::int64_t>(slots_.size()) - 1;
  if (std::abs(sequence - highest) > max_gap) {
    if (header.retransmission) return;
    restart();
    return begin(header, hop_losses);
  }
  if (sequence < first_) return;
  if (sequence <= highest) {
    Slot& slot = slots_[static_cast<std::size_t>(sequence - first_)];
    if (!slot.came) slot = slot_of(header, slot.lost_here);
    return;
  }
  sequences_.unwrap(header.stream_sequence);
  const bool lost_here = hop_losses != std::exchange(hop_losses_, hop_losses);
  slots_.resize(slots_.size() + static_cast<std::size_t>(sequence - highest - 1), Slot{.lost_here = lost_here});
  slots_.push_back(slot_of(header, lost_here));
  if (slots_.size() > window) settle();
}

void FrameLosses::begin(const MediaHeader& header, std::uint64_t hop_losses) {
  sequences_ = {};
  first_ = sequences_.unwrap(header.stream_sequence);
  slots_.push_back(slot_of(header, false));
  hop_losses_ = hop_losses;
}

void FrameLosses::restart() {
  if (slots_.empty()) return;
  settled_ = count(slots_.size() - 1);
  settled_.broken.reset();
  slots_.clear();
}

std::uint64_t FrameLosses::lost() const { return slots_.empty() ? settled_.lost : count(slots_.size() - 1).lost; }

/// The older half is judged for good.
void FrameLosses::settle() {
  std::size_t last = window / 2;
  while (last > 0 && !slots_[last].came) --last;
  if (last == 0) last = window / 2;
  while (!slots_[last].came) ++last;
  settled_ = count(last);
  slots_.erase(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(last));
  first_ += static_cast<std::int64_t>(last);
}

/// From the first slot to this one, which came.
FrameLosses::Tally FrameLosses::count(std::size_t last) const {
  Tally tally = settled_;
  std::size_t before = 0;
  for (std::size_t at = 1; at <= last; ++at) {
    if (!slots_[at].came) continue;
    if (at == before + 1) pass(slots_[before], slots_[at], tally);
    else add_gap(slots_[before], slots_[at], at - before - 1, slots_[before + 1].lost_here, tally);
    before = at;
  }
  return tally;
}

void FrameLosses::pass(const Slot& left, const Slot& right, Tally& tally) {
  const std::uint16_t step = step_between(left.frame, right.frame);
  if (left.end && right.start && step > 0 && step <= longest_stride) tally.stride = step;
}

/// A gap that our hop did not leave may be of nothing that was for us: then only the numbers around it tell.
void FrameLosses::add_gap(const Slot& left, const Slot& right, std::size_t packets, bool lost_here, Tally& tally) {
  const std::uint16_t step = step_between(left.frame, right.frame);
  if (step > longest_step) return;
  if (!left.end) add_broken(left.frame, tally);
  if (!right.start) add_broken(right.frame, tally);
  const std::size_t of_these = (left.end ? 0U : 1U) + (right.start || step == 0 ? 0U : 1U);
  if (step < 2 || packets <= of_these) return;
  const std::size_t most = std::min<std::size_t>(packets - of_these, step - 1U);
  const std::size_t least = lost_here && of_these == 0 ? 1 : 0;
  const std::size_t likely = (step + tally.stride / 2U) / tally.stride;
  tally.lost += std::clamp<std::size_t>(likely > 0 ? likely - 1 : 0, least, most);
}

void FrameLosses::add_broken(std::uint16_t frame, Tally& tally) {
  if (tally.broken == frame) return;
  tally.broken = frame;
  ++tally.lost;
}

}  // namespace conclave::media
