#include "transport/quic/message_stream.h"

#include <algorithm>
#include <utility>

#include "transport/byte_io.h"

namespace conclave::transport::quic {
namespace {

/// Small messages share a chunk, which never grows beyond what was reserved, so that its bytes stay where they are.
constexpr std::size_t chunk_size = 4096;

}  // namespace

void SendBuffer::push(ByteView bytes) {
  Bytes* const last = chunks_.empty() ? nullptr : &chunks_.back();
  const bool fits = last != nullptr && last->capacity() - last->size() >= bytes.size();
  if (!fits) chunks_.emplace_back().reserve(std::max(bytes.size(), chunk_size));
  chunks_.back().insert(chunks_.back().end(), bytes.begin(), bytes.end());
  end_ += bytes.size();
}

void SendBuffer::push_message(ByteView message) {
  std::array<std::uint8_t, 4> length{};
  put(length.data(), message.size(), length.size());
  push(length);
  push(message);
}

std::vector<ByteView> SendBuffer::unsent(std::size_t count) const {
  std::vector<ByteView> pieces;
  std::uint64_t offset = begin_;
  for (const Bytes& chunk : chunks_) {
    if (pieces.size() == count) break;
    const std::uint64_t chunk_end = offset + chunk.size();
    if (chunk_end > sent_) pieces.push_back(ByteView(chunk).subspan(static_cast<std::size_t>(std::max(sent_, offset) - offset)));
    offset = chunk_end;
  }
  return pieces;
}

void SendBuffer::mark_acked(std::uint64_t offset) {
  acked_ = std::max(acked_, offset);
  while (!chunks_.empty() && begin_ + chunks_.front().size() <= acked_) {
    begin_ += chunks_.front().size();
    chunks_.pop_front();
  }
}

MessageReader::Verdict MessageReader::push(ByteView bytes, std::size_t limit, std::vector<Bytes>& complete) {
  while (!bytes.empty()) {
    if (length_read_ < length_bytes_.size()) {
      length_bytes_[length_read_++] = bytes.front();
      bytes = bytes.subspan(1);
      if (length_read_ < length_bytes_.size()) continue;
      const Verdict verdict = read_length(limit);
      if (verdict != Verdict::good) return verdict;
      continue;
    }
    const std::size_t taken = std::min(bytes.size(), length_ - body_.size());
    body_.insert(body_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken));
    bytes = bytes.subspan(taken);
    if (body_.size() == length_) {
      complete.push_back(std::exchange(body_, {}));
      length_read_ = 0;
    }
  }
  return Verdict::good;
}

MessageReader::Verdict MessageReader::read_length(std::size_t limit) {
  length_ = static_cast<std::size_t>(get(length_bytes_.data(), length_bytes_.size()));
  if (length_ == 0) return Verdict::empty_message;
  return length_ <= limit ? Verdict::good : Verdict::oversized;
}

}  // namespace conclave::transport::quic
