#include "commit_log_conformance.h"
#include "harness.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;

namespace {

LogRecord record_of(std::size_t size) { return {true, 1, 2, Bytes(size, 3), {{4, Bytes(size, 5)}}}; }

}  // namespace

TEST_CASE("racing writers agree on one winner for each of 10,000 epochs", "[relay]") {
  MemoryCommitLog log(std::size_t{1} << 20, std::size_t{1} << 30);
  race_writers(log, room_number(1), 8, 10'000, 1);
}

TEST_CASE("two writers who race in step agree too", "[relay]") {
  MemoryCommitLog log(std::size_t{1} << 20, std::size_t{1} << 30);
  for (std::uint64_t seed = 0; seed < 20; ++seed) race_writers(log, room_number(static_cast<std::uint8_t>(seed)), 2, 500, seed);
}

TEST_CASE("a log reads back what was appended, from any index it keeps", "[relay]") {
  MemoryCommitLog log(4, 1 << 20);
  for (int i = 0; i < 10; ++i) REQUIRE(log.append(room_number(1), record_of(static_cast<std::size_t>(i))).ok());
  const auto kept = log.read(room_number(1), 6, 100);
  REQUIRE(kept.ok());
  REQUIRE(kept->size() == 4);
  CHECK(kept->front().index == 6);
  CHECK(kept->back().record->message.size() == 9);
  CHECK(log.read(room_number(1), 8, 1)->size() == 1);
  CHECK(log.read(room_number(1), 10, 1)->empty());
  CHECK(log.read(room_number(1), 5, 1).error().code == ErrorCode::expired);
  CHECK(log.read(room_number(2), 0, 1)->empty());
}

TEST_CASE("for those who are away no more is kept than one connection can be sent at once", "[relay]") {
  MemoryCommitLog log(1000, std::size_t{4} << 20);
  log.keep_from(room_number(1), 0);
  for (int i = 0; i < 300; ++i) REQUIRE(log.append(room_number(1), record_of(50'000)).ok());
  CHECK(log.bytes_kept(room_number(1)) <= MemoryCommitLog::most_unread);
  CHECK(log.bytes_kept(room_number(1)) > MemoryCommitLog::most_unread - 50'100);
  CHECK(MemoryCommitLog::most_unread < 2 * max_message_size);
}

TEST_CASE("a log is bounded by bytes, Welcomes included, and keeps its newest entry", "[relay]") {
  MemoryCommitLog log(1000, 1000);
  for (int i = 0; i < 50; ++i) REQUIRE(log.append(room_number(1), record_of(100)).ok());
  CHECK(log.bytes_kept(room_number(1)) == 1000);
  REQUIRE(log.append(room_number(1), record_of(5000)).ok());
  CHECK(log.read(room_number(1), 50, 10)->size() == 1);
  log.forget(room_number(1));
  CHECK(log.bytes_kept(room_number(1)) == 0);
}
