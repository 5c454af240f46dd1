// What parity costs: the code alone on prepared tables (ISA-L), ours with tables and padding, and the making of what was lost.
#include <benchmark/benchmark.h>
#include <isa-l/erasure_code.h>

#include <stdexcept>

#include "transport/fec/block.h"
#include "transport/fec/recovery.h"

namespace {

using namespace conclave;
using namespace conclave::transport::fec;

constexpr std::size_t packets = 10;
constexpr std::size_t rows = 3;
constexpr std::size_t payload = 1100;

std::vector<MediaPacket> media(std::uint32_t first) {
  std::vector<MediaPacket> out(packets);
  for (MediaPacket& packet : out) {
    packet.header.stream_sequence = first++ & 0xffffff;
    packet.payload = SealedPayload::received(Bytes(payload, static_cast<std::uint8_t>(first)));
  }
  return out;
}

/// The nanoseconds of one media packet's share.
void tell(benchmark::State& state) {
  state.counters["per_media_packet"] = benchmark::Counter(static_cast<double>(packets), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void bare(benchmark::State& state) {
  std::vector<std::uint8_t> matrix((packets + rows) * packets);
  gf_gen_cauchy1_matrix(matrix.data(), packets + rows, packets);
  std::vector<std::uint8_t> tables(32 * packets * rows);
  ec_init_tables(packets, rows, matrix.data() + packets * packets, tables.data());
  std::vector<Bytes> symbols(packets + rows, Bytes(payload, 7));
  std::vector<std::uint8_t*> pointers;
  for (Bytes& symbol : symbols) pointers.push_back(symbol.data());
  for (auto _ : state) {
    ec_encode_data(payload, packets, rows, tables.data(), pointers.data(), pointers.data() + packets);
    benchmark::ClobberMemory();
  }
  tell(state);
}

void encode(benchmark::State& state) {
  const auto sent = media(0);
  for (auto _ : state) {
    Block block;
    for (const MediaPacket& packet : sent) (void)block.add(packet, Time{});
    benchmark::DoNotOptimize(block.close(rows));
  }
  tell(state);
}

void recover_lost(benchmark::State& state) {
  const auto lost = static_cast<std::size_t>(state.range(0));
  Recovery recovery;
  std::uint32_t first = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const auto sent = media(first);
    first += packets;
    Block block;
    for (const MediaPacket& packet : sent) (void)block.add(packet, Time{});
    const auto parity = block.close(lost);
    (void)recovery.push(parity[0]);
    state.ResumeTiming();
    std::size_t made = 0;
    for (std::size_t i = lost; i < packets; ++i) made += recovery.push(sent[i]).size();
    for (const MediaPacket& each : parity) made += recovery.push(each).size();
    if (made != lost) throw std::runtime_error("not recovered");
  }
}

}  // namespace

BENCHMARK(bare)->Name("relay/fec/isal/10+3");
BENCHMARK(encode)->Name("relay/fec/encode/10+3");
BENCHMARK(recover_lost)->Name("relay/fec/recover")->Arg(1)->Arg(3);
