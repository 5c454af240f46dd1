#include "crypto/pool.h"

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <new>
#include <thread>
#include <vector>

namespace conclave::crypto {
namespace {

struct Tool {
  std::atomic<bool> in_use{false};
};
struct Counted {
  void operator()(Tool* tool) const {
    --alive;
    delete tool;
  }
  static inline std::atomic<int> alive{0};
};
using Tools = Pool<Tool, Counted>;

Tools::Object make_tool() {
  ++Counted::alive;
  return Tools::Object(new Tool);
}

TEST_CASE("no two threads ever hold the same object of a pool, and no more are kept than it has places", "[crypto]") {
  {
    Tools tools;
    std::atomic<int> clashes{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int turn = 0; turn < 5'000; ++turn) {
          const auto lease = tools.take(make_tool);
          if (lease.get()->in_use.exchange(true)) ++clashes;
          if (turn % 64 == 0) std::this_thread::yield();
          lease.get()->in_use.store(false);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(clashes == 0);
    CHECK(Counted::alive >= 1);
    CHECK(Counted::alive <= 4);
  }
  CHECK(Counted::alive == 0);
}

TEST_CASE("an object comes back to its place, also after another could not be made", "[crypto]") {
  Tools tools;
  const auto fail = []() -> Tools::Object { throw std::bad_alloc(); };
  CHECK_THROWS_AS(tools.take(fail), std::bad_alloc);
  const Tool* first = tools.take(make_tool).get();
  CHECK(tools.take(fail).get() == first);
  const auto held = tools.take(fail);
  CHECK_THROWS_AS(tools.take(fail), std::bad_alloc);
  const auto beside = tools.take(make_tool);
  CHECK(beside.get() != held.get());
}

}  // namespace
}  // namespace conclave::crypto
