#include "runtime/event_loop.h"

#include <catch2/catch.hpp>
#include <thread>

#include "runtime/steady_time.h"
#include "runtime/waker.h"

using namespace conclave;
using namespace std::chrono_literals;
using runtime::EventLoop;
using runtime::steady_now;

TEST_CASE("a loop runs what other threads post, and stops when told", "[runtime]") {
  EventLoop loop;
  int posted = 0;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) loop.post([&] { ++posted; });
    loop.post([&] { loop.stop(); });
  });
  loop.run();
  other.join();
  CHECK(posted == 1000);
}

TEST_CASE("a deadline comes in time, may be brought forward, put off and taken back", "[runtime]") {
  EventLoop loop;
  std::vector<Time> fired;
  const Time start = steady_now();
  loop.on_deadline([&] {
    fired.push_back(steady_now());
    if (fired.size() == 1) loop.set_deadline(steady_now() + 30ms);
    else loop.stop();
  });
  loop.set_deadline(start + 10s);
  loop.set_deadline(start + 5ms);
  loop.set_deadline(start + 20ms);
  loop.run();
  REQUIRE(fired.size() == 2);
  CHECK(fired[0] >= start + 20ms);
  CHECK(fired[1] >= fired[0] + 30ms);
  CHECK(fired[1] < start + 2s);
}

TEST_CASE("a deadline that was taken back does not come", "[runtime]") {
  EventLoop loop;
  bool fired = false;
  loop.on_deadline([&] { fired = true; });
  loop.set_deadline(steady_now() + 10ms);
  loop.set_deadline(never);
  std::thread other([&] {
    std::this_thread::sleep_for(50ms);
    loop.stop();
  });
  loop.run();
  other.join();
  CHECK_FALSE(fired);
}

TEST_CASE("a descriptor is reported as long as it can be read, and stays its owner's", "[runtime]") {
  const runtime::Waker waker;
  int readable = 0;
  int writable = 0;
  {
    EventLoop loop;
    loop.on_readable(waker.descriptor(), [&] {
      if (++readable == 3) waker.clear();
      if (readable == 3) loop.when_writable(waker.descriptor(), [&] {
        ++writable;
        loop.stop();
      });
    });
    std::thread other([&] { waker.wake(); });
    loop.run();
    other.join();
  }
  CHECK(readable == 3);
  CHECK(writable == 1);
  waker.wake();  // still open
  eventfd_t count = 0;
  CHECK(::eventfd_read(waker.descriptor(), &count) == 0);
}
