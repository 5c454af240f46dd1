// Nanoseconds that the C interface adds to sealing and opening 80 bytes, beside the C++ interface in the same run, as JSON.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "conclave.h"
#include "conclave/client.h"
#include "conclave/session.h"

namespace {

using namespace conclave;
constexpr int rounds = 20'000;

void need(bool holds) {
  if (!holds) std::exit(1);
}

/// The quickest of several runs, per round.
template <class Body>
double nanoseconds(Body body) {
  double best = 1e18;
  for (int turn = 0; turn < 15; ++turn) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i) body();
    best = std::min(best, std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / rounds);
  }
  return best;
}

conclave_handle c_sealer() {
  conclave_session_config config{};
  config.struct_size = sizeof config;
  conclave_handle identity = 0, session = 0, sealer = 0;
  need(conclave_identity_generate(&identity) == CONCLAVE_OK);
  need(conclave_session_found(&config, identity, "Alice", nullptr, &session) == CONCLAVE_OK);
  need(conclave_session_make_sealer(session, 0, 0, &sealer) == CONCLAVE_OK);
  return sealer;
}

}  // namespace

int main() {
  const Moment at{monotonic_now(), {1'800'000'000}};
  auto identity = Identity::generate();
  auto session = Session::found(SessionConfig(), *identity, "Alice", at);
  auto sealer = session->make_sealer(0);
  const conclave_handle handle = c_sealer();
  std::vector<std::uint8_t> frame(80), out(256);
  const double plain = nanoseconds([&] { need(sealer->seal(ByteView(frame), ByteView(), ByteSpan(out)).ok()); });
  const double through_c = nanoseconds([&] {
    std::size_t size = out.size();
    need(conclave_sealer_seal(handle, frame.data(), frame.size(), nullptr, 0, out.data(), &size) == CONCLAVE_OK);
  });
  std::printf("{\"seal_cpp\": %.1f, \"seal\": %.1f, \"added\": %.1f}\n", plain, through_c, through_c - plain);
  return 0;
}
