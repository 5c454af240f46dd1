// What a group costs, by size. `fresh` trees have blank parents; in `filled` ones everybody has committed once.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <map>

#include "mls_fixture.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::bench;

namespace {

/// One fixture per size and kind, made when a case first needs it, and renewed when a case has used it up.
Fixture& fixture(std::int64_t size, Trees trees) {
  static std::map<std::pair<std::int64_t, Trees>, std::unique_ptr<Fixture>> made;
  auto& place = made[{size, trees}];
  if (!place) place = std::make_unique<Fixture>(static_cast<std::uint32_t>(size), trees);
  return *place;
}

/// Staging and merging: the sender's commits are made aside, in order.
void process_path_commit(benchmark::State& state, Trees trees) {
  Fixture& group = fixture(state.range(0), trees);
  for (auto _ : state) {
    state.PauseTiming();
    const PendingCommit pending = need(group.sender->commit({}, {}, noon, group.random()));
    need(group.sender->merge_pending());
    state.ResumeTiming();
    need(group.receiver->merge(need(group.receiver->stage(pending.commit, noon))));
  }
  state.counters["bytes"] = static_cast<double>(need(group.sender->commit({}, {}, noon, group.random())).commit.size());
  group.refresh();
}

void create_path_commit(benchmark::State& state, Trees trees) {
  Fixture& group = fixture(state.range(0), trees);
  for (auto _ : state) benchmark::DoNotOptimize(need(group.sender->commit({}, {}, noon, group.random())));
  group.refresh();
}

CommitOptions without_path() {
  CommitOptions options;
  options.force_path = false;
  options.tree_in_welcome = false;
  return options;
}

void process_add(benchmark::State& state) {
  Fixture& group = fixture(state.range(0), Trees::filled);
  const PendingCommit pending = need(group.sender->commit({group.add_proposal()}, without_path(), noon, group.random()));
  for (auto _ : state) benchmark::DoNotOptimize(need(group.receiver->stage(pending.commit, noon)));
  group.refresh();
}

void add_member(benchmark::State& state) {
  Fixture& group = fixture(state.range(0), Trees::filled);
  const Proposal add = group.add_proposal();
  for (auto _ : state) benchmark::DoNotOptimize(need(group.sender->commit({add}, without_path(), noon, group.random())));
  group.refresh();
}

void join(benchmark::State& state, Trees trees) {
  Fixture& group = fixture(state.range(0), trees);
  for (auto _ : state) benchmark::DoNotOptimize(group.join());
}

/// One commit by the founder that adds everybody else.
void add_all(benchmark::State& state) {
  Fixture& helper = fixture(2, Trees::fresh);
  std::vector<Proposal> proposals;
  for (std::int64_t i = 1; i < state.range(0); ++i) proposals.push_back(helper.add_proposal());
  GroupConfig config;
  config.signer = need(crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, helper.random()));
  config.profile = {BasicCredential{{1}}, Capabilities::of_library(config.suite), {}, {noon.value - 10, noon.value + 10}};
  Group founder = need(Group::create(std::move(config), helper.random()));
  for (auto _ : state) benchmark::DoNotOptimize(need(founder.commit(proposals, {}, noon, helper.random())));
}

/// Heap of one group state, and what a staged commit holds beside it.
void heap(benchmark::State& state, Trees trees) {
  Fixture& group = fixture(state.range(0), trees);
  const auto in_use = [] { return static_cast<double>(mallinfo2().uordblks + mallinfo2().hblkhd); };
  for (auto _ : state) {
    const double before = in_use();
    const Group joined = group.join();
    state.counters["group_bytes"] = in_use() - before;
  }
  const PendingCommit pending = need(group.sender->commit({}, {}, noon, group.random()));
  {
    const double before = in_use();
    const StagedCommit staged = need(group.receiver->stage(pending.commit, noon));
    state.counters["staged_bytes"] = in_use() - before;
  }
  group.refresh();
}

void protect_message(benchmark::State& state) {
  Fixture& group = fixture(state.range(0), Trees::filled);
  const Bytes text(100, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(need(group.sender->protect(text, {}, group.random())));
}

}  // namespace

#define CONCLAVE_SIZES Arg(2)->Arg(10)->Arg(100)->Arg(1000)->Arg(5000)->Arg(10000)
BENCHMARK_CAPTURE(process_path_commit, filled, Trees::filled)->Name("mls/process_path_commit")->CONCLAVE_SIZES->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(create_path_commit, filled, Trees::filled)->Name("mls/create_path_commit")->CONCLAVE_SIZES->Unit(benchmark::kMicrosecond);
BENCHMARK(process_add)->Name("mls/process_add")->CONCLAVE_SIZES->Unit(benchmark::kMicrosecond);
BENCHMARK(add_member)->Name("mls/add_member")->CONCLAVE_SIZES->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(join, filled, Trees::filled)->Name("mls/join")->CONCLAVE_SIZES->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(heap, filled, Trees::filled)->Name("mls/heap")->CONCLAVE_SIZES->Iterations(1);
BENCHMARK_CAPTURE(create_path_commit, fresh, Trees::fresh)->Name("mls/create_path_commit_fresh")->CONCLAVE_SIZES->Iterations(3)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(join, fresh, Trees::fresh)->Name("mls/join_fresh")->CONCLAVE_SIZES->Unit(benchmark::kMillisecond);
BENCHMARK(add_all)->Name("mls/add_all")->CONCLAVE_SIZES->Unit(benchmark::kMillisecond);
BENCHMARK(protect_message)->Name("mls/protect_message")->Arg(1000)->Unit(benchmark::kMicrosecond);
