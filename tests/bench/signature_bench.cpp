// What signing every frame costs, beside one bare Ed25519 operation.
#include <benchmark/benchmark.h>

#include "session/frame_signature.h"

namespace {

using namespace conclave;
using namespace conclave::session;

const crypto::SignaturePrivateKey& key() {
  static crypto::SeededRandom random(1);
  static const auto made = *crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random);
  return made;
}

void limit_ed25519_verify(benchmark::State& state) {
  const Bytes message(57, 1);
  const Bytes signature = *key().sign(message);
  for (auto _ : state) benchmark::DoNotOptimize(key().public_key().verify(message, signature));
}

void sign(benchmark::State& state, FrameSigning signing) {
  FrameSigner signer({}, signing);
  const Bytes content(static_cast<std::size_t>(state.range(0)), 2);
  std::uint64_t counter = 0;
  for (auto _ : state) {
    Bytes frame = content;
    benchmark::DoNotOptimize(signer.sign(key(), {1, 2, 0, counter++}, {}, frame).ok());
  }
}

void verify(benchmark::State& state, FrameSigning signing) {
  std::vector<Bytes> frames(3, Bytes(static_cast<std::size_t>(state.range(0)), 2));
  FrameSigner signer({}, signing);
  for (std::uint64_t i = 0; i < 3; ++i) (void)signer.sign(key(), {1, 2, 0, i}, {}, frames[i]);
  FrameVerifier verifier({}, key().public_key(), signing);
  std::uint64_t counter = 0;
  std::size_t heard = 0;
  for (auto _ : state) {
    heard += verifier.push({1, 2, 0, counter % 3}, {}, frames[counter % 3], 0).size();
    ++counter;
  }
  if (heard + 3 < counter) state.SkipWithError("frames were refused");
}

BENCHMARK(limit_ed25519_verify)->Name("signature/limit_ed25519_verify");
BENCHMARK_CAPTURE(sign, per_frame, FrameSigning::per_frame)->Name("signature/sign_per_frame")->Arg(80)->Arg(1200)->Arg(10'000);
BENCHMARK_CAPTURE(sign, batched, FrameSigning::batched)->Name("signature/sign_batched")->Arg(80);
BENCHMARK_CAPTURE(verify, per_frame, FrameSigning::per_frame)->Name("signature/verify_per_frame")->Arg(80)->Arg(1200)->Arg(10'000);
BENCHMARK_CAPTURE(verify, batched, FrameSigning::batched)->Name("signature/verify_batched")->Arg(80);

}  // namespace
