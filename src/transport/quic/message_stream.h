// Messages on a byte stream: four bytes of length, big-endian, then as many bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <vector>

#include "conclave/bytes.h"

namespace conclave::transport::quic {

/// What was queued on a stream and is not acknowledged yet. Its bytes stay where they are until then.
class SendBuffer {
 public:
  /// Queues raw bytes, not empty.
  void push(ByteView bytes);
  /// Queues a message with its length.
  void push_message(ByteView message);

  /// Bytes queued and not acknowledged: what is held in memory.
  [[nodiscard]] std::size_t held() const { return static_cast<std::size_t>(end_ - acked_); }
  [[nodiscard]] bool has_unsent() const { return sent_ < end_; }

  /// The next unsent bytes, in at most `count` pieces.
  [[nodiscard]] std::vector<ByteView> unsent(std::size_t count) const;
  /// `size` more bytes have left.
  void mark_sent(std::size_t size) { sent_ += size; }
  /// Everything before `offset` has arrived.
  void mark_acked(std::uint64_t offset);

 private:
  std::list<Bytes> chunks_;
  std::uint64_t begin_ = 0;  ///< stream offset of the first chunk
  std::uint64_t acked_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t end_ = 0;
};

/// Cuts a byte stream into messages again. Memory grows with what arrived, not with what was announced.
class MessageReader {
 public:
  enum class Verdict : std::uint8_t { good, empty_message, oversized };

  /// Appends the messages that are complete now. Anything but `good` is the end of the stream.
  Verdict push(ByteView bytes, std::size_t limit, std::vector<Bytes>& complete);
  /// A message has begun and is not whole.
  [[nodiscard]] bool unfinished() const { return length_read_ > 0; }
  /// Bytes of it.
  [[nodiscard]] std::size_t held() const { return length_read_ + body_.size(); }

 private:
  Verdict read_length(std::size_t limit);

  std::array<std::uint8_t, 4> length_bytes_{};
  std::size_t length_read_ = 0;
  std::size_t length_ = 0;
  Bytes body_;
};

}  // namespace conclave::transport::quic
