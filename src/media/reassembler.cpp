#include "media/reassembler.h"

#include <algorithm>
#include <iterator>

#include "media/sequence.h"

namespace conclave::media {

namespace {
constexpr auto widest = static_cast<std::int32_t>(max_fragments) - 1;
}

std::optional<ReassembledFrame> Reassembler::push(const MediaPacket& packet, Time now) {
  expire(now);
  ++counters_.packets;
  counters_.bytes += packet.payload.size();
  if (!plausible(packet.header, packet.payload)) return std::nullopt;
  const auto partial = partial_of(packet.header, now);
  if (!accept(*partial, packet)) {
    if (partial->fragments.empty()) frames_.erase(partial);
    return std::nullopt;
  }
  make_room(partial);
  const bool whole = partial->start && partial->end &&
                     partial->fragments.size() == static_cast<std::size_t>(*partial->end - *partial->start + 1);
  if (!whole) return std::nullopt;
  return finish(partial, now);
}

/// Counts and refuses what needs no look at other fragments.
bool Reassembler::plausible(const MediaHeader& header, const SealedPayload& payload) {
  if (header.fec || header.per_packet) return ++counters_.unsupported, false;
  if (payload.size() == 0) return ++counters_.inconsistent, false;
  if (seen_whole(header.frame.frame_number)) return ++counters_.duplicate, false;
  return true;
}

Reassembler::Partials::iterator Reassembler::partial_of(const MediaHeader& header, Time now) {
  const auto known = std::find_if(frames_.begin(), frames_.end(), [&](const Partial& partial) {
    return partial.info.frame_number == header.frame.frame_number;
  });
  if (known != frames_.end()) return known;
  Partial partial;
  partial.info = header.frame;
  partial.first_arrival = now;
  partial.origin = header.stream_sequence;
  frames_.push_back(std::move(partial));
  return std::prev(frames_.end());
}

bool Reassembler::accept(Partial& partial, const MediaPacket& packet) {
  const auto& header = packet.header;
  const auto offset = distance<24>(partial.origin, header.stream_sequence);
  if (partial.info == header.frame && partial.fragments.contains(offset)) return ++counters_.duplicate, false;
  if (!fits(partial, header, offset) || partial.bytes + packet.payload.size() > max_sealed_frame_size) {
    return ++counters_.inconsistent, false;
  }
  if (header.start) partial.start = offset;
  if (header.end) partial.end = offset;
  partial.fragments.emplace(offset, packet.payload);
  partial.bytes += packet.payload.size();
  bytes_ += packet.payload.size();
  return true;
}

/// True when the fragment contradicts nothing that is known of its frame.
bool Reassembler::fits(const Partial& partial, const MediaHeader& header, std::int32_t offset) const {
  if (partial.info != header.frame) return false;
  if (header.start && partial.start) return false;
  if (header.end && partial.end) return false;
  if (partial.start && offset < *partial.start) return false;
  if (partial.end && offset > *partial.end) return false;
  if (partial.fragments.empty()) return true;
  const auto lowest = std::min(offset, partial.fragments.begin()->first);
  const auto highest = std::max(offset, partial.fragments.rbegin()->first);
  if (highest - lowest > widest) return false;
  return (!header.start || offset == lowest) && (!header.end || offset == highest);
}

ReassembledFrame Reassembler::finish(Partials::iterator partial, Time now) {
  ReassembledFrame frame{partial->info, {}, now};
  frame.ciphertext.reserve(partial->bytes);
  for (const auto& [offset, payload] : partial->fragments) {
    const auto bytes = payload.bytes();
    frame.ciphertext.insert(frame.ciphertext.end(), bytes.begin(), bytes.end());
  }
  whole_[frame.info.frame_number & 0xFF] = frame.info.frame_number;
  ++counters_.frames;
  bytes_ -= partial->bytes;
  frames_.erase(partial);
  return frame;
}

/// Gives up the oldest frames until the limits hold; never `keep`, which alone is within them.
void Reassembler::make_room(Partials::const_iterator keep) {
  auto next = frames_.begin();
  while (next != frames_.end() && (frames_.size() > max_frames_in_flight || bytes_ > max_bytes_in_flight)) {
    const auto oldest = next++;
    if (Partials::const_iterator(oldest) != keep) give_up(oldest);
  }
}

void Reassembler::expire(Time now) {
  while (!frames_.empty() && now - frames_.front().first_arrival > max_age) give_up(frames_.begin());
}

void Reassembler::give_up(Partials::iterator partial) {
  ++counters_.incomplete;
  bytes_ -= partial->bytes;
  frames_.erase(partial);
}

bool Reassembler::seen_whole(std::uint16_t frame_number) const { return whole_[frame_number & 0xFF] == frame_number; }

}  // namespace conclave::media
