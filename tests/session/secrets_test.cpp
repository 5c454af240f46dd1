// No live copy of a secret is left: every block that a session gives back to the heap is searched for what its random source made.
#include <catch2/catch.hpp>

#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include "session/room_of_two.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONCLAVE_OWN_HEAP 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define CONCLAVE_OWN_HEAP 0
#endif
#endif
#ifndef CONCLAVE_OWN_HEAP
#define CONCLAVE_OWN_HEAP 1
#endif

#if CONCLAVE_OWN_HEAP

namespace {

/// Where the watch keeps what it looks for: no heap of its own, since it is asked while blocks are freed.
struct Watch {
  static constexpr std::size_t piece = 16;
  std::array<std::array<unsigned char, piece>, 4096> secrets{};
  std::size_t count = 0;
  bool on = false;
  std::size_t blocks = 0;
  std::size_t leaks = 0;

  void add(const std::uint8_t* bytes) {
    if (count < secrets.size()) std::memcpy(secrets[count++].data(), bytes, piece);
  }
  void look(void* block) {
    ++blocks;
    const std::size_t size = malloc_usable_size(block);
    for (std::size_t i = 0; i < count; ++i) {
      if (memmem(block, size, secrets[i].data(), piece) != nullptr) {
        ++leaks;
        return;
      }
    }
  }
};
Watch watch;

/// Remembers each key-sized output.
class WatchedRandom final : public conclave::crypto::Random {
 public:
  void fill(conclave::ByteSpan out) override {
    source_.fill(out);
    if (out.size() >= 32) watch.add(out.data());
  }

 private:
  conclave::crypto::SeededRandom source_{99};
};

}  // namespace

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // it sees one of the pair inlined and takes malloc for foreign
#endif

void* operator new(std::size_t size) {
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) std::abort();
  return block;
}
void operator delete(void* block) noexcept {
  if (block != nullptr && watch.on) watch.look(block);
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept { operator delete(block); }

TEST_CASE("the watch over freed memory sees a secret that was left in it", "[session]") {
  std::array<std::uint8_t, 32> secret{};
  conclave::crypto::SeededRandom(4).fill(secret);
  watch.add(secret.data());
  watch.leaks = 0;
  watch.on = true;
  { std::vector<std::uint8_t> careless(secret.begin(), secret.end()); }
  const std::size_t seen = watch.leaks;
  { auto careful = conclave::SecretBuffer::copy_of(secret); }
  watch.on = false;
  CHECK(seen == 1);
  CHECK(watch.leaks == 1);
  watch.count = 0;
}

TEST_CASE("the public sealer and opener give nothing back to the heap once a stream is set up: they take nothing from it", "[session]") {
  using namespace conclave;
  for (const FrameMode mode : {FrameMode::whole, FrameMode::opus}) {
    test::RoomOfTwo room;
    auto sealer = *room.founder.make_sealer(2, mode);
    FrameOpener opener;
    opener.update(room.guest.keys().snapshot());
    const Bytes frame(5000, 0x78);
    Bytes sealed(max_sealed_size(frame.size(), mode));
    Bytes out(sealed.size());
    const auto good = [&](std::size_t size) {
      const auto written = sealer.seal(ByteView(frame).first(size), ByteView(frame).first(20), sealed);
      return written.ok() && opener.open(std::nullopt, ByteView(sealed).first(*written), ByteView(frame).first(20), out, mode).opened();
    };
    REQUIRE(good(5000));
    watch.count = 0;
    watch.blocks = 0;
    watch.on = true;
    bool all = true;
    for (std::size_t size = 1; size < 5000; size += 7) all = good(size) && all;
    const std::size_t blocks = watch.blocks;
    watch.on = false;
    CHECK(all);
    CHECK(blocks == 0);
  }
}

TEST_CASE("no live copy of a seed or private key is left by founding, joining, rotating, removing and ending a room", "[session][attack]") {
  using namespace conclave;
  WatchedRandom random;
  watch.count = 0;
  watch.leaks = 0;
  watch.blocks = 0;
  constexpr UnixSeconds wall{1'700'000'000};
  SessionConfig config;
  const auto run = [&] {
    auto ada = *room::Identity::generate(random);
    auto bob = *room::Identity::generate(random);
    auto founder = *session::RoomGroup::found(config, ada, "Ada", wall, random);
    auto joining = *session::PendingSeat::begin(config, bob, "Bob", wall, random);
    const auto admitted = *founder.admit(joining.key_package(), wall, random);
    (void)founder.handle_commit(admitted.message, wall, Time{});
    auto guest = *joining.complete(*admitted.welcome, ada.hash(), wall, random);
    for (session::RoomGroup* who : {&founder, &guest, &founder}) {
      const auto commit = *who->rotate(wall, random);
      (void)founder.handle_commit(commit.message, wall, Time{});
      (void)guest.handle_commit(commit.message, wall, Time{});
    }
    const auto message = *guest.seal_message(Bytes(100, 1), random);
    (void)founder.open_message(message);
    const auto removal = *founder.remove(guest.self(), wall, random);
    (void)founder.handle_commit(removal.message, wall, Time{});
    (void)guest.handle_commit(removal.message, wall, Time{});
    return founder.epoch();
  };
  watch.on = true;
  const std::uint64_t epoch = run();
  watch.on = false;
  CHECK(epoch == 5);
  CHECK(watch.count > 10);
  CHECK(watch.blocks > 1000);
  CHECK(watch.leaks == 0);
}

#endif
