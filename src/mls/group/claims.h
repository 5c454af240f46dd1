// Jobs that threads which are not ours are to run once each.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

namespace conclave::mls {

/// Which jobs were begun and which are done. Whoever calls from wherever, as often as it likes, with whatever number: each job runs
/// once at most, and none after `close`.
class Claims {
 public:
  explicit Claims(std::size_t count) : states_(count) {}

  /// Runs `work` unless there is no such job, or somebody has begun it.
  template <class Work>
  void run(std::size_t job, const Work& work) {
    if (job >= states_.size()) return;
    State expected = State::free;
    if (!states_[job].compare_exchange_strong(expected, State::begun)) return;
    const Finish finish{states_[job]};
    work();
  }

  /// Begins whatever nobody began, so that nobody will, and waits for what is being run.
  void close() {
    for (auto& state : states_) {
      State seen = State::free;
      state.compare_exchange_strong(seen, State::done);
      while ((seen = state.load()) == State::begun) state.wait(State::begun);
    }
  }

 private:
  enum class State : std::uint8_t { free, begun, done };
  struct Finish {
    std::atomic<State>& state;
    ~Finish() {
      state.store(State::done);
      state.notify_all();
    }
  };

  std::vector<std::atomic<State>> states_;
};

}  // namespace conclave::mls
