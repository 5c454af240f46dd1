#include "relay/packet_ring.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace conclave::relay {
namespace {

constexpr std::uint64_t cycle = std::uint64_t{1} << 24;
constexpr std::size_t first_slots = 32;  ///< of a new ring; late packets have as much room before its first one

}  // namespace

std::uint64_t SequenceUnwrapper::peek(std::uint32_t sequence) const {
  const std::uint64_t low = sequence % cycle;
  if (!started()) return cycle + low;  // leaves room for packets older than the first one seen
  const std::uint64_t ahead = (low - highest_) % cycle;
  return ahead <= cycle / 2 ? highest_ + ahead : highest_ - (cycle - ahead);
}

std::uint64_t SequenceUnwrapper::unwrap(std::uint32_t sequence) {
  const std::uint64_t full = peek(sequence);
  highest_ = std::max(highest_, full);
  return full;
}

PacketRing::PacketRing(std::size_t max_packets, std::size_t max_bytes)
    : max_slots_(std::bit_ceil(std::max<std::size_t>(max_packets, 1))), max_bytes_(max_bytes) {}

RingInsert PacketRing::insert(std::uint64_t sequence, MediaPacket packet) {
  if (begin_ == end_) {  // nothing yet, or everything was dropped: packets before this one still have room
    make_room_for(std::min(max_slots_, first_slots));
    begin_ = std::max(begin_, sequence - std::min<std::uint64_t>(sequence, slots_.size() - 1));
    end_ = std::max(begin_, sequence);
  }
  if (sequence < begin_) return RingInsert::late;
  if (sequence >= end_) advance_to(sequence + 1);
  Slot& place = slot(sequence);
  if (place.sequence == sequence) return RingInsert::duplicate;
  bytes_ += packet.payload.size();
  place = Slot{sequence, std::move(packet)};
  while (bytes_ > max_bytes_) drop_oldest();
  return RingInsert::stored;
}

const MediaPacket* PacketRing::find(std::uint64_t sequence) const {
  if (sequence < begin_ || sequence >= end_) return nullptr;
  const Slot& place = slot(sequence);
  return place.sequence == sequence ? &place.packet : nullptr;
}

void PacketRing::advance_to(std::uint64_t end) {
  make_room_for(end - begin_);
  const std::uint64_t begin = end - std::min<std::uint64_t>(end, slots_.size());
  const std::uint64_t stale = std::min(begin, end_);
  while (begin_ < stale) drop_oldest();
  begin_ = std::max(begin_, begin);
  end_ = end;
}

/// Doubles as long as the window is longer than the ring may hold.
void PacketRing::make_room_for(std::uint64_t window) {
  if (window <= slots_.size() || slots_.size() >= max_slots_) return;
  const auto wanted = std::bit_ceil(std::min<std::uint64_t>(window, max_slots_));
  std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(static_cast<std::size_t>(wanted)));
  for (Slot& kept : old) {
    if (kept.sequence != 0) slot(kept.sequence) = std::move(kept);
  }
}

void PacketRing::drop_oldest() {
  Slot& oldest = slot(begin_);
  if (oldest.sequence == begin_) {
    bytes_ -= oldest.packet.payload.size();
    oldest = Slot{};
  }
  ++begin_;
}

}  // namespace conclave::relay
