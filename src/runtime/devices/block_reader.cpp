#include "runtime/devices/block_reader.h"

#include <unistd.h>

#include <cerrno>

namespace conclave::runtime {

BlockReader::BlockReader(int descriptor, std::size_t block_size, std::size_t ahead)
    : descriptor_(descriptor), block_size_(block_size), blocks_(ahead), thread_([this] { run(); }) {}

BlockReader::~BlockReader() {
  stop();
  thread_.join();
}

void BlockReader::stop() {
  stop_.raise();
  blocks_.close();
}

void BlockReader::run() {
  Bytes block(block_size_);
  while (fill(block)) blocks_.push_waiting(block);
  blocks_.close();
}

bool BlockReader::fill(Bytes& block) {
  for (std::size_t filled = 0; filled < block.size();) {
    if (stop_.wait_readable(descriptor_) == StopSignal::Woken::stopped) return false;
    const auto size = ::read(descriptor_, block.data() + filled, block.size() - filled);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    filled += static_cast<std::size_t>(size);
  }
  return true;
}

}  // namespace conclave::runtime
