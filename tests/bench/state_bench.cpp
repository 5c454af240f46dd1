// What the relay's own thread spends when the state file is to be written anew, as a whole; the rest is its writer's.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "runtime/sqlite_store.h"

namespace {

using namespace conclave;

/// A relay's rooms: `seats` in the first of them, and as many in ten others together, each with a log that is full.
class FullStore {
 public:
  explicit FullStore(std::size_t seats) {
    std::string name = (std::filesystem::temp_directory_path() / "conclave-bench-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    store_ = runtime::SqliteStore::open((folder_ / "rooms.db").string(), 4096, std::size_t{8} << 20).value();
    for (std::uint8_t room = 0; room < 11; ++room) fill(room, room == 0 ? seats : seats / 10);
  }
  FullStore(const FullStore&) = delete;
  FullStore& operator=(const FullStore&) = delete;
  ~FullStore() {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  runtime::SqliteStore& operator*() { return *store_; }

 private:
  void fill(std::uint8_t number, std::size_t seats) {
    relay::RoomId room{};
    room[0] = number;
    store_->put_room(room, Bytes(32, 1), Bytes(32, 2), Bytes(1000, 3));
    for (std::size_t i = 0; i < seats; ++i) {
      relay::Seat seat;
      seat.peer = i;
      seat.digest = Bytes(32, 4);
      seat.spent = Bytes(32, 5);
      store_->put_seat(room, seat);
    }
    for (std::uint64_t i = 0; i < 4096; ++i) (void)store_->append(room, {true, i, i, Bytes(1500, 6), {}});
  }

  std::filesystem::path folder_;
  std::unique_ptr<runtime::SqliteStore> store_;
};

void snapshot(benchmark::State& state) {
  FullStore store(static_cast<std::size_t>(state.range(0)));
  Time now{};
  (*store).settle({}, now);  // the file is lost
  std::size_t changes = 0;
  int steps = 0;
  double longest = 0;  // step but for the first, us
  for (auto _ : state) {
    state.PauseTiming();
    now += std::chrono::seconds(10);
    state.ResumeTiming();
    auto job = (*store).take_job(now);
    state.PauseTiming();
    for (steps = 1; !job; ++steps) {
      const auto begin = std::chrono::steady_clock::now();
      job = (*store).take_job(now);
      longest = std::max(longest, std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    }
    changes = job->changes.size();
    job.reset();  // the writer's
    (*store).settle({}, now);
    state.ResumeTiming();
  }
  state.counters["changes"] = static_cast<double>(changes);
  state.counters["steps"] = steps;
  state.counters["longest_step_us"] = longest;
}

}  // namespace

BENCHMARK(snapshot)->Name("relay/snapshot")->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);
