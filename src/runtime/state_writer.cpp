#include "runtime/state_writer.h"

#include <utility>

namespace conclave::runtime {

StateWriter::StateWriter(StateFile& file, std::function<void(StateVerdict)> done, std::function<void()> before)
    : file_(file), done_(std::move(done)), before_(std::move(before)), thread_([this] { run(); }) {}

std::optional<StateVerdict> StateWriter::stop() {
  jobs_.close();
  if (thread_.joinable()) thread_.join();
  return last_;
}

void StateWriter::run() {
  while (const auto job = jobs_.pop_waiting()) {
    if (before_) before_();
    last_ = file_.write(*job);
    done_(*last_);
  }
}

}  // namespace conclave::runtime
