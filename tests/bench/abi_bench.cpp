// What the C interface costs per frame, beside the C++ interface in the same run. Cases: abi|session, seal|open, bytes.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "conclave.h"
#include "conclave/client.h"
#include "conclave/session.h"

namespace {

using namespace conclave;
constexpr std::size_t batch = 4096;  // frames that are sealed at a time, for an opener that takes each once
using Frames = std::vector<std::vector<std::uint8_t>>;

void need(bool holds) {
  if (!holds) std::abort();
}

/// Founder and guest of one room, by the C++ interface.
struct Plain {
  static Moment at() { return {monotonic_now(), {1'800'000'000}}; }

  std::optional<Session> host, guest;
  std::optional<FrameSealer> sealer;
  FrameOpener opener;

  Plain() {
    auto alice = Identity::generate(), bob = Identity::generate();
    host.emplace(std::move(*Session::found(SessionConfig(), *alice, "Alice", at())));
    auto joining = Joining::begin(SessionConfig(), *bob, "Bob", at());
    auto step = host->admit(1, joining->key_package(), at());
    need(step.ok());
    const ToLog& commit = step->send.at(0);
    host->handle(commit.message, at());
    guest.emplace(std::move(*joining->complete(commit.admission->welcome, alice->hash(), at())));
    sealer.emplace(std::move(*host->make_sealer(0)));
    opener.update(guest->frame_keys());
  }

  std::size_t seal(const std::vector<std::uint8_t>& frame, std::vector<std::uint8_t>& out) {
    const auto sealed = sealer->seal(ByteView(frame), ByteView(), ByteSpan(out));
    need(sealed.ok());
    return *sealed;
  }
  void open(const std::vector<std::uint8_t>& sealed, std::vector<std::uint8_t>& out) {
    need(opener.open(std::nullopt, ByteView(sealed), ByteView(), ByteSpan(out)).opened());
  }
};

/// The same by the C interface.
struct ThroughC {
  conclave_handle host = 0, guest = 0, sealer = 0, opener = 0;
  conclave_opened opened{};

  ThroughC() {
    opened.struct_size = sizeof opened;
    conclave_session_config config{};
    config.struct_size = sizeof config;
    conclave_handle alice = 0, bob = 0, joining = 0;
    need(conclave_identity_generate(&alice) == CONCLAVE_OK && conclave_identity_generate(&bob) == CONCLAVE_OK);
    need(conclave_session_found(&config, alice, "Alice", nullptr, &host) == CONCLAVE_OK);
    need(conclave_joining_begin(&config, bob, "Bob", nullptr, &joining) == CONCLAVE_OK);
    std::array<std::uint8_t, 32> hash{};
    std::size_t size = hash.size();
    need(conclave_identity_hash(alice, hash.data(), &size) == CONCLAVE_OK);
    std::vector<std::uint8_t> bytes(1 << 14);
    size = bytes.size();
    need(conclave_joining_key_package(joining, bytes.data(), &size) == CONCLAVE_OK);
    need(conclave_session_admit(host, 1, bytes.data(), size, nullptr) == CONCLAVE_OK);
    welcome(joining, hash);
    need(conclave_session_make_sealer(host, 0, 0, &sealer) == CONCLAVE_OK && conclave_opener_create(&opener) == CONCLAVE_OK);
    need(conclave_opener_update(opener, guest) == CONCLAVE_OK);
  }

  /// Carries what the host says to its log, and to who joins.
  void welcome(conclave_handle joining, const std::array<std::uint8_t, 32>& hash) {
    std::vector<std::uint8_t> bytes(1 << 14);
    conclave_output output{};
    output.struct_size = sizeof output;
    while (guest == 0) {
      std::size_t size = bytes.size();
      need(conclave_session_next_output(host, &output, bytes.data(), &size) == CONCLAVE_OK && output.kind != CONCLAVE_OUTPUT_NONE);
      if (output.kind == CONCLAVE_OUTPUT_LOG) need(conclave_session_handle(host, bytes.data(), size, nullptr) == CONCLAVE_OK);
      if (output.kind == CONCLAVE_OUTPUT_WELCOME)
        need(conclave_joining_complete(joining, bytes.data(), size, hash.data(), hash.size(), nullptr, &guest) == CONCLAVE_OK);
    }
  }

  std::size_t seal(const std::vector<std::uint8_t>& frame, std::vector<std::uint8_t>& out) {
    std::size_t size = out.size();
    need(conclave_sealer_seal(sealer, frame.data(), frame.size(), nullptr, 0, out.data(), &size) == CONCLAVE_OK);
    return size;
  }
  void open(const std::vector<std::uint8_t>& sealed, std::vector<std::uint8_t>& out) {
    need(conclave_opener_open(opener, -1, sealed.data(), sealed.size(), nullptr, 0, 0, out.data(), out.size(), &opened) == CONCLAVE_OK);
    need(opened.status == CONCLAVE_OPENED);
  }
};

template <class Way>
void seal(benchmark::State& state) {
  static Way way;
  const std::vector<std::uint8_t> frame(static_cast<std::size_t>(state.range(0)));
  std::vector<std::uint8_t> out(frame.size() + 128);
  for (auto _ : state) benchmark::DoNotOptimize(way.seal(frame, out));
}

template <class Way>
void open(benchmark::State& state) {
  static Way way;
  const std::vector<std::uint8_t> frame(static_cast<std::size_t>(state.range(0)));
  std::vector<std::uint8_t> out(frame.size() + 128);
  Frames frames(batch);
  std::size_t next = batch;
  for (auto _ : state) {
    if (next == batch) {
      state.PauseTiming();
      for (auto& sealed : frames) sealed.assign(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(way.seal(frame, out)));
      next = 0;
      state.ResumeTiming();
    }
    way.open(frames[next++], out);
  }
}

BENCHMARK_TEMPLATE(seal, Plain)->Name("session/seal")->Arg(80)->Arg(1200);
BENCHMARK_TEMPLATE(seal, ThroughC)->Name("abi/seal")->Arg(80)->Arg(1200);
BENCHMARK_TEMPLATE(open, Plain)->Name("session/open")->Arg(80)->Arg(1200);
BENCHMARK_TEMPLATE(open, ThroughC)->Name("abi/open")->Arg(80)->Arg(1200);

}  // namespace
