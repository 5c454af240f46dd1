#include "sframe/sealer.h"

#include <limits>
#include <type_traits>

#include "sframe/support.h"

using namespace conclave;
using namespace conclave::sframe;
using namespace conclave::sframe::test;

TEST_CASE("key ids of members are those of RFC 9605 figure 10", "[sframe]") {
  const KidLayout layout{4, 6};
  CHECK(layout.join(0, 3, 14) == 0x3E);
  CHECK(layout.join(0, 20, 14) == 0x14E);
  CHECK(layout.join(0, 5, 15) == 0x5F);
  CHECK(layout.join(2, 2, 16) == 0x820);
  CHECK(layout.join(3, 2, 16) == 0xC20);
  CHECK(layout.join(0, 51, 17) == 0x331);
  CHECK(layout.split(0xC20) == KidParts{3, 2, 0});
  CHECK(layout.fits(63, (std::uint64_t{1} << 54) - 1));
  CHECK_FALSE(layout.fits(64, 0));
  CHECK_FALSE(layout.fits(0, std::uint64_t{1} << 54));
}

TEST_CASE("a stream of an epoch has one sealer, which cannot be copied", "[sframe]") {
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<Sealer>);
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<SealingRight>);
  STATIC_REQUIRE_FALSE(std::is_default_constructible_v<Sealer>);
  NewEpoch epoch = make_epoch(default_cipher_suite, 7);
  Sealer first = make_sealer(epoch, 1, 0);
  CHECK(epoch.sealing.make_sealer(1, 0).error().code == ErrorCode::invalid_state);
  CHECK(epoch.sealing.make_sealer(1, 1).ok());
  CHECK(epoch.sealing.make_sealer(1024, 0).error().code == ErrorCode::invalid_argument);

  Bytes out(100);
  REQUIRE(first.seal(as_bytes("a"), {}, out).ok());
  Sealer second = std::move(first);
  CHECK(second.next_counter() == 1);
  CHECK(first.seal(as_bytes("a"), {}, out).error().code == ErrorCode::invalid_state);
  CHECK(second.seal(as_bytes("a"), {}, out).ok());
}

TEST_CASE("equal frames are never sealed to equal bytes", "[sframe]") {
  for (const SuiteParameters& suite : all_cipher_suites()) {
    NewEpoch epoch = make_epoch(suite.id, 1);
    Sealer sealer = make_sealer(epoch, 1);
    Sealer other = make_sealer(epoch, 1, 1);
    const Bytes frame(40, 5);
    const Bytes first = seal(sealer, frame);
    CHECK_FALSE(equal(ByteView(first).last(40), ByteView(seal(sealer, frame)).last(40)));
    CHECK_FALSE(equal(ByteView(first).last(40), ByteView(seal(other, frame)).last(40)));
  }
}

TEST_CASE("a sealer whose last counter is used refuses for ever", "[sframe][attack]") {
  constexpr std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
  NewEpoch epoch = make_epoch(default_cipher_suite, 1);
  Sealer sealer = make_sealer(epoch, 1, 0, last - 1);
  Opener opener = make_opener(epoch, 2);
  CHECK(open(opener, seal(sealer, as_bytes("a"))).result.counter == last - 1);
  CHECK(open(opener, seal(sealer, as_bytes("b"))).result.counter == last);
  Bytes out(100, 0xEE);
  for (int i = 0; i < 3; ++i) CHECK(sealer.seal(as_bytes("c"), {}, out).error().code == ErrorCode::limit_exceeded);
  Sealer moved = std::move(sealer);
  CHECK(moved.seal(as_bytes("c"), {}, out).error().code == ErrorCode::limit_exceeded);
  CHECK(out == Bytes(100, 0xEE));
}

TEST_CASE("a buffer too small is told the size, and neither written nor counted", "[sframe]") {
  for (const SuiteParameters& suite : all_cipher_suites()) {
    NewEpoch epoch = make_epoch(suite.id, 1);
    Sealer sealer = make_sealer(epoch, 1);
    const Bytes frame(30, 1);
    const std::size_t needed = sealer.sealed_size(frame.size());
    CHECK(needed <= max_sealed_size(frame.size()));
    for (std::size_t size = 0; size < needed; ++size) {
      Bytes out(size, 0xEE);
      const auto refused = sealer.seal(frame, {}, out);
      REQUIRE_FALSE(refused.ok());
      REQUIRE(refused.error().code == ErrorCode::buffer_too_small);
      REQUIRE(refused.error().detail.find(std::to_string(needed)) == 0);
      REQUIRE(out == Bytes(size, 0xEE));
    }
    CHECK(sealer.next_counter() == 0);
    Bytes out(needed);
    CHECK(sealer.seal(frame, {}, out).value() == needed);
    CHECK(sealer.seal(frame, Bytes(max_metadata_size + 1), out).error().code == ErrorCode::limit_exceeded);
  }
}

TEST_CASE("a frame may lie anywhere in the buffer it is sealed into", "[sframe]") {
  for (const SuiteParameters& suite : all_cipher_suites()) {
    const Bytes frame = hex("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0123456789");
    NewEpoch reference_epoch = make_epoch(suite.id, 1);
    Sealer reference = make_sealer(reference_epoch, 300);
    const Bytes expected = seal(reference, frame, as_bytes("meta"));
    for (std::size_t offset = 0; offset <= 17; ++offset) {
      NewEpoch epoch = make_epoch(suite.id, 1);
      Sealer sealer = make_sealer(epoch, 300);
      Bytes buffer(max_sealed_size(frame.size()));
      std::ranges::copy(frame, buffer.begin() + static_cast<std::ptrdiff_t>(offset));
      const auto size = sealer.seal(ByteView(buffer).subspan(offset, frame.size()), as_bytes("meta"), buffer);
      REQUIRE(size.ok());
      REQUIRE(equal(ByteView(buffer).first(*size), expected));

      for (std::size_t target = 0; target <= 20; ++target) {
        Opener opener = make_opener(epoch, 301);
        Bytes place = expected;
        place.resize(expected.size() + 40);
        const ByteSpan out = ByteSpan(place).subspan(target, frame.size());
        const OpenResult opened = opener.open(ByteView(place).first(expected.size()), as_bytes("meta"), out);
        REQUIRE(opened.opened());
        REQUIRE(equal(out, frame));
      }
    }
  }
}

TEST_CASE("an epoch's keys need a secret of the suite's size and a layout with room", "[sframe]") {
  const EpochSecret secret(16);
  CHECK(EpochKeys::create(CipherSuite::aes_128_gcm_sha256_128, 1, secret, {}).ok());
  CHECK(EpochKeys::create(CipherSuite::aes_256_gcm_sha512_128, 1, secret, {}).error().code == ErrorCode::invalid_argument);
  CHECK(EpochKeys::create(CipherSuite::aes_128_gcm_sha256_128, 1, secret, {0, 10}).error().code == ErrorCode::invalid_argument);
  CHECK(EpochKeys::create(CipherSuite::aes_128_gcm_sha256_128, 1, secret, {4, 33}).error().code == ErrorCode::invalid_argument);
  CHECK(EpochKeys::create(static_cast<CipherSuite>(6), 1, secret, {}).error().code == ErrorCode::unsupported);
}
