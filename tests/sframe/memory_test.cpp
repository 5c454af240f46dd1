#include <malloc.h>

#include <iostream>

#include "crypto/hkdf.h"
#include "crypto/random.h"
#include "sframe/frame_key.h"
#include "sframe/header.h"
#include "support/memory_probe.h"
#include "sframe/support.h"

using namespace conclave;
using namespace conclave::sframe;
using namespace conclave::sframe::test;
using namespace conclave::test;

namespace {

bool skipped() {
  if (!can_watch_memory()) std::cout << "SKIPPED: the sanitizer has its own allocator" << std::endl;
  return !can_watch_memory();
}

/// An epoch whose secret a test can look for.
NewEpoch make_known_epoch(const SuiteParameters& suite, ByteView secret) {
  auto made = EpochKeys::create(suite.id, 1, EpochSecret::copy_of(secret), {});
  REQUIRE(made.ok());
  return std::move(made).value();
}

/// Every secret of a frame key, written out as section 4.4.2 derives it.
void watch_all_secrets(const SuiteParameters& suite, ByteView epoch_secret, std::uint64_t kid) {
  const SframeSecret sframe_secret = extract_sframe_secret(suite, epoch_secret);
  watch_for(epoch_secret);
  watch_for(sframe_secret.expose());
  for (const std::string purpose : {"key", "salt"}) {
    std::array<std::uint8_t, 10> numbers{};
    numbers[6] = static_cast<std::uint8_t>(kid >> 8);
    numbers[7] = static_cast<std::uint8_t>(kid);
    numbers[8] = static_cast<std::uint8_t>(static_cast<unsigned>(suite.id) >> 8);
    numbers[9] = static_cast<std::uint8_t>(suite.id);
    Secret<struct WatchedTag> derived(purpose == "key" ? suite.key_size : nonce_size);
    crypto::hkdf_expand(suite.hash, sframe_secret.expose(), {as_bytes("SFrame 1.0 Secret " + purpose + " "), numbers},
                        derived.expose_mutable());
    watch_for(derived.expose());
    if (!suite.aead && purpose == "key") watch_for(derived.expose().first(16));
  }
}

}  // namespace

TEST_CASE("sealing and opening allocate nothing once a stream is set up", "[sframe]") {
  if (skipped()) return;
  for (const SuiteParameters& suite : all_cipher_suites()) {
    CAPTURE(static_cast<int>(suite.id));
    NewEpoch epoch = make_epoch(suite.id, 1);
    Sealer sealer = make_sealer(epoch, 1);
    Opener opener = make_opener(epoch, 2);
    const Bytes frame(50'000, 1);
    Bytes sealed(max_sealed_size(frame.size()));
    Bytes out(frame.size());
    const auto round = [&](std::size_t size) {
      const auto sealed_size = sealer.seal(ByteView(frame).first(size), as_bytes("metadata"), sealed);
      return sealed_size.ok() && opener.open(ByteView(sealed).first(*sealed_size), as_bytes("metadata"), out).opened();
    };
    REQUIRE(round(frame.size()));
    const std::size_t before = allocations();
    bool good = true;
    for (int i = 0; i < 1000; ++i) good = good && round(static_cast<std::size_t>(i) * 50);
    const std::size_t after = allocations();
    CHECK(good);
    CHECK(after == before);
  }
}

TEST_CASE("a frame that cannot be opened stores nothing", "[sframe][attack]") {
  if (skipped()) return;
  NewEpoch epoch = make_epoch(default_cipher_suite, 1);
  Opener opener = make_opener(epoch, 100);
  crypto::SeededRandom random(1);
  std::array<std::uint8_t, 64> bytes{};
  std::array<std::uint8_t, 64> out{};
  const auto flood = [&](int frames) {
    for (int i = 0; i < frames; ++i) {
      random.fill(bytes);
      static_cast<void>(opener.open(bytes, {}, out));
      // A forged frame of a member: any stream, epoch 1, and one in another epoch.
      for (const std::uint64_t kid : {epoch.keys->layout().join(bytes[0] % 16, bytes[1] % 100, 1), std::uint64_t{bytes[2]} << 4 | 2}) {
        write({kid, bytes[3]}, bytes);
        static_cast<void>(opener.open(bytes, {}, out));
      }
    }
  };
  flood(100);
  const auto in_use = [] { return mallinfo2().uordblks; };
  const std::size_t before = in_use();
  flood(20'000);
  CHECK(in_use() == before);
  CHECK(opener.held_streams() == 0);

  const std::size_t allocations_before = allocations();
  for (std::uint64_t kid = 0; kid < 1'000'000; ++kid) {
    bytes.fill(0);
    write({epoch.keys->layout().join(0, static_cast<std::uint32_t>(100 + kid % 900), kid % 16), kid}, bytes);
    static_cast<void>(opener.open(bytes, {}, out));
  }
  CHECK(allocations() == allocations_before);
}

TEST_CASE("no copy of a key is left in memory when its owners are gone", "[sframe]") {
  if (skipped()) return;
  for (const SuiteParameters& suite : all_cipher_suites()) {
    CAPTURE(static_cast<int>(suite.id));
    crypto::SeededRandom random(static_cast<unsigned>(suite.id));
    std::array<std::uint8_t, 48> secret{};
    random.fill(secret);
    const ByteView epoch_secret = ByteView(secret).first(suite.key_size);
    const std::uint64_t kid = KidLayout{}.join(0, 5, 1);
    forget_secrets();
    watch_all_secrets(suite, epoch_secret, kid);

    const std::size_t on_stack = copies_left_on_stack([&] {
      NewEpoch epoch = make_known_epoch(suite, epoch_secret);
      Sealer sealer = make_sealer(epoch, 5);
      REQUIRE(sealer.kid() == kid);
      Sealer moved = std::move(sealer);
      Opener opener = make_opener(epoch, 6);
      CHECK(open(opener, seal(moved, Bytes(40'000, 1))).result.opened());
      CHECK(open(opener, seal(moved, Bytes(80, 1))).result.opened());
    });
    CHECK(on_stack == 0);
    CHECK(leaks() == 0);
  }
  forget_secrets();
}

TEST_CASE("the search for leftover keys finds one", "[sframe]") {
  if (skipped()) return;
  const Bytes secret(32, 0xA7);
  forget_secrets();
  watch_for(secret);
  const std::size_t on_stack = copies_left_on_stack([&] {
    std::array<std::uint8_t, 32> copy{};
    std::memcpy(copy.data(), secret.data(), copy.size());
    Bytes on_heap(secret.begin(), secret.end());
    asm volatile("" : : "r"(copy.data()), "r"(on_heap.data()) : "memory");  // both are really written
  });
  CHECK(on_stack > 0);
  CHECK(leaks() > 0);
  forget_secrets();
}
