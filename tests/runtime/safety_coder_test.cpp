#include "runtime/safety_coder.h"

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>
#include <vector>

namespace conclave::runtime {
namespace {

constexpr int patience_ms = 60'000;

ComputeSafetyCode code_of(std::uint8_t first, std::uint8_t second) { return {{Bytes(32, first), Bytes(32, second)}}; }

/// The next code that is computed.
SafetyCodeComputed next(SafetyCoder& coder, const Waker& waker) {
  for (;;) {
    pollfd woken{waker.descriptor(), POLLIN, 0};
    REQUIRE(::poll(&woken, 1, patience_ms) == 1);
    waker.clear();
    if (auto computed = coder.take()) return std::move(*computed);
  }
}

/// The niceness of each thread of this process that is not the caller.
std::vector<int> niceness_of_others() {
  std::vector<int> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    const int thread = std::stoi(entry.path().filename());
    if (thread != ::getpid()) found.push_back(::getpriority(PRIO_PROCESS, static_cast<id_t>(thread)));
  }
  return found;
}

}  // namespace

TEST_CASE("while a hall fills, the safety code of the newest membership is computed, and not each one's", "[runtime]") {
  const auto waker = std::make_shared<const Waker>();
  SafetyCoder coder(waker);
  const auto begin = std::chrono::steady_clock::now();
  coder.ask(code_of(1, 2));
  const auto first = next(coder, *waker);
  CHECK(first.identity_keys == code_of(1, 2).identity_keys);
  CHECK_FALSE(first.codes.digits.empty());
  for (std::uint8_t newcomer = 3; newcomer < 20; ++newcomer) coder.ask(code_of(1, newcomer));
  const auto second = next(coder, *waker);
  CHECK(second.identity_keys == code_of(1, 19).identity_keys);
  CHECK(second.codes.digits != first.codes.digits);
  CHECK(std::chrono::steady_clock::now() - begin >= SafetyCoder::between_codes);
}

TEST_CASE("the thread that computes safety codes gives way to media", "[runtime]") {
  const auto waker = std::make_shared<const Waker>();
  const auto before = niceness_of_others();
  SafetyCoder coder(waker);
  coder.ask(code_of(1, 2));
  (void)next(coder, *waker);
  const auto after = niceness_of_others();
  CHECK(std::ranges::count_if(after, [](int nice) { return nice >= 10; }) > std::ranges::count_if(before, [](int nice) { return nice >= 10; }));
}

TEST_CASE("who ends does not wait for the rest between two safety codes", "[runtime]") {
  const auto waker = std::make_shared<const Waker>();
  std::optional<SafetyCoder> coder(std::in_place, waker);
  coder->ask(code_of(1, 2));
  (void)next(*coder, *waker);
  coder->ask(code_of(1, 3));
  coder.reset();
  CHECK_FALSE(coder.has_value());
}

}  // namespace conclave::runtime
