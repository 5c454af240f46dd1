// Reads a pipe ahead of time, in blocks of equal size.
#pragma once

#include <cstddef>
#include <thread>

#include "conclave/bytes.h"
#include "runtime/bounded_queue.h"
#include "runtime/stop_signal.h"

namespace conclave::runtime {

/// A thread that keeps at most `ahead` blocks of `block_size` bytes. A rest shorter than a block is dropped at the end.
class BlockReader {
 public:
  /// `descriptor` outlives the reader.
  BlockReader(int descriptor, std::size_t block_size, std::size_t ahead);
  ~BlockReader();

  BoundedQueue<Bytes>& blocks() { return blocks_; }
  /// No block is wanted any more; the pipe is still drained, so that its writer can serve another reader.
  void discard() { blocks_.close(); }
  /// Ends the thread soon, whatever the writer does.
  void stop();

 private:
  void run();
  /// True when `block` is full; false at the end of the pipe, or when stopped.
  bool fill(Bytes& block);

  int descriptor_;
  std::size_t block_size_;
  StopSignal stop_;
  BoundedQueue<Bytes> blocks_;
  std::thread thread_;
};

}  // namespace conclave::runtime
