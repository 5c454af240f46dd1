// A source on its thread, and the queue behind it.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

#include "conclave/client.h"
#include "runtime/bounded_queue.h"
#include "runtime/waker.h"

namespace conclave::runtime {

/// Pulls frames from a source once started. When the other side of the queue does not keep up, the newest frames are
/// skipped.
template <class Source, class Frame>
class Capture {
 public:
  /// `source` may be null: then nothing ever comes.
  Capture(std::unique_ptr<Source> source, std::size_t capacity, std::shared_ptr<const Waker> waker)
      : source_(std::move(source)), frames_(capacity), waker_(std::move(waker)) {}
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture() { stop(); }

  /// Capture begins here, not before.
  void start() {
    if (!source_ || thread_.joinable()) return;
    try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) {
      end(Error{ErrorCode::out_of_resources, "the system lends no thread for a source"});
    }
  }

  /// Ends the thread. Nothing is captured any more.
  void stop() {
    if (source_) source_->stop();
    frames_.close();
    if (thread_.joinable()) thread_.join();
  }

  std::optional<Frame> pop() { return frames_.pop(); }

  /// True once, after the last frame was taken, when the source ended by itself.
  bool take_end() { return ended_.load() && frames_.finished() && !std::exchange(end_told_, true); }
  /// Why it ended, after `take_end`.
  [[nodiscard]] std::optional<Error> error() const { return error_; }

  [[nodiscard]] std::uint64_t captured() const { return captured_.load(); }
  [[nodiscard]] std::uint64_t skipped() const { return skipped_.load(); }

 private:
  void run() {
    for (;;) {
      auto frame = source_->next();
      if (!frame.ok()) return end(std::move(frame).error());
      if (!*frame) return end(std::nullopt);
      ++captured_;
      if (!frames_.push(*std::move(frame).value())) ++skipped_;
      waker_->wake();
    }
  }

  void end(std::optional<Error> error) {
    error_ = std::move(error);
    frames_.close();
    ended_.store(true);  // publishes error_
    waker_->wake();
  }

  std::unique_ptr<Source> source_;
  BoundedQueue<Frame> frames_;
  std::shared_ptr<const Waker> waker_;
  std::atomic<std::uint64_t> captured_ = 0;
  std::atomic<std::uint64_t> skipped_ = 0;
  std::optional<Error> error_;
  std::atomic<bool> ended_ = false;
  bool end_told_ = false;
  std::thread thread_;
};

using VideoCapture = Capture<VideoSource, VideoFrame>;
using AudioCapture = Capture<AudioSource, AudioFrame>;

}  // namespace conclave::runtime
