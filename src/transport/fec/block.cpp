#include "transport/fec/block.h"

#include <algorithm>

namespace conclave::transport::fec {

bool Block::add(const MediaPacket& packet, Time now) {
  if (packet.payload.size() == 0 || packet.payload.size() > max_covered_payload) return false;
  if (packets_.empty()) {
    covered_ = {packet.header.stream_sequence, 0};
    largest_ = 0;
    opened_ = now;
  }
  const std::size_t place = covered_.place_of(packet.header.stream_sequence);
  if (place >= max_places || covered_.has(place) || packets_.size() >= max_covered) return false;
  covered_.add(place);
  largest_ = std::max(largest_, symbol_size(packet));
  packets_.push_back(packet);
  return true;
}

std::vector<MediaPacket> Block::close(std::size_t rows) {
  const std::size_t size = largest_;
  Bytes symbols(size * packets_.size());
  std::vector<Symbol> data;
  for (const MediaPacket& packet : packets_) {
    const ByteSpan symbol = ByteSpan(symbols).subspan(data.size() * size, size);
    write_symbol(packet, symbol);
    data.push_back({static_cast<std::uint8_t>(covered_.place_of(packet.header.stream_sequence)), symbol.data()});
  }
  const Bytes parity = make_parity(data, rows, size);
  std::vector<MediaPacket> out;
  const FrameInfo& frame = packets_.front().header.frame;
  for (std::size_t row = 0; row < rows; ++row) {
    out.push_back(write_parity(frame.stream_id, frame.priority, {covered_, static_cast<std::uint8_t>(row), ByteView(parity).subspan(row * size, size)}));
  }
  packets_.clear();
  return out;
}

}  // namespace conclave::transport::fec
