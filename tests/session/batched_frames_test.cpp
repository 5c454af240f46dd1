// A stage whose sound is signed in batches, through sealers and openers.
#include <algorithm>

#include "conclave/room.h"
#include "session/raider.h"

using namespace conclave;
using namespace conclave::test;

namespace {

/// Ada speaks in batches, Bob listens.
struct Batched {
  Meeting meeting;
  std::size_t bob;

  Batched() : meeting(stage()), bob(meeting.enter("Bob")) {
    meeting.take(0, *Room(meeting.parties[0].session).set_signing(FrameSigning::batched, meeting.at()));
    meeting.settle();
  }
  static SessionConfig stage() {
    SessionConfig config;
    config.mode = RoomMode::stage;
    return config;
  }
  [[nodiscard]] FrameSealer speaker(std::uint8_t stream = 0) { return std::move(*meeting.parties[0].session.make_sealer(stream)); }
  static FrameInfo info(std::uint16_t number) { return {7, number, true, false, false, 0, 0, 7, 0}; }
  static Bytes content(std::uint16_t number) { return Bytes(80, static_cast<std::uint8_t>(number + 1)); }
  static Bytes seal(FrameSealer& sealer, std::uint16_t number) { return to_bytes(sealer.seal(info(number), content(number))->bytes()); }

  static bool shows(const Bytes& where, const Bytes& what) { return std::search(where.begin(), where.end(), what.begin(), what.end()) != where.end(); }

  FrameStatus push(const Bytes& sealed, std::uint16_t number) {
    Bytes out(sealed.size(), 0x77);
    const OpenedFrame opened = meeting.parties[bob].opener.open(info(number), sealed, out);
    const bool bare = opened.opened() || !shows(out, content(number));
    CHECK(bare);  // nothing is to be seen of a frame before it is proven
    return opened.status;
  }
  /// The numbers of the frames that are proven by now; each as it was sealed.
  std::vector<std::uint16_t> heard() {
    std::vector<std::uint16_t> numbers;
    while (const auto proven = meeting.parties[bob].opener.next_proven()) {
      REQUIRE(proven->metadata.size() == session::frame_metadata_size);
      std::array<std::uint8_t, session::frame_metadata_size> metadata{};
      std::ranges::copy(proven->metadata, metadata.begin());
      const std::uint16_t number = session::frame_info(metadata).frame_number;
      CHECK(session::frame_info(metadata) == info(number));
      CHECK(equal(proven->plaintext, content(number)));
      CHECK(proven->frame.sender == meeting.parties[0].session.self());
      numbers.push_back(number);
    }
    return numbers;
  }
};

using Numbers = std::vector<std::uint16_t>;

}  // namespace

TEST_CASE("sound in batches comes out with its third frame, for a third of the signatures", "[session]") {
  Batched room;
  FrameSealer sealer = room.speaker();
  std::size_t bytes = 0;
  for (std::uint16_t number = 0; number < 9; ++number) {
    const Bytes sealed = Batched::seal(sealer, number);
    bytes += sealed.size();
    CHECK(room.push(sealed, number) == FrameStatus::held);
    const Numbers wanted = number % 3 == 2 ? Numbers{static_cast<std::uint16_t>(number - 2), static_cast<std::uint16_t>(number - 1), number} : Numbers{};
    CHECK(room.heard() == wanted);
    CHECK(room.push(sealed, number) == (number % 3 == 2 ? FrameStatus::replayed : FrameStatus::held));  // a copy that waits changes nothing
    CHECK(room.heard().empty());
  }
  CHECK(bytes < 9 * (80 + 16 + 17) + 3 * 64);
  CHECK(room.meeting.parties[room.bob].opener.counters(0, 0)[FrameStatus::opened] == 9);
}

TEST_CASE("a lost frame costs its batch and no other, and pictures wait for nobody", "[session]") {
  Batched room;
  FrameSealer sealer = room.speaker();
  Numbers all;
  for (std::uint16_t number = 0; number < 30; ++number) {
    const Bytes sealed = Batched::seal(sealer, number);
    if (number == 10) continue;
    (void)room.push(sealed, number);
    for (const std::uint16_t each : room.heard()) all.push_back(each);
  }
  CHECK(all.size() == 27);
  CHECK(room.meeting.parties[room.bob].opener.totals()[FrameStatus::forged] == 0);  // what was lost is nobody's fault
  CHECK(std::ranges::count_if(all, [](std::uint16_t n) { return n >= 9 && n < 12; }) == 0);
  FrameSealer picture = room.speaker(1);
  CHECK(room.push(Batched::seal(picture, 0), 0) == FrameStatus::opened);
}

TEST_CASE("forged speaker in batches: a listener who holds the media keys, with the relay, is not heard, and silences nobody for longer than it floods", "[session][attack]") {
  Batched room;
  Raider eve(room.meeting.config, 200);
  REQUIRE(eve.enter(room.meeting));
  FrameSealer sealer = room.speaker();
  for (std::uint64_t counter : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{1} << 40, (std::uint64_t{1} << 40) + 3, std::uint64_t{1} << 50}) {
    const Bytes forgery = eve.seal(0, 0, Batched::info(0), Bytes(counter % 3 == 2 ? 144 : 80, 9), counter);
    CHECK(room.push(forgery, 0) == FrameStatus::held);
    CHECK(room.heard().empty());
  }
  CHECK(room.meeting.parties[room.bob].opener.counters(0, 0)[FrameStatus::forged] == 3);  // the batch that became whole
  CHECK(room.meeting.parties[room.bob].opener.totals()[FrameStatus::forged] == 3);
  Numbers all;
  for (std::uint16_t number = 0; number < 9; ++number) {
    (void)room.push(Batched::seal(sealer, number), number);
    for (const std::uint16_t each : room.heard()) all.push_back(each);
  }
  CHECK(all == Numbers{0, 1, 2, 3, 4, 5, 6, 7, 8});  // no counter was spent by the forger
}

TEST_CASE("what waits in a batch is dropped with the floor, and with the epoch", "[session][attack]") {
  Batched room;
  const MemberId bobs = room.meeting.parties[room.bob].session.self();
  room.meeting.take(0, *Room(room.meeting.parties[0].session).give(bobs, Right::publish_audio, room.meeting.at()));
  room.meeting.settle();
  FrameSealer sealer = std::move(*room.meeting.parties[room.bob].session.make_sealer(0));
  FrameOpener& ada = room.meeting.parties[0].opener;
  std::vector<Bytes> frames;
  for (std::uint16_t number = 0; number < 3; ++number) frames.push_back(Batched::seal(sealer, number));
  Bytes out(200);
  for (std::uint16_t number = 0; number < 2; ++number) CHECK(ada.open(Batched::info(number), frames[number], out).status == FrameStatus::held);
  room.meeting.take(0, *Room(room.meeting.parties[0].session).take(bobs, Right::publish_audio, room.meeting.at()));
  room.meeting.settle();
  CHECK(ada.open(Batched::info(2), frames[2], out).status == FrameStatus::no_right);
  CHECK_FALSE(ada.next_proven());
}
