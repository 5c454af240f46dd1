// What a relay or another member may try (RFC 9605 sections 7 and 9).
#include <algorithm>
#include <vector>

#include "crypto/random.h"
#include "sframe/support.h"

using namespace conclave;
using namespace conclave::sframe;
using namespace conclave::sframe::test;

namespace {

const Bytes frame(50, 0x42);
const ByteView metadata = as_bytes("ssrc 7");

}  // namespace

TEST_CASE("a replayed frame is refused and leaves no plaintext", "[sframe][attack]") {
  for (const SuiteParameters& suite : all_cipher_suites()) {
    NewEpoch epoch = make_epoch(suite.id, 1);
    Sealer sealer = make_sealer(epoch, 1);
    Opener opener = make_opener(epoch, 2);
    const Bytes sealed = seal(sealer, frame, metadata);
    CHECK(status(opener, sealed, metadata) == OpenStatus::opened);
    const Opened again = open(opener, sealed, metadata);
    CHECK(again.result.status == OpenStatus::replayed);
    CHECK(again.result.sender == 1);
    CHECK(std::ranges::count(again.frame, 0x42) == 0);
  }
}

TEST_CASE("frames open in any order inside the window, and not behind it", "[sframe][attack]") {
  NewEpoch epoch = make_epoch(default_cipher_suite, 1);
  Sealer sealer = make_sealer(epoch, 1);
  Opener opener = make_opener(epoch, 2);
  std::vector<Bytes> sealed;
  for (std::uint64_t i = 0; i < ReplayWindow::size + 10; ++i) sealed.push_back(seal(sealer, frame));
  for (std::size_t i = sealed.size(); i-- > 0;) {
    CHECK(status(opener, sealed[i]) == (i < 10 ? OpenStatus::too_old : OpenStatus::opened));
  }
  for (const Bytes& one : sealed) CHECK(status(opener, one) != OpenStatus::opened);
}

TEST_CASE("where counters are spent later, a frame that its reader rejects uses up none and moves no window", "[sframe][attack]") {
  NewEpoch epoch = make_epoch(default_cipher_suite, 1);
  NewEpoch raided = make_epoch(default_cipher_suite, 1);
  Sealer sealer = make_sealer(epoch, 1);
  Sealer raider = make_sealer(raided, 1, 0, std::uint64_t{1} << 40);
  Opener opener;
  REQUIRE(opener.add_epoch(epoch.keys, Spending::later).ok());
  REQUIRE(opener.allow(1, 1).ok());
  CHECK(status(opener, seal(raider, frame)) == OpenStatus::opened);  // and rejected by its reader
  const Bytes sealed = seal(sealer, frame);
  CHECK(status(opener, sealed) == OpenStatus::opened);
  const Opened accepted = open(opener, sealed);
  REQUIRE(accepted.result.opened());
  opener.spend(accepted.result);
  const Opened again = open(opener, sealed);
  CHECK(again.result.status == OpenStatus::replayed);
  CHECK(std::ranges::count(again.frame, 0x42) == 0);
  OpenResult elsewhere = accepted.result;
  elsewhere.epoch = 2;
  opener.spend(elsewhere);  // of an epoch that is over: nothing to spend
}

TEST_CASE("changed metadata, every flipped bit and every truncation are refused", "[sframe][attack]") {
  for (const SuiteParameters& suite : all_cipher_suites()) {
    NewEpoch epoch = make_epoch(suite.id, 1);
    Sealer sealer = make_sealer(epoch, 1, 0, 300);
    Opener opener = make_opener(epoch, 1024);
    const Bytes sealed = seal(sealer, frame, metadata);
    CHECK(status(opener, sealed, as_bytes("ssrc 8")) == OpenStatus::forged);
    CHECK(status(opener, sealed, {}) == OpenStatus::forged);
    CHECK(status(opener, sealed, Bytes(max_metadata_size + 1)) == OpenStatus::forged);
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
      Bytes damaged = sealed;
      damaged[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
      const Opened opened = open(opener, damaged, metadata);
      REQUIRE_FALSE(opened.result.opened());
      REQUIRE(std::ranges::count(opened.frame, 0x42) < 10);
    }
    for (std::size_t size = 0; size < sealed.size(); ++size) {
      REQUIRE_FALSE(open(opener, ByteView(sealed).first(size), metadata).result.opened());
    }
    Bytes longer = sealed;
    longer.push_back(0);
    CHECK(status(opener, longer, metadata) == OpenStatus::forged);
    CHECK(opener.held_streams() == 0);
    CHECK(status(opener, sealed, metadata) == OpenStatus::opened);
  }
}

TEST_CASE("metadata and header cannot trade bytes", "[sframe][attack]") {
  NewEpoch epoch = make_epoch(CipherSuite::aes_128_ctr_hmac_sha256_80, 1);
  Sealer sealer = make_sealer(epoch, 1);
  Opener opener = make_opener(epoch, 2);
  Bytes sealed = seal(sealer, frame, hex("aabb"));
  // The last byte of the metadata moved to the front of the ciphertext, and back.
  sealed.insert(sealed.begin() + 2, 0xBB);
  CHECK(status(opener, sealed, hex("aa")) != OpenStatus::opened);
}

TEST_CASE("a frame under another member's, stream's or epoch's key id does not open", "[sframe][attack]") {
  NewEpoch epoch = make_epoch(default_cipher_suite, 1);
  Sealer sealer = make_sealer(epoch, 1, 0);
  Opener opener = make_opener(epoch, 4);
  NewEpoch next = make_epoch(default_cipher_suite, 2);
  REQUIRE(opener.add_epoch(next.keys).ok());
  REQUIRE(opener.allow(2, 1).ok());
  const Bytes sealed = seal(sealer, frame);
  const ReadHeader header = read_header(sealed).value();
  const KidLayout layout = epoch.keys->layout();
  for (const std::uint64_t kid : {layout.join(0, 2, 1), layout.join(1, 1, 1), layout.join(0, 1, 2)}) {
    Bytes moved(encoded_size({kid, header.header.counter}));
    write({kid, header.header.counter}, moved);
    moved.insert(moved.end(), sealed.begin() + static_cast<std::ptrdiff_t>(header.size), sealed.end());
    CHECK(status(opener, moved) == OpenStatus::forged);
  }
  CHECK(opener.held_streams() == 0);
  CHECK(status(opener, sealed) == OpenStatus::opened);
}

TEST_CASE("a sender outside the roster is not opened, nor one taken out of it", "[sframe][attack]") {
  NewEpoch epoch = make_epoch(default_cipher_suite, 1);
  Sealer sealer = make_sealer(epoch, 3);
  Opener opener = make_opener(epoch, 3);
  const Bytes first = seal(sealer, frame);
  CHECK(status(opener, first) == OpenStatus::unknown_sender);
  REQUIRE(opener.allow(1, 3).ok());
  CHECK(status(opener, first) == OpenStatus::opened);
  opener.disallow(1, 3);
  CHECK(status(opener, seal(sealer, frame)) == OpenStatus::unknown_sender);
  REQUIRE(opener.allow(1, 3).ok());
  CHECK(status(opener, first) == OpenStatus::replayed);
  CHECK(opener.allow(2, 3).error().code == ErrorCode::unknown_key);
  CHECK(opener.allow(1, 1024).error().code == ErrorCode::invalid_argument);
  Opener small = make_opener(epoch, 0, {.epochs = 1, .senders = 3, .streams = 1});
  CHECK(small.allow(1, 3).error().code == ErrorCode::invalid_argument);
}

TEST_CASE("a stream number above the limit is not opened", "[sframe][attack]") {
  NewEpoch epoch = make_epoch(default_cipher_suite, 1);
  Sealer inside = make_sealer(epoch, 1, 3);
  Sealer outside = make_sealer(epoch, 1, 4);
  Opener opener = make_opener(epoch, 2, {.epochs = 1, .senders = 10, .streams = 4});
  CHECK(open(opener, seal(inside, frame)).result.context == 3);
  CHECK(status(opener, seal(outside, frame)) == OpenStatus::unknown_stream);
  CHECK(opener.held_streams() == 1);
}

TEST_CASE("an epoch opens until it is retired, and no longer", "[sframe][attack]") {
  NewEpoch old = make_epoch(default_cipher_suite, 1);
  NewEpoch now = make_epoch(default_cipher_suite, 2);
  Sealer late = make_sealer(old, 1);
  Sealer sealer = make_sealer(now, 1);
  Opener opener = make_opener(old, 2);
  REQUIRE(opener.add_epoch(now.keys).ok());
  REQUIRE(opener.allow(2, 1).ok());
  CHECK(open(opener, seal(late, frame)).result.epoch == 1);
  CHECK(open(opener, seal(sealer, frame)).result.epoch == 2);
  opener.retire_epoch(1);
  CHECK(status(opener, seal(late, frame)) == OpenStatus::unknown_epoch);
  CHECK(status(opener, seal(sealer, frame)) == OpenStatus::opened);
  CHECK(opener.live_epochs() == 1);
  CHECK(opener.held_streams() == 1);
  CHECK(opener.add_epoch(now.keys).error().code == ErrorCode::invalid_argument);
}

TEST_CASE("an epoch with the same low bits, or one too many, drives out the old one", "[sframe][attack]") {
  NewEpoch first = make_epoch(default_cipher_suite, 1);
  Sealer late = make_sealer(first, 1);
  Opener opener = make_opener(first, 2, {.epochs = 3, .senders = 10, .streams = 1});
  NewEpoch rollover = make_epoch(default_cipher_suite, 17);
  REQUIRE(opener.add_epoch(rollover.keys).ok());
  REQUIRE(opener.allow(17, 1).ok());
  CHECK(opener.live_epochs() == 1);
  CHECK(status(opener, seal(late, frame)) == OpenStatus::forged);  // the key id now means epoch 17
  for (std::uint64_t epoch = 18; epoch < 24; ++epoch) REQUIRE(opener.add_epoch(make_epoch(default_cipher_suite, epoch).keys).ok());
  CHECK(opener.live_epochs() == 3);
  CHECK(opener.allow(20, 1).error().code == ErrorCode::unknown_key);
  CHECK(opener.allow(21, 1).ok());
}

TEST_CASE("a buffer too small is told the size, and the frame stays fresh", "[sframe][attack]") {
  NewEpoch epoch = make_epoch(default_cipher_suite, 1);
  Sealer sealer = make_sealer(epoch, 1);
  Opener opener = make_opener(epoch, 2);
  const Bytes sealed = seal(sealer, frame);
  for (std::size_t room = 0; room < frame.size(); ++room) {
    Bytes out(room, 0xEE);
    const OpenResult result = opener.open(sealed, {}, out);
    REQUIRE(result.status == OpenStatus::buffer_too_small);
    REQUIRE(result.size == frame.size());
    REQUIRE(out == Bytes(room, 0xEE));
  }
  Bytes out(frame.size());
  CHECK(opener.open(sealed, {}, out).opened());
  CHECK(out == frame);
}

TEST_CASE("random frames come back as they were sealed", "[sframe]") {
  crypto::SeededRandom random(9);
  for (const SuiteParameters& suite : all_cipher_suites()) {
    NewEpoch epoch = make_epoch(suite.id, 5, 3, {5, 12});
    std::vector<Sealer> sealers;
    for (std::uint32_t sender = 0; sender < 6; ++sender) sealers.push_back(make_sealer(epoch, sender * 700, sender % 3));
    Opener opener = make_opener(epoch, 4096);
    for (int round = 0; round < 300; ++round) {
      std::array<std::uint8_t, 4> choice{};
      random.fill(choice);
      Bytes plain(choice[0] % 16 == 0 ? choice[1] * 200U : choice[1]);
      Bytes meta(choice[2] % 40);
      random.fill(plain);
      random.fill(meta);
      Sealer& sealer = sealers[choice[3] % sealers.size()];
      const Opened opened = open(opener, seal(sealer, plain, meta), meta);
      REQUIRE(opened.result.opened());
      REQUIRE(opened.frame == plain);
      REQUIRE(opened.result.epoch == 5);
      REQUIRE(opened.result.counter == sealer.next_counter() - 1);
      REQUIRE(epoch.keys->layout().join(opened.result.context, opened.result.sender, 5) == sealer.kid());
    }
  }
}

TEST_CASE("random bytes are never a frame", "[sframe][fuzz]") {
  crypto::SeededRandom random(10);
  NewEpoch epoch = make_epoch(default_cipher_suite, 1);
  Opener opener = make_opener(epoch, 1024);
  for (int round = 0; round < 50'000; ++round) {
    std::array<std::uint8_t, 60> bytes{};
    random.fill(bytes);
    std::array<std::uint8_t, 60> out{};
    REQUIRE_FALSE(opener.open(ByteView(bytes).first(bytes[0] % 60), {}, out).opened());
  }
  CHECK(opener.held_streams() == 0);
}
