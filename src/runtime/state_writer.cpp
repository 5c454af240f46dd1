#include "runtime/state_writer.h"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace conclave::runtime {

/// What outlives the writer while its thread hangs.
struct StateWriter::Shared {
  std::shared_ptr<StateFile> file;
  std::function<void()> before;
  std::mutex mutex;
  std::condition_variable changed;
  std::function<void(StateVerdict)> done;  ///< null: nobody listens any more; this and what follows under `mutex`
  std::optional<StateJob> job;
  std::optional<StateVerdict> last;
  bool busy = false;
  bool over = false;
};

StateWriter::StateWriter(std::shared_ptr<StateFile> file, std::function<void(StateVerdict)> done, std::function<void()> before) : shared_(std::make_shared<Shared>()) {
  shared_->file = std::move(file);
  shared_->done = std::move(done);
  shared_->before = std::move(before);
  thread_ = std::thread([shared = shared_] { run(shared); });
}

StateWriter::~StateWriter() {
  bool hangs = false;
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->over = true;
    shared_->done = nullptr;
    hangs = shared_->busy;
  }
  shared_->changed.notify_all();
  if (hangs) thread_.detach();
  else thread_.join();
}

void StateWriter::submit(StateJob job) {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->job = std::move(job);
    shared_->busy = true;
  }
  shared_->changed.notify_all();
}

std::optional<StateVerdict> StateWriter::wait(Duration patience) {
  std::unique_lock lock(shared_->mutex);
  const bool done = shared_->changed.wait_for(lock, patience, [this] { return !shared_->busy; });
  return done ? shared_->last : std::nullopt;
}

void StateWriter::run(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  for (;;) {
    shared->changed.wait(lock, [&] { return shared->over || shared->job; });
    if (!shared->job) return;
    StateJob job = *std::exchange(shared->job, std::nullopt);
    lock.unlock();
    if (shared->before) shared->before();
    const StateVerdict verdict = shared->file->write(job);
    job = {};  // a whole relay's seats may be in it: not under the lock
    lock.lock();
    shared->last = verdict;
    shared->busy = false;
    if (shared->done) shared->done(verdict);
    shared->changed.notify_all();
  }
}

}  // namespace conclave::runtime
