#include "sframe/sealer.h"

#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "sframe/big_endian.h"
#include "sframe/overlap.h"

namespace conclave::sframe {

Sealer::Sealer(const EpochKeys& keys, std::uint64_t kid, std::uint64_t first_counter)
    : key_(keys.derive(kid)), kid_(kid), next_counter_(first_counter) {}

Sealer::Sealer(Sealer&& other) noexcept
    : key_(std::move(other.key_)),
      kid_(other.kid_),
      next_counter_(other.next_counter_),
      usable_(std::exchange(other.usable_, false)) {}

Sealer& Sealer::operator=(Sealer&& other) noexcept {
  if (this != &other) {
    key_ = std::move(other.key_);
    kid_ = other.kid_;
    next_counter_ = other.next_counter_;
    usable_ = std::exchange(other.usable_, false);
  }
  return *this;
}

Result<std::size_t> Sealer::seal(ByteView frame, ByteView metadata, ByteSpan out) {
  const Header header{kid_, next_counter_};
  const EncodedHeader encoded(header);
  const std::size_t header_bytes = encoded.view().size();
  const std::size_t size = header_bytes + frame.size() + key_.tag_size();
  if (!usable_ || frame.size() > max_frame_size || metadata.size() > max_metadata_size || out.size() < size) {
    return refusal(frame.size(), metadata.size());
  }
  spend();
  const ByteSpan body = out.subspan(header_bytes, frame.size());
  if (frame.data() != body.data() && overlap(frame, out.first(size))) {
    std::memmove(body.data(), frame.data(), frame.size());
    frame = body;
  }
  copy_short(out.data(), encoded.view().data(), header_bytes);
  key_.seal(header.counter, encoded.view(), metadata, frame, body, out.subspan(header_bytes + frame.size(), key_.tag_size()));
  return size;
}

Result<std::size_t> Sealer::seal_apart(ByteSpan body, ByteView metadata, ByteSpan header_and_tag) {
  const Header header{kid_, next_counter_};
  const EncodedHeader encoded(header);
  const std::size_t header_bytes = encoded.view().size();
  const std::size_t size = header_bytes + key_.tag_size();
  if (!usable_ || body.size() > max_frame_size || metadata.size() > max_metadata_size || header_and_tag.size() < size) {
    return refusal(body.size(), metadata.size());
  }
  spend();
  copy_short(header_and_tag.data(), encoded.view().data(), header_bytes);
  key_.seal(header.counter, encoded.view(), metadata, body, body, header_and_tag.subspan(header_bytes, key_.tag_size()));
  return size;
}

void Sealer::spend() {
  usable_ = next_counter_ != std::numeric_limits<std::uint64_t>::max();
  if (usable_) ++next_counter_;
}

Error Sealer::refusal(std::size_t frame_size, std::size_t metadata_size) const {
  if (!usable_) {
    const bool exhausted = next_counter_ == std::numeric_limits<std::uint64_t>::max();
    if (exhausted) return {ErrorCode::limit_exceeded, "the key has no counter left"};
    return {ErrorCode::invalid_state, "this sealer was moved from"};
  }
  if (frame_size > max_frame_size) return {ErrorCode::limit_exceeded, "the frame is too long"};
  if (metadata_size > max_metadata_size) return {ErrorCode::limit_exceeded, "the metadata is too long"};
  return {ErrorCode::buffer_too_small, std::to_string(sealed_size(frame_size)) + " bytes are needed"};
}

}  // namespace conclave::sframe
