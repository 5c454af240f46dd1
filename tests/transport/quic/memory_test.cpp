// What one member's connection costs a relay in memory.
#include <malloc.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "world.h"

// Sanitizers have allocators of their own, which count otherwise.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONCLAVE_OTHER_ALLOCATOR
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CONCLAVE_OTHER_ALLOCATOR
#endif
#endif
#ifndef CONCLAVE_OTHER_ALLOCATOR

using namespace conclave;
using namespace conclave::test;

namespace {

struct Footprint {
  std::int64_t heap = 0;      ///< what was asked for
  std::int64_t resident = 0;  ///< what the process has in memory
};

Footprint footprint() {
  ::malloc_trim(0);
  std::int64_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  const struct mallinfo2 heap = ::mallinfo2();
  return {static_cast<std::int64_t>(heap.uordblks + heap.hblkhd), resident * ::sysconf(_SC_PAGESIZE)};
}

}  // namespace

/// Beside this stand the pages of `Reserve` that the QUIC library touches, some eleven of 4 KiB. What all of it costs a relay's process is measured
/// there (tests/runtime/relay/footprint_test.cpp, docs/figures/relay.md). A TLS session kept after the handshake shows here.
TEST_CASE("a member's connection asks a relay for at most 24 KiB of its heap", "[transport][quic]") {
  constexpr int count = 100;
  World world(1);
  (void)world.joined();
  world.members.clear();
  world.run(seconds(15));
  const Footprint before = footprint();
  for (int i = 0; i < count; ++i) (void)world.join();
  world.run(seconds(3));
  REQUIRE(world.server->connections() == count);
  for (const auto& member : world.members) {
    (void)member->client.send_message(Channel::control, Bytes(100, 1), world.now);
    (void)member->client.send_media(media_packet(1), world.now);
  }
  world.run(seconds(1));
  world.members.clear();  // what is left is the relay's
  world.events = {};
  const Footprint after = footprint();
  const auto each = (after.heap - before.heap) / count;
  const auto resident = (after.resident - before.resident) / count;
  if (std::getenv("CONCLAVE_LONG") != nullptr) std::cout << "per connection: " << each << " bytes of heap, " << resident << " resident" << std::endl;
  CHECK(each > 0);
  CHECK(each <= 24 * 1024);
}
#endif
