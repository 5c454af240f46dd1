#include "inbox.h"

#include <cstring>

#include "structs.h"

namespace conclave::c {
namespace {

conclave_media about(std::uint32_t kind, MemberId member, Time capture_time, Time now) {
  conclave_media media{};
  media.kind = kind;
  media.member = member;
  media.capture_time = micros(capture_time);
  media.time = micros(now);
  return media;
}

}  // namespace

void Inbox::show(MemberId member, const VideoFrame& picture, Time now) {
  if (!wants(CONCLAVE_MEDIA_PICTURE)) return;
  Piece piece{about(CONCLAVE_MEDIA_PICTURE, member, picture.capture_time, now), {}};
  piece.about.width = static_cast<std::uint32_t>(picture.width);
  piece.about.height = static_cast<std::uint32_t>(picture.height);
  piece.bytes.reserve(picture.y.size() + picture.u.size() + picture.v.size());
  for (const auto* plane : {&picture.y, &picture.u, &picture.v}) piece.bytes.insert(piece.bytes.end(), plane->begin(), plane->end());
  keep(std::move(piece));
}

void Inbox::play(MemberId member, const AudioFrame& sound, Time now) {
  if (!wants(CONCLAVE_MEDIA_SOUND)) return;
  Piece piece{about(CONCLAVE_MEDIA_SOUND, member, sound.capture_time, now), {}};
  piece.about.channels = static_cast<std::uint32_t>(sound.channels);
  piece.bytes.resize(sound.samples.size() * sizeof(std::int16_t));
  if (!piece.bytes.empty()) std::memcpy(piece.bytes.data(), sound.samples.data(), piece.bytes.size());
  keep(std::move(piece));
}

void Inbox::record(const RecordVideo& picture) {
  if (!wants(CONCLAVE_MEDIA_ENCODED_PICTURE)) return;
  Piece piece{about(CONCLAVE_MEDIA_ENCODED_PICTURE, picture.member, picture.frame.capture_time, monotonic_now()), picture.frame.data};
  piece.about.codec = static_cast<std::uint32_t>(picture.codec);
  piece.about.keyframe = picture.frame.keyframe ? 1 : 0;
  keep(std::move(piece));
}

void Inbox::record(const RecordAudio& sound) {
  if (!wants(CONCLAVE_MEDIA_ENCODED_SOUND)) return;
  Piece piece{about(CONCLAVE_MEDIA_ENCODED_SOUND, sound.member, sound.frame.capture_time, monotonic_now()), sound.frame.data};
  piece.about.channels = static_cast<std::uint32_t>(sound.channels);
  keep(std::move(piece));
}

Result<void> Inbox::finish() {
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
  }
  arrived_.notify_all();
  return {};
}

void Inbox::abandon() { static_cast<void>(finish()); }

void Inbox::keep(Piece piece) {
  {
    const std::lock_guard lock(mutex_);
    if (pieces_.size() >= most_) {
      pieces_.pop_front();
      ++dropped_;
    }
    pieces_.push_back(std::move(piece));
  }
  arrived_.notify_one();
}

Result<void> Inbox::fetch(Duration timeout, conclave_media& media, void* buffer, std::size_t* size) {
  std::unique_lock lock(mutex_);
  arrived_.wait_for(lock, timeout, [this] { return finished_ || !pieces_.empty(); });
  if (pieces_.empty()) {
    if (finished_) return wrong_state("the call is over and everything was fetched");
    if (size != nullptr) *size = 0;
    return {};
  }
  CONCLAVE_C_TRY(write_bytes(pieces_.front().bytes, buffer, size));
  media = pieces_.front().about;
  media.dropped = dropped_;
  const Piece fetched = std::move(pieces_.front());
  pieces_.pop_front();
  lock.unlock();  // the bytes go free outside
  return {};
}

}  // namespace conclave::c
