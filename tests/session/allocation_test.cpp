// What a frame costs the allocator through the public session: nothing, once its stream is set up.
#include <catch2/catch.hpp>

#include <iostream>

#include "session/meeting.h"
#include "support/memory_probe.h"

using namespace conclave;
using namespace conclave::test;

namespace {

/// Seals what Bob says, and opens it where Ada listens.
struct Line {
  Line(Meeting& meeting, std::size_t bob, std::uint8_t stream, FrameMode with)
      : mode(with), sealer(*meeting.parties[bob].session.make_sealer(stream, with)), opener(meeting.parties[0].opener) {}

  bool carries(ByteView frame) {
    const auto size = sealer.seal(frame, as_bytes("metadata"), sealed);
    return size.ok() && opener.open(std::nullopt, ByteView(sealed).first(*size), as_bytes("metadata"), out, mode).opened();
  }

  FrameMode mode;
  FrameSealer sealer;
  FrameOpener& opener;
  Bytes sealed = Bytes(60'000);
  Bytes out = Bytes(60'000);
};

bool skipped() {
  if (!can_watch_memory()) std::cout << "SKIPPED: the sanitizer has its own allocator" << std::endl;
  return !can_watch_memory();
}

}  // namespace

TEST_CASE("a member's frames are sealed, opened, refused and counted without an allocation", "[session]") {
  if (skipped()) return;
  Meeting meeting;
  const std::size_t bob = meeting.enter("Bob");
  Line line(meeting, bob, 1, FrameMode::whole);
  const Bytes frame(50'000, 1);
  REQUIRE(line.carries(frame));
  const std::size_t before = allocations();
  bool good = true;
  for (std::size_t i = 0; i < 1000; ++i) {
    good = good && line.carries(ByteView(frame).first(i * 50));
    good = good && line.opener.open(std::nullopt, line.sealed, as_bytes("other metadata"), line.out).status == FrameStatus::forged;
  }
  const std::size_t after = allocations();
  CHECK(good);
  CHECK(after == before);
}

TEST_CASE("frames whose codec's headers stay readable are sealed and opened without an allocation", "[session]") {
  if (skipped()) return;
  Meeting meeting;
  const std::size_t bob = meeting.enter("Bob");
  Line line(meeting, bob, 1, FrameMode::vp8);
  Bytes frame(20'000, 7);
  frame[0] = 0x11;  // not a keyframe
  REQUIRE(line.carries(frame));
  const std::size_t before = allocations();
  bool good = true;
  for (std::size_t i = 1; i < 1000; ++i) good = good && line.carries(ByteView(frame).first(i * 20));
  const std::size_t after = allocations();
  CHECK(good);
  CHECK(after == before);
}
