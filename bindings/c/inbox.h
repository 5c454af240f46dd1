// A sink that the application fetches from.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>

#include "conclave.h"
#include "conclave/client.h"

namespace conclave::c {

/// Keeps the newest pieces until they are fetched.
class Inbox final : public MediaSink {
 public:
  Inbox(std::uint32_t media, std::size_t most) : media_(media), most_(most) {}

  void show(MemberId member, const VideoFrame& picture, Time now) override;
  void play(MemberId member, const AudioFrame& sound, Time now) override;
  void record(const RecordVideo& picture) override;
  void record(const RecordAudio& sound) override;
  Result<void> finish() override;

  /// Waits for the next piece and moves it into the caller's buffer; `media->kind` is NONE after `timeout`.
  Result<void> fetch(Duration timeout, conclave_media& media, void* buffer, std::size_t* size);
  /// Nobody fetches any more: those who wait return.
  void abandon();

 private:
  struct Piece {
    conclave_media about{};
    Bytes bytes;
  };
  void keep(Piece piece);
  [[nodiscard]] bool wants(std::uint32_t kind) const { return (media_ & kind) != 0; }

  const std::uint32_t media_;
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Piece> pieces_;
  std::uint64_t dropped_ = 0;
  bool finished_ = false;
};

}  // namespace conclave::c
