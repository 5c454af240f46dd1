// What a group costs, by size. `fresh` trees have blank parents; in the others everybody has committed once. Groups of 5,000 and
// 10,000 members are measured when CONCLAVE_LONG is set. Each case counts the least disturbed time of its iterations, `least_us`.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <time.h>

#include <cstdlib>
#include <map>

#include "../mls/support/large_group.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::cost;

namespace {

/// One group per size and kind, made when a case first needs it.
LargeGroup& group_of(std::int64_t size, Trees trees) {
  static std::map<std::pair<std::int64_t, Trees>, std::unique_ptr<LargeGroup>> made;
  auto& place = made[{size, trees}];
  if (!place) place = std::make_unique<LargeGroup>(static_cast<std::uint32_t>(size), trees);
  return *place;
}

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Times what is measured within an iteration, as processor time of this thread, and keeps the least.
class Watch {
 public:
  explicit Watch(benchmark::State& state) : state_(state) {}
  ~Watch() { state_.counters["least_us"] = least_ * 1e6; }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  template <class Operation>
  auto time(Operation operation) {
    const double start = thread_seconds();
    auto result = operation();
    const double seconds = thread_seconds() - start;
    state_.SetIterationTime(seconds);
    least_ = std::min(least_, seconds);
    return result;
  }

 private:
  benchmark::State& state_;
  double least_ = 1e9;
};

/// Staging and merging: the sender's commits are made aside, in order.
void process_path_commit(benchmark::State& state) {
  LargeGroup& group = group_of(state.range(0), Trees::filled);
  Watch watch(state);
  for (auto _ : state) {
    const PendingCommit pending = need(group.sender->commit({}, {}, noon, group.random()));
    need(group.sender->merge_pending());
    watch.time([&] {
      need(group.receiver->merge(need(group.receiver->stage(pending.commit, noon))));
      return true;
    });
    state.counters["bytes"] = static_cast<double>(pending.commit.size());
  }
}

/// Staging alone, since merging would fill the tree.
void process_first_path_commit(benchmark::State& state) {
  LargeGroup& group = group_of(state.range(0), Trees::fresh);
  const PendingCommit pending = need(group.sender->commit({}, {}, noon, group.random()));
  Watch watch(state);
  for (auto _ : state) watch.time([&] { return need(group.receiver->stage(pending.commit, noon)); });
  group.sender->discard_pending();
}

void create_path_commit(benchmark::State& state, Trees trees) {
  LargeGroup& group = group_of(state.range(0), trees);
  Watch watch(state);
  for (auto _ : state) watch.time([&] { return need(group.sender->commit({}, {}, noon, group.random())); });
  group.sender->discard_pending();
  if (trees == Trees::filled) group.refresh();
}

CommitOptions without_path() {
  CommitOptions options;
  options.force_path = false;
  options.tree_in_welcome = false;
  return options;
}

void drop_pending(LargeGroup& group, Trees trees) {
  if (trees == Trees::filled) group.refresh();
  if (trees == Trees::fresh) group.sender->discard_pending();
}

void process_add(benchmark::State& state, Trees trees) {
  LargeGroup& group = group_of(state.range(0), trees);
  const PendingCommit pending = need(group.sender->commit({group.add_proposal()}, without_path(), noon, group.random()));
  Watch watch(state);
  for (auto _ : state) watch.time([&] { return need(group.receiver->stage(pending.commit, noon)); });
  drop_pending(group, trees);
}

void add_member(benchmark::State& state, Trees trees) {
  LargeGroup& group = group_of(state.range(0), trees);
  const Proposal add = group.add_proposal();
  Watch watch(state);
  for (auto _ : state) watch.time([&] { return need(group.sender->commit({add}, without_path(), noon, group.random())); });
  drop_pending(group, trees);
}

void join(benchmark::State& state, Trees trees) {
  LargeGroup& group = group_of(state.range(0), trees);
  Watch watch(state);
  for (auto _ : state) watch.time([&] { return group.join(); });
}

/// One commit by the founder that adds everybody else, with a Welcome that brings the tree.
void add_all(benchmark::State& state) {
  LargeGroup& helper = group_of(2, Trees::fresh);
  std::vector<Proposal> proposals;
  for (std::int64_t i = 1; i < state.range(0); ++i) proposals.push_back(helper.add_proposal());
  GroupConfig config;
  config.signer = need(crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, helper.random()));
  config.profile = {BasicCredential{{1}}, Capabilities::of_library(config.suite), {}, {noon.value - 10, noon.value + 10}};
  Group founder = need(Group::create(std::move(config), helper.random()));
  Watch watch(state);
  for (auto _ : state) {
    const PendingCommit pending = watch.time([&] { return need(founder.commit(proposals, {}, noon, helper.random())); });
    state.counters["welcome_bytes"] = static_cast<double>(pending.welcome ? pending.welcome->size() : 0);
  }
}

double heap_in_use() {
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

/// Heap of one group state, and what a staged commit holds beside it.
void heap(benchmark::State& state) {
  LargeGroup& group = group_of(state.range(0), Trees::filled);
  for (auto _ : state) {
    const double before = heap_in_use();
    const Group joined = group.join();
    state.counters["group_bytes"] = heap_in_use() - before;
  }
  const PendingCommit pending = need(group.sender->commit({}, {}, noon, group.random()));
  {
    const double before = heap_in_use();
    const StagedCommit staged = need(group.receiver->stage(pending.commit, noon));
    state.counters["staged_bytes"] = heap_in_use() - before;
  }
  group.refresh();
}

void protect_message(benchmark::State& state) {
  LargeGroup& group = group_of(state.range(0), Trees::filled);
  const Bytes text(100, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(need(group.sender->protect(text, {}, group.random())));
}

void sizes(benchmark::internal::Benchmark* bench) {
  for (const int size : {2, 10, 100, 1000}) bench->Arg(size);
  if (std::getenv("CONCLAVE_LONG") == nullptr) return;
  for (const int size : {5000, 10000}) bench->Arg(size);
}

void timed_sizes(benchmark::internal::Benchmark* bench) {
  sizes(bench);
  bench->UseManualTime()->Unit(benchmark::kMicrosecond);
}

}  // namespace

BENCHMARK(process_path_commit)->Name("mls/process_path_commit")->Apply(timed_sizes);
BENCHMARK_CAPTURE(create_path_commit, filled, Trees::filled)->Name("mls/create_path_commit")->Apply(timed_sizes);
BENCHMARK_CAPTURE(process_add, filled, Trees::filled)->Name("mls/process_add")->Apply(timed_sizes);
BENCHMARK_CAPTURE(add_member, filled, Trees::filled)->Name("mls/add_member")->Apply(timed_sizes);
BENCHMARK_CAPTURE(join, filled, Trees::filled)->Name("mls/join")->Apply(timed_sizes);
BENCHMARK(heap)->Name("mls/heap")->Apply(sizes)->Iterations(1);
BENCHMARK_CAPTURE(create_path_commit, fresh, Trees::fresh)->Name("mls/create_path_commit_fresh")->Apply(timed_sizes);
BENCHMARK(process_first_path_commit)->Name("mls/process_path_commit_fresh")->Apply(timed_sizes);
BENCHMARK_CAPTURE(process_add, fresh, Trees::fresh)->Name("mls/process_add_fresh")->Apply(timed_sizes);
BENCHMARK_CAPTURE(add_member, fresh, Trees::fresh)->Name("mls/add_member_fresh")->Apply(timed_sizes);
BENCHMARK_CAPTURE(join, fresh, Trees::fresh)->Name("mls/join_fresh")->Apply(timed_sizes);
BENCHMARK(add_all)->Name("mls/add_all")->Apply(timed_sizes);
BENCHMARK(protect_message)->Name("mls/protect_message")->Arg(1000)->Unit(benchmark::kMicrosecond);
