// Sealing and opening frames: the calls that cost must be small for.
#include "session.h"
#include "structs.h"

namespace conclave::c {
namespace {

bool is_mode(std::uint32_t mode) { return mode <= CONCLAVE_FRAME_H265; }

static_assert(static_cast<int>(FrameMode::h265) == CONCLAVE_FRAME_H265 && static_cast<int>(FrameMode::av1) == CONCLAVE_FRAME_AV1);
static_assert(static_cast<int>(FrameStatus::suspended) == CONCLAVE_DROPPED_SUSPENDED &&
              static_cast<int>(FrameStatus::forged) == CONCLAVE_DROPPED_FORGED && static_cast<int>(FrameStatus::held) == CONCLAVE_HELD);

conclave_opened opened_of(const OpenedFrame& frame) {
  conclave_opened out{};
  out.status = static_cast<std::uint32_t>(frame.status);
  out.sender = frame.sender;
  out.stream = frame.stream;
  out.epoch = frame.epoch;
  out.size = frame.size;
  return out;
}

Result<std::optional<MemberId>> sender_of(std::int64_t sender) {
  if (sender == -1) return std::optional<MemberId>();
  if (sender < 0 || sender > 0xFFFF'FFFF) return invalid("there is no such member");
  return std::optional(static_cast<MemberId>(sender));
}

/// The frame that is to be fetched next, ours until it is; null when there is none.
Proven* next_proven(Opening& opening) {
  if (!opening.proven) {
    const auto next = opening.opener.next_proven();
    if (!next) return nullptr;
    opening.proven = Proven{next->frame, {next->plaintext.begin(), next->plaintext.end()}, {next->metadata.begin(), next->metadata.end()}};
  }
  return &*opening.proven;
}

/// Both buffers' sizes are told, also when the first one is too small.
Result<void> hand_over(const Proven& proven, std::uint8_t* frame, std::size_t* size, std::uint8_t* metadata, std::size_t* metadata_size) {
  const auto first = write_bytes(proven.plaintext, frame, size);
  const auto second = write_bytes(proven.metadata, metadata, metadata_size);
  return first.ok() ? second : first;
}

Result<void> tell(const OpenedFrame& frame, conclave_opened* opened) {
  CONCLAVE_C_TRY(write_struct(opened, opened_of(frame)));
  if (frame.status == FrameStatus::buffer_too_small) return Error{ErrorCode::buffer_too_small, "the buffer is too small"};
  return {};
}

}  // namespace
}  // namespace conclave::c

using namespace conclave;
using namespace conclave::c;

size_t conclave_max_sealed_size(size_t size, uint32_t mode) {
  if (!is_mode(mode) || size > SIZE_MAX / 4) return 0;
  return max_sealed_size(size, static_cast<FrameMode>(mode));
}

conclave_result conclave_session_make_sealer(conclave_handle session, uint32_t stream, uint32_t mode, conclave_handle* sealer) {
  return with<SessionObject>(session, [&](SessionObject& object) -> Result<void> {
    if (sealer == nullptr) return invalid("the place for the handle is NULL");
    if (stream >= max_streams || !is_mode(mode)) return invalid("there is no such stream or mode");
    CONCLAVE_C_ASSIGN(made, object.value.session.make_sealer(static_cast<std::uint8_t>(stream), static_cast<FrameMode>(mode)));
    return hand_out(std::make_unique<SealerObject>(Sealing{std::move(made), {}}), sealer);
  });
}

conclave_result conclave_sealer_take_up(conclave_handle sealer, conclave_handle next) {
  return guarded([&]() -> Result<void> {
    CONCLAVE_C_ASSIGN(object, use<SealerObject>(sealer));
    {
      CONCLAVE_C_ASSIGN(later, use<SealerObject>(next));  // refused when it is the same one: that is in use
      FrameSealer& now = object->value.sealer;
      FrameSealer& then = later->value.sealer;
      if (then.stream() != now.stream() || then.mode() != now.mode()) return invalid("the next sealer is of another stream or mode");
      now.take_up(std::move(then));
    }
    return close_handle(next);
  });
}

conclave_result conclave_sealer_seal(conclave_handle sealer, const uint8_t* frame, size_t size, const uint8_t* metadata,
                                     size_t metadata_size, uint8_t* out, size_t* out_size) {
  return with<SealerObject>(sealer, [&](SealerObject& object) -> Result<void> {
    CONCLAVE_C_ASSIGN(plaintext, bytes_of(frame, size));
    CONCLAVE_C_ASSIGN(associated, bytes_of(metadata, metadata_size));
    if (out_size == nullptr || (out == nullptr && *out_size != 0)) return invalid("the place for the sealed frame is NULL");
    const auto sealed = object.value.sealer.seal(plaintext, associated, {out, *out_size});
    if (sealed.ok()) {
      *out_size = *sealed;
      return {};
    }
    if (sealed.error().code == ErrorCode::buffer_too_small) *out_size = max_sealed_size(size, object.value.sealer.mode());
    return sealed.error();
  });
}

conclave_result conclave_opener_create(conclave_handle* opener) {
  return guarded([&] { return hand_out(std::make_unique<OpenerObject>(Opening{}), opener); });
}

conclave_result conclave_opener_update(conclave_handle opener, conclave_handle session) {
  return with<OpenerObject>(opener, [&](OpenerObject& object) -> Result<void> {
    CONCLAVE_C_ASSIGN(meeting, use<SessionObject>(session));
    object.value.opener.update(meeting->value.session.frame_keys());
    return {};
  });
}

conclave_result conclave_opener_open(conclave_handle opener, int64_t sender, const uint8_t* sealed, size_t size, const uint8_t* metadata,
                                     size_t metadata_size, uint32_t mode, uint8_t* out, size_t capacity, conclave_opened* opened) {
  return with<OpenerObject>(opener, [&](OpenerObject& object) -> Result<void> {
    CONCLAVE_C_TRY(size_of_struct(opened));
    CONCLAVE_C_ASSIGN(from, sender_of(sender));
    CONCLAVE_C_ASSIGN(frame, bytes_of(sealed, size));
    CONCLAVE_C_ASSIGN(associated, bytes_of(metadata, metadata_size));
    if (!is_mode(mode) || (out == nullptr && capacity != 0)) return invalid("there is no such mode, or the place for the frame is NULL");
    return tell(object.value.opener.open(from, frame, associated, {out, capacity}, static_cast<FrameMode>(mode)), opened);
  });
}

conclave_result conclave_opener_next(conclave_handle opener, conclave_opened* opened, uint8_t* frame, size_t* size, uint8_t* metadata,
                                     size_t* metadata_size) {
  return with<OpenerObject>(opener, [&](OpenerObject& object) -> Result<void> {
    CONCLAVE_C_TRY(size_of_struct(opened));
    if (size == nullptr || metadata_size == nullptr) return invalid("a size is NULL");
    const Proven* proven = next_proven(object.value);
    if (proven == nullptr) {
      *size = *metadata_size = 0;
      return write_struct(opened, opened_of(OpenedFrame{FrameStatus::held, 0, 0, 0, 0}));
    }
    CONCLAVE_C_TRY(hand_over(*proven, frame, size, metadata, metadata_size));
    CONCLAVE_C_TRY(write_struct(opened, opened_of(proven->frame)));
    object.value.proven.reset();
    return {};
  });
}
