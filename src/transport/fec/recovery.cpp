#include "transport/fec/recovery.h"

#include <algorithm>

namespace conclave::transport::fec {

std::vector<MediaPacket> Recovery::push(const MediaPacket& packet) {
  std::vector<MediaPacket> out;
  if (packet.header.fec) {
    if (const auto parity = read_parity(packet)) take(packet, *parity, out);
    return out;
  }
  if (!awake()) return out;
  if (++since_parity_ > falls_asleep) return fall_asleep(), out;
  keep(packet);
  for (Block& block : blocks_) {
    const std::size_t place = block.covered.place_of(packet.header.stream_sequence);
    if (place < max_places && block.covered.has(place)) settle(block, packet.header.frame.stream_id, out);
  }
  return out;
}

void Recovery::fall_asleep() {
  packets_ = {};
  blocks_ = {};
}

void Recovery::keep(const MediaPacket& packet) { packets_[packet.header.stream_sequence % window] = {true, packet}; }

const MediaPacket* Recovery::find(std::uint32_t sequence) const {
  const Kept& kept = packets_[sequence % window];
  return kept.there && kept.packet.header.stream_sequence == sequence ? &kept.packet : nullptr;
}

void Recovery::take(const MediaPacket& packet, const Parity& parity, std::vector<MediaPacket>& out) {
  since_parity_ = 0;
  if (!awake()) packets_.resize(window);
  const auto same = [&](const Block& block) { return block.covered == parity.covered && block.size == parity.symbol.size(); };
  auto block = std::ranges::find_if(blocks_, same);
  if (block == blocks_.end()) {
    if (blocks_.size() >= max_blocks) blocks_.erase(blocks_.begin());
    block = blocks_.insert(blocks_.end(), {parity.covered, parity.symbol.size(), {}, false});
  }
  if (block->settled || std::ranges::any_of(block->rows, [&](const Block::Row& row) { return row.number == parity.row; })) return;
  block->rows.push_back({parity.row, packet.payload});
  settle(*block, packet.header.frame.stream_id, out);
}

void Recovery::settle(Block& block, std::uint16_t stream_id, std::vector<MediaPacket>& out) {
  if (block.settled) return;
  std::vector<std::uint8_t> there;
  std::vector<std::uint8_t> missing;
  for (std::uint8_t place = 0; place < max_places; ++place) {
    if (!block.covered.has(place)) continue;
    const bool lost = find(block.covered.sequence(place)) == nullptr;
    if (lost && missing.size() == block.rows.size()) return;
    (lost ? missing : there).push_back(place);
  }
  block.settled = true;
  const auto contradicts = [&](std::uint8_t place) { return symbol_size(*find(block.covered.sequence(place))) > block.size; };
  if (!missing.empty() && std::ranges::none_of(there, contradicts)) {
    for (MediaPacket& packet : solve(block, stream_id, there, missing)) {
      keep(packet);
      out.push_back(std::move(packet));
    }
  }
  block.rows = {};
}

std::vector<MediaPacket> Recovery::solve(const Block& block, std::uint16_t stream_id, const std::vector<std::uint8_t>& there,
                                         const std::vector<std::uint8_t>& missing) const {
  Bytes symbols(block.size * there.size());
  std::vector<Symbol> data;
  for (const std::uint8_t place : there) {
    const ByteSpan symbol = ByteSpan(symbols).subspan(data.size() * block.size, block.size);
    write_symbol(*find(block.covered.sequence(place)), symbol);
    data.push_back({place, symbol.data()});
  }
  std::vector<Symbol> parity;
  for (std::size_t i = 0; i < missing.size(); ++i) parity.push_back({block.rows[i].number, block.rows[i].payload.bytes().data() + parity_overhead});
  const Bytes found = recover(data, parity, missing, block.size);
  std::vector<MediaPacket> out;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    auto packet = read_symbol(ByteView(found).subspan(i * block.size, block.size), stream_id, block.covered.sequence(missing[i]));
    if (packet) out.push_back(std::move(*packet));
  }
  return out;
}

}  // namespace conclave::transport::fec
