#include "session/frame_opener.h"

#include <algorithm>

#include "session/frame_metadata.h"

namespace conclave::session {
namespace {

constexpr sframe::OpenerLimits limits{.epochs = 4, .senders = std::size_t{1} << 16, .streams = 16};

FrameFate fate_of(sframe::OpenStatus status) {
  switch (status) {
    case sframe::OpenStatus::opened: return FrameFate::opened;
    case sframe::OpenStatus::malformed:
    case sframe::OpenStatus::buffer_too_small: return FrameFate::malformed;
    case sframe::OpenStatus::unknown_epoch: return FrameFate::unknown_epoch;
    case sframe::OpenStatus::unknown_sender:
    case sframe::OpenStatus::unknown_stream: return FrameFate::unknown_sender;
    case sframe::OpenStatus::replayed:
    case sframe::OpenStatus::too_old: return FrameFate::replayed;
    case sframe::OpenStatus::forged: return FrameFate::forged;
  }
  return FrameFate::malformed;
}

}  // namespace

FrameOpener::FrameOpener() : opener_(limits) {}
FrameOpener::~FrameOpener() { wipe(plaintext_); }

OpenedFrame FrameOpener::open(const FrameInfo& info, ByteView sealed) {
  plaintext_.resize(sealed.size());
  const auto metadata = frame_metadata(info);
  const sframe::OpenResult result = opener_.open(sealed, metadata, plaintext_);
  return {fate_of(result.status), result.sender, result.context, ByteView(plaintext_).first(result.opened() ? result.size : 0)};
}

Result<void> FrameOpener::enter(std::shared_ptr<const sframe::EpochKeys> keys, const std::vector<Member>& members, MemberId self,
                                Time retire_at) {
  const std::uint64_t epoch = keys->epoch();
  CONCLAVE_TRY(opener_.add_epoch(std::move(keys)));
  for (const Member& member : members) {
    if (member.id != self) CONCLAVE_TRY(opener_.allow(epoch, member.id));
  }
  if (current_) old_.push_back({*current_, retire_at});
  current_ = epoch;
  return {};
}

void FrameOpener::expel(MemberId member) {
  if (current_) opener_.disallow(*current_, member);
  for (const OldEpoch& old : old_) opener_.disallow(old.epoch, member);
}

void FrameOpener::expire(Time now) {
  std::erase_if(old_, [&](const OldEpoch& old) {
    if (now < old.retire_at) return false;
    opener_.retire_epoch(old.epoch);
    return true;
  });
}

Time FrameOpener::next_deadline() const {
  Time next = never;
  for (const OldEpoch& old : old_) next = std::min(next, old.retire_at);
  return next;
}

}  // namespace conclave::session
