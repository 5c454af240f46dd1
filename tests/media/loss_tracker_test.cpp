#include "media/loss_tracker.h"

#include <catch2/catch.hpp>

#include "support/processor_time.h"
#include "support/sealed.h"

using namespace conclave;
using namespace conclave::media;
using namespace conclave::test;

namespace {
MediaHeader packet(std::uint32_t sequence, std::int64_t sent_us = 0, bool retransmission = false) {
  MediaHeader header;
  header.stream_sequence = sequence & 0xFF'FFFF;
  header.send_time = static_cast<std::uint32_t>(sent_us / 64) & 0xFF'FFFF;
  header.retransmission = retransmission;
  return header;
}
}  // namespace

TEST_CASE("a gap is asked for after the reorder tolerance, twice, and then no more", "[media]") {
  LossTracker tracker;
  tracker.push(packet(0xFF'FFFF), at_ms(0));
  tracker.push(packet(2), at_ms(0));
  CHECK(tracker.next_deadline() == at_ms(10));
  CHECK(tracker.due_nacks(at_ms(9), ms(30), ms(200)).empty());
  CHECK(tracker.due_nacks(at_ms(10), ms(30), ms(200)) == std::vector<std::uint32_t>{0, 1});
  CHECK(tracker.due_nacks(at_ms(39), ms(30), ms(200)).empty());
  CHECK(tracker.due_nacks(at_ms(40), ms(30), ms(200)) == std::vector<std::uint32_t>{0, 1});
  for (int t = 41; t < 2'000; t += 7) CHECK(tracker.due_nacks(at_ms(t), ms(30), ms(200)).empty());
  CHECK(tracker.counters().nacks == 4);
  CHECK(tracker.counters().abandoned == 2);
  CHECK(tracker.next_deadline() == never);
}

TEST_CASE("a gap that our hop did not leave is not asked for, and what comes of it after all is not lost", "[media]") {
  LossTracker tracker;
  std::uint64_t hop_losses = 3;
  tracker.push(packet(1), at_ms(0), hop_losses);
  tracker.push(packet(4), at_ms(0), hop_losses);
  CHECK(tracker.due_nacks(at_ms(10), ms(30), ms(200)).empty());
  tracker.push(packet(3), at_ms(15), hop_losses);  // which the relay had missed
  CHECK(tracker.counters().lost == 1);
  tracker.push(packet(6), at_ms(20), ++hop_losses);
  CHECK(tracker.due_nacks(at_ms(30), ms(30), ms(200)) == std::vector<std::uint32_t>{5});
  for (int t = 31; t < 2'000; t += 7) CHECK(tracker.due_nacks(at_ms(t), ms(30), ms(200)).size() <= 1);
  CHECK(tracker.counters().nacks == 2);
  CHECK(tracker.counters().abandoned == 2);
}

TEST_CASE("a retransmission in between does not hide that our hop left a gap", "[media]") {
  LossTracker tracker;
  tracker.push(packet(1), at_ms(0), 0);
  tracker.push(packet(3), at_ms(0), 1);
  tracker.push(packet(2, 0, true), at_ms(5), 2);  // another loss was seen meanwhile: of packet 4
  tracker.push(packet(5), at_ms(6), 2);
  CHECK(tracker.due_nacks(at_ms(16), ms(30), ms(200)) == std::vector<std::uint32_t>{4});
}

TEST_CASE("what cannot arrive in time any more is not asked for", "[media]") {
  LossTracker tracker;
  tracker.push(packet(1), at_ms(0));
  tracker.push(packet(3), at_ms(0));
  CHECK(tracker.due_nacks(at_ms(10), ms(150), ms(120)).empty());
  CHECK(tracker.counters().nacks == 0);
}

TEST_CASE("a packet that was merely late is neither lost nor asked for", "[media]") {
  LossTracker tracker;
  tracker.push(packet(1), at_ms(0));
  tracker.push(packet(3), at_ms(1));
  tracker.push(packet(2), at_ms(5));
  CHECK(tracker.due_nacks(at_ms(100), ms(10), ms(200)).empty());
  CHECK(tracker.counters().lost == 0);
  CHECK(tracker.counters().received == 3);
}

TEST_CASE("a retransmission counts as recovered, its duplicate as nothing", "[media]") {
  LossTracker tracker;
  tracker.push(packet(1), at_ms(0));
  tracker.push(packet(3), at_ms(0));
  CHECK(tracker.due_nacks(at_ms(10), ms(20), ms(200)).size() == 1);
  tracker.push(packet(2, 0, true), at_ms(30));
  tracker.push(packet(2, 0, true), at_ms(31));
  tracker.push(packet(3), at_ms(32));
  const auto& counters = tracker.counters();
  CHECK(counters.lost == 1);
  CHECK(counters.recovered == 1);
  CHECK(counters.received == 2);
}

TEST_CASE("jitter follows RFC 3550: zero for an even stream, growing with the spread", "[media]") {
  LossTracker even, uneven;
  for (std::uint32_t i = 0; i < 500; ++i) {
    const auto sent = static_cast<std::int64_t>(i) * 19'200;
    even.push(packet(i, sent), Time(Duration(sent + 50'000)));
    uneven.push(packet(i, sent), Time(Duration(sent + (i % 2 == 0 ? 50'000 : 58'000))));
  }
  CHECK(even.jitter() == Duration(0));
  CHECK(uneven.jitter() > Duration(7'000));
  CHECK(uneven.jitter() < Duration(9'000));
}

TEST_CASE("a report holds what came since the one before", "[media]") {
  LossTracker tracker;
  for (std::uint32_t i = 0; i < 10; ++i) {
    if (i != 4) tracker.push(packet(i, 64'000), at_ms(i));
  }
  auto report = tracker.report(at_ms(29));
  CHECK(report.highest_sequence == 9);
  CHECK(report.received == 9);
  CHECK(report.lost == 1);
  CHECK(report.last_send_time == 1'000);
  CHECK(report.delay_since_last == 20'000);
  tracker.push(packet(10), at_ms(30));
  report = tracker.report(at_ms(31));
  CHECK(report.received == 1);
  CHECK(report.lost == 0);
}

TEST_CASE("hostile sequences neither grow the tracker without bound nor stall it", "[media][attack]") {
  std::mt19937 random(5);
  LossTracker tracker;
  for (int i = 0; i < 20'000; ++i) {
    auto header = packet(static_cast<std::uint32_t>(random()), static_cast<std::int64_t>(random()), random() % 2 == 0);
    if (i % 3 != 0) header.stream_sequence = (header.stream_sequence & 0xFFF) | 0x123000;
    tracker.push(header, at_ms(i));
    CHECK(tracker.due_nacks(at_ms(i), ms(20), ms(200)).size() <= LossTracker::max_nack);
  }
}

TEST_CASE("who numbers packets with large gaps makes nobody remember thousands for each", "[media][attack]") {
  const auto numbered = [](std::uint32_t step) {
    LossTracker tracker;
    std::size_t asked = 0;
    for (std::uint32_t i = 0; i < 2'000; ++i) {
      tracker.push(packet(i * step), at_ms(static_cast<int>(i)));
      asked += tracker.due_nacks(at_ms(static_cast<int>(i)), ms(20), ms(200)).size();
    }
    CHECK(asked <= 2 * (LossTracker::max_missing + 2'000 * LossTracker::missing_per_packet));
    CHECK(tracker.counters().lost == 1'999 * std::uint64_t{step - 1});
  };
  const double few = test::processor_seconds([&] { numbered(3); });
  const double many = test::processor_seconds([&] { numbered(4'000); });
  CAPTURE(few, many);
  CHECK(many < 6 * few);
}

TEST_CASE("after an outage of a second everything that is missing is asked for", "[media]") {
  LossTracker tracker;
  std::uint32_t sequence = 0;
  for (int i = 0; i < 500; ++i) tracker.push(packet(sequence++), at_ms(2 * i));
  sequence += 500;
  tracker.push(packet(sequence), at_ms(2'000));
  std::size_t asked = 0;
  for (int t = 2'010; t < 2'015; ++t) asked += tracker.due_nacks(at_ms(t), ms(30), ms(200)).size();
  CHECK(asked == 500);
}
