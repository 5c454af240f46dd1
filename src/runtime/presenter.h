// Received media on its way to the sinks.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <thread>
#include <variant>
#include <vector>

#include "base/result.h"
#include "conclave/client.h"
#include "runtime/bounded_queue.h"

namespace conclave::runtime {

using Presentable = std::variant<PlayAudio, ShowVideo, RecordAudio, RecordVideo>;

/// One thread that hands each piece to every sink at its time, records at once. What the sinks are too slow for is
/// dropped and counted: at most 128 MB wait.
class Presenter {
 public:
  explicit Presenter(std::vector<std::shared_ptr<MediaSink>> sinks);
  ~Presenter();

  /// From one thread. Takes the piece, or drops it when too much waits.
  void offer(Presentable piece);

  /// Lets the sinks record what has arrived, drops what is not yet due, finishes the sinks; the first error among them.
  /// Later calls repeat the answer.
  Result<void> finish();

  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(); }

 private:
  static constexpr std::size_t most_pieces = 1024;
  static constexpr std::size_t most_bytes = std::size_t{128} << 20;

  void run();
  void schedule(Presentable piece);
  void present_due(Time now);
  void present(const Presentable& piece, Time now);

  std::vector<std::shared_ptr<MediaSink>> sinks_;
  BoundedQueue<Presentable> arriving_{most_pieces};
  std::multimap<Time, Presentable> waiting_;  ///< of the presenter's thread
  std::atomic<std::size_t> bytes_ = 0;
  std::atomic<std::uint64_t> dropped_ = 0;
  Result<void> outcome_;
  std::thread thread_;
};

}  // namespace conclave::runtime
