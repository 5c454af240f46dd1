// Sealing and opening through the public session, by RFC 9605 section 9: what is refused, for which reason, and against whom it counts.
#include <catch2/catch.hpp>

#include <malloc.h>

#include <thread>

#include "crypto/random.h"
#include "session/meeting.h"
#include "sframe/header.h"
#include "sframe/keys.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

/// Ada, Bob and Cleo; Ada listens.
struct Trio {
  Meeting meeting;
  explicit Trio(SessionConfig config = {}) : meeting(std::move(config)) {}

  std::size_t bob = meeting.enter("Bob");
  std::size_t cleo = meeting.enter("Cleo");
  MemberId bob_id = meeting.parties[bob].session.self();
  MemberId cleo_id = meeting.parties[cleo].session.self();

  Session& session(std::size_t who) { return meeting.parties[who].session; }
  FrameOpener& ada() { return meeting.parties[0].opener; }
  FrameSealer sealer(std::size_t who, std::uint8_t stream) {
    auto made = session(who).make_sealer(stream);
    REQUIRE(made.ok());
    return std::move(*made);
  }
  static Bytes seal(FrameSealer& sealer, ByteView metadata = {}, std::size_t size = 50) {
    Bytes sealed(max_sealed_size(size));
    const auto written = sealer.seal(Bytes(size, 3), metadata, sealed);
    if (!written.ok()) FAIL(written.error().detail);
    sealed.resize(*written);
    return sealed;
  }
  FrameStatus open(ByteView sealed, ByteView metadata = {}, std::optional<MemberId> sender = {}) {
    Bytes out(sealed.size());
    last = ada().open(sender, sealed, metadata, out);
    if (!last.opened()) CHECK(out == Bytes(out.size()));
    return last.status;
  }
  OpenedFrame last;
};

}  // namespace

TEST_CASE("each reason is counted for the sender and stream that it concerns, and its error names the participant", "[session][attack]") {
  Trio trio;
  FrameSealer sound = trio.sealer(trio.bob, 0), picture = trio.sealer(trio.bob, 1), cleo = trio.sealer(trio.cleo, 0);
  const Bytes first = Trio::seal(sound, as_bytes("a"));
  CHECK(trio.open(first, as_bytes("b")) == FrameStatus::forged);
  CHECK(trio.last.error().code == ErrorCode::not_authentic);
  CHECK(trio.last.error().participant == trio.bob_id);
  CHECK(trio.open(first, as_bytes("a"), trio.cleo_id) == FrameStatus::wrong_sender);
  CHECK(trio.open(first, as_bytes("a"), trio.bob_id) == FrameStatus::opened);
  CHECK(trio.open(first, as_bytes("a")) == FrameStatus::replayed);
  CHECK(trio.open(Trio::seal(cleo)) == FrameStatus::opened);
  for (int i = 0; i < 1100; ++i) trio.open(Trio::seal(sound));
  CHECK(trio.open(first, as_bytes("a")) == FrameStatus::too_old);
  CHECK(trio.open(Bytes{}) == FrameStatus::malformed);
  CHECK_FALSE(trio.last.error().participant);
  trio.session(0).allow_streams(trio.bob_id, 1);
  trio.meeting.settle();
  CHECK(trio.open(Trio::seal(picture)) == FrameStatus::no_right);
  CHECK(trio.last.error().code == ErrorCode::forbidden_by_policy);

  const FrameCounters bob = trio.ada().counters(trio.bob_id, 0);
  CHECK(bob[FrameStatus::opened] == 1101);
  CHECK(bob[FrameStatus::forged] == 1);
  CHECK(bob[FrameStatus::wrong_sender] == 1);
  CHECK(bob[FrameStatus::replayed] == 1);
  CHECK(bob[FrameStatus::too_old] == 1);
  CHECK(trio.ada().counters(trio.bob_id, 1)[FrameStatus::no_right] == 1);
  CHECK(trio.ada().counters(trio.cleo_id, 0)[FrameStatus::opened] == 1);
  CHECK(trio.ada().totals()[FrameStatus::malformed] == 1);
  CHECK(sound.counters().sealed == 1101);
}

TEST_CASE("a frame does not pass for one of another stream or member, however its header is changed", "[session][attack]") {
  Trio trio;
  FrameSealer bob = trio.sealer(trio.bob, 0);
  for (std::uint64_t kid = 0; kid < 4096; ++kid) {
    const Bytes sealed = Trio::seal(bob);
    const auto header = sframe::read_header(sealed);
    if (header->header.kid == kid) continue;
    Bytes changed(sframe::encoded_size({kid, header->header.counter}));
    sframe::write({kid, header->header.counter}, changed);
    changed.insert(changed.end(), sealed.begin() + static_cast<std::ptrdiff_t>(header->size), sealed.end());
    if (trio.open(changed) == FrameStatus::opened) FAIL(kid);
  }
}

TEST_CASE("a new epoch is taken up without a gap, and the old one is held for its overlap alone", "[session]") {
  Trio trio;
  FrameSealer sealer = trio.sealer(trio.bob, 0);
  const Bytes in_flight = Trio::seal(sealer);
  const Bytes late = Trio::seal(sealer);
  trio.meeting.take(0, trio.session(0).rotate(trio.meeting.at()));
  trio.meeting.settle();
  CHECK(trio.open(in_flight) == FrameStatus::opened);
  CHECK(trio.open(Trio::seal(sealer)) == FrameStatus::opened);  // a thread that is late
  sealer.take_up(trio.sealer(trio.bob, 0));
  CHECK(trio.open(Trio::seal(sealer)) == FrameStatus::opened);
  CHECK(sealer.counters().sealed == 4);
  FrameSealer forgotten = trio.sealer(trio.bob, 1);
  trio.meeting.take(0, trio.session(0).rotate(trio.meeting.at()));
  trio.meeting.pass(3s);
  CHECK(trio.open(late) == FrameStatus::unknown_epoch);
  Bytes out(200);
  CHECK(forgotten.seal(Bytes(10, 1), {}, out).error().code == ErrorCode::wrong_epoch);
}

TEST_CASE("for how long the keys of the epoch before open is the app's to say", "[session]") {
  for (const Duration overlap : {Duration(0ms), Duration(500ms), Duration(10s)}) {
    SessionConfig config;
    config.epoch_overlap = overlap;
    Trio trio(config);
    FrameSealer sealer = trio.sealer(trio.bob, 0);
    std::vector<Bytes> in_flight;
    for (int i = 0; i < 3; ++i) in_flight.push_back(Trio::seal(sealer));
    trio.meeting.take(0, trio.session(0).rotate(trio.meeting.at()));
    trio.meeting.settle();
    INFO(overlap / 1ms);
    CHECK(trio.open(in_flight[0]) == (overlap > 0ms ? FrameStatus::opened : FrameStatus::unknown_epoch));
    trio.meeting.pass(400ms);
    CHECK(trio.open(in_flight[1]) == (overlap > 400ms ? FrameStatus::opened : FrameStatus::unknown_epoch));
    trio.meeting.pass(overlap);
    CHECK(trio.open(in_flight[2]) == FrameStatus::unknown_epoch);
    CHECK(trio.ada().totals()[FrameStatus::unknown_epoch] == (overlap == 0ms ? 3U : 1U));
  }
}

TEST_CASE("an opener that was not updated opens nothing of an epoch that is over", "[session][attack]") {
  Trio trio;
  FrameSealer sealer = trio.sealer(trio.bob, 0);
  const Bytes frame = Trio::seal(sealer);
  FrameOpener late;
  late.update(trio.session(0).frame_keys());
  trio.meeting.take(0, trio.session(0).rotate(trio.meeting.at()));
  trio.meeting.pass(3s);
  Bytes out(200);
  CHECK(late.open(std::nullopt, frame, {}, out).status == FrameStatus::unknown_epoch);
}

TEST_CASE("after a removal nothing is sealed under the keys that the removed one has", "[session][attack]") {
  Trio trio;
  FrameSealer old = trio.sealer(0, 0);
  FrameSealer bob = trio.sealer(trio.bob, 0), removed = trio.sealer(trio.cleo, 0);
  const Bytes in_flight = Trio::seal(bob), hers = Trio::seal(removed);
  trio.meeting.take(0, *trio.session(0).remove(trio.cleo_id, trio.meeting.at()));
  trio.meeting.settle();
  Bytes out(200);
  CHECK(old.seal(Bytes(10, 1), {}, out).error().code == ErrorCode::wrong_epoch);
  CHECK(removed.seal(Bytes(10, 1), {}, out).error().code == ErrorCode::wrong_epoch);
  CHECK(trio.open(in_flight) == FrameStatus::opened);
  CHECK(trio.open(hers) == FrameStatus::not_in_roster);
}

TEST_CASE("a buffer too small is told the size, and nothing is written or spent", "[session][attack]") {
  Trio trio;
  FrameSealer sealer = trio.sealer(trio.bob, 0);
  Bytes out(20, 0xEE);
  const auto refused = sealer.seal(Bytes(100, 1), {}, out);
  CHECK(refused.error().code == ErrorCode::buffer_too_small);
  CHECK(refused.error().detail == std::to_string(100 + sealer.header_size() + 16) + " bytes are needed");
  const Bytes sealed = Trio::seal(sealer, {}, 100);
  const OpenedFrame frame = trio.ada().open(std::nullopt, sealed, {}, out);
  CHECK(frame.status == FrameStatus::buffer_too_small);
  CHECK(frame.size == 100);
  CHECK(frame.error().detail == "100 bytes are needed");
  CHECK(out == Bytes(20, 0xEE));
  CHECK(trio.open(sealed) == FrameStatus::opened);
}

TEST_CASE("a frame is sealed and opened in place", "[session]") {
  Trio trio;
  FrameSealer sealer = trio.sealer(trio.bob, 0);
  Bytes buffer(max_sealed_size(1000), 7);
  const std::size_t front = sealer.header_size();
  const std::size_t size = *sealer.seal(ByteView(buffer).subspan(front, 1000), {}, buffer);
  const OpenedFrame frame = trio.ada().open(std::nullopt, ByteView(buffer).first(size), {}, buffer);
  REQUIRE(frame.opened());
  CHECK(Bytes(buffer.begin(), buffer.begin() + 1000) == Bytes(1000, 7));
}

TEST_CASE("a million forged frames with random key ids leave memory where it was", "[session][attack]") {
  Trio trio;
  FrameSealer sealer = trio.sealer(trio.bob, 0);
  constexpr sframe::KidLayout members{.epoch_size = 4, .sender_size = 16};
  crypto::SeededRandom random(3);
  Bytes noise(80), out(80);
  const auto flood = [&](int frames) {
    std::uint64_t opened = 0;
    for (int i = 0; i < frames; ++i) {
      if (i % 16 == 0) random.fill(noise);
      noise[static_cast<std::size_t>(i) % 16] ^= static_cast<std::uint8_t>(i);
      // Every fourth claims to be a member's, of any stream.
      if (i % 4 == 0) sframe::write({members.join(noise[20] % 40, noise[21] % 4, trio.session(0).epoch()), noise[22]}, noise);
      opened += trio.ada().open(std::nullopt, noise, {}, out).opened() ? 1 : 0;
    }
    return opened;
  };
  flood(20'000);
  const std::size_t before = mallinfo2().uordblks;
  const std::uint64_t opened = flood(1'000'000);
  const std::size_t after = mallinfo2().uordblks;
  CHECK(opened == 0);
  CHECK(after == before);
  CHECK(trio.open(Trio::seal(sealer)) == FrameStatus::opened);
}

TEST_CASE("sealers of many streams work on many threads at once", "[session]") {
  Trio trio;
  std::vector<FrameSealer> sealers;
  for (std::uint8_t stream = 0; stream < 4; ++stream) sealers.push_back(trio.sealer(trio.bob, stream));
  std::vector<std::vector<Bytes>> frames(sealers.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < sealers.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 200; ++n) {
        Bytes sealed(max_sealed_size(300));
        sealed.resize(sealers[i].seal(Bytes(300, static_cast<std::uint8_t>(n)), {}, sealed).value());
        frames[i].push_back(std::move(sealed));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < frames.size(); ++i) {
    for (const Bytes& frame : frames[i]) CHECK(trio.open(frame) == FrameStatus::opened);
    CHECK(trio.ada().counters(trio.bob_id, static_cast<std::uint8_t>(i))[FrameStatus::opened] == 200);
  }
}
