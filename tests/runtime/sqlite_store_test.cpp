// What a relay writes down, and what becomes of it when it cannot.
#include "runtime/sqlite_store.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "../relay/commit_log_conformance.h"
#include "base/bytes.h"
#include "support.h"

namespace conclave::test {
namespace {

using namespace std::chrono_literals;
using relay::LogRecord;
using relay::RoomId;
using relay::Seat;
using runtime::SqliteStore;

constexpr std::size_t many = std::size_t{1} << 20;
constexpr std::size_t big = std::size_t{1} << 30;

RoomId room_number(std::uint8_t number) {
  RoomId id{};
  id.fill(number);
  return id;
}

std::unique_ptr<SqliteStore> opened(const std::string& path, std::size_t entries = many, std::size_t bytes = big) {
  auto store = SqliteStore::open(path, entries, bytes);
  INFO((store.ok() ? "" : store.error().detail));
  REQUIRE(store.ok());
  return std::move(*store);
}

ErrorCode refusal(const std::string& path) {
  const auto store = SqliteStore::open(path, many, big);
  REQUIRE_FALSE(store.ok());
  return store.error().code;
}

Time at(int seconds) { return Time(std::chrono::seconds(seconds)); }

Seat seat_number(std::uint64_t peer) { return {peer, peer + 1, peer == 1 ? relay::DoorRank::host : relay::DoorRank::none, Bytes(32, static_cast<std::uint8_t>(peer)), Bytes()}; }

/// Every entry is on disk before anybody reads it, as with a relay that flushes each turn.
class Flushed final : public relay::CommitLog {
 public:
  explicit Flushed(SqliteStore& store) : store_(store) {}
  Result<void> append(const RoomId& room, LogRecord record) override {
    auto done = store_.append(room, std::move(record));
    store_.flush({});
    return done;
  }
  Result<std::vector<relay::LoggedRecord>> read(const RoomId& room, std::uint64_t index, std::size_t most) override { return store_.read(room, index, most); }
  [[nodiscard]] Extent extent(const RoomId& room) const override { return store_.extent(room); }
  void forget(const RoomId& room) override { store_.forget(room); }

 private:
  SqliteStore& store_;
};

/// While it lives, no file of this process grows beyond `bytes`.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    former_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;
  ~FileLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, former_);
  }

 private:
  rlimit before_{};
  void (*former_)(int) = nullptr;
};

}  // namespace

TEST_CASE("racing writers agree on one winner for each of 10,000 epochs on disk too, and after it was closed", "[runtime][relay]") {
  const TemporaryFolder folder;
  std::vector<relay::LoggedRecord> before;
  {
    const auto store = opened(folder / "rooms.db");
    store->put_room(room_number(1), Bytes(32, 1), {}, Bytes(10, 2));
    Flushed log(*store);
    relay::testing::race_writers(log, room_number(1), 8, 10'000, 1);
    before = *store->read(room_number(1), 0, big);
  }
  const auto store = opened(folder / "rooms.db");
  const auto after = *store->read(room_number(1), 0, big);
  REQUIRE(after.size() == before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    const LogRecord& was = *before[i].record;
    const LogRecord& is = *after[i].record;
    if (after[i].index != before[i].index || is.commit != was.commit || is.epoch != was.epoch || is.connection != was.connection || is.message != was.message) {
      FAIL("entry " << i << " is another");
    }
  }
}

TEST_CASE("a store that is opened again has the rooms, seats and entries that it had, and no more", "[runtime][relay]") {
  const TemporaryFolder folder;
  {
    const auto store = opened(folder / "rooms.db", 8);
    for (std::uint8_t number = 1; number <= 3; ++number) {
      store->put_room(room_number(number), Bytes(32, number), Bytes(32, 9), Bytes(300, number));
      for (std::uint64_t peer = 1; peer <= 3; ++peer) store->put_seat(room_number(number), seat_number(peer));
      for (std::uint8_t i = 0; i < 20; ++i) {
        REQUIRE(store->append(room_number(number), LogRecord{i % 2 == 0, i, ~std::uint64_t{0}, Bytes(10, i), i % 2 == 0 ? std::vector<transport::AppendCommit::Welcome>{{7, Bytes(5, i)}} : std::vector<transport::AppendCommit::Welcome>{}}).ok());
      }
    }
    store->drop_seat(room_number(2), 3);
    store->forget(room_number(3));
    store->forget_room(room_number(3));
    store->flush(at(1));
    store->put_seat(room_number(1), seat_number(9));  // never flushed: nobody heard of it
  }
  struct stat status {};
  REQUIRE(::stat((folder / "rooms.db").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  const auto store = opened(folder / "rooms.db", 8);
  const auto rooms = store->rooms();
  REQUIRE(rooms.size() == 2);
  CHECK(rooms[0].gate_key == Bytes(32, 1));
  CHECK(rooms[0].lane_key == Bytes(32, 9));
  CHECK(rooms[0].card == Bytes(300, 1));
  REQUIRE(rooms[0].seats.size() == 3);
  CHECK(rooms[0].seats[0].door == relay::DoorRank::host);
  CHECK(rooms[0].seats[2].digest == Bytes(32, 3));
  CHECK(rooms[1].seats.size() == 2);
  CHECK(store->extent(room_number(1)).first == 12);
  CHECK(store->extent(room_number(1)).end == 20);
  CHECK(store->extent(room_number(3)).end == 0);
  const auto entries = *store->read(room_number(1), 12, 100);
  CHECK(entries[0].record->welcomes.at(0).welcome == Bytes(5, 12));
  CHECK(entries[0].record->connection == ~std::uint64_t{0});
  CHECK(entries[7].record->message == Bytes(10, 19));
}

TEST_CASE("a disk that is full costs the file and nothing else, and everything is written anew when there is room", "[runtime][relay]") {
  const TemporaryFolder folder;
  const auto store = opened(folder / "rooms.db");
  store->put_room(room_number(1), Bytes(32, 1), {}, Bytes(300, 1));
  store->put_seat(room_number(1), seat_number(1));
  store->flush(at(1));
  {
    const FileLimit limit(100'000);
    for (int i = 0; i < 40; ++i) {
      REQUIRE(store->append(room_number(1), LogRecord{false, 0, 1, Bytes(10'000, 3), {}}).ok());
      store->flush(at(2));
    }
    CHECK_FALSE(store->intact());
    CHECK(store->counters().failures >= 1);
    CHECK_FALSE(std::filesystem::exists(folder / "rooms.db"));  // an old state is worse than none
    store->flush(at(8));                                        // still no room
    CHECK_FALSE(store->intact());
    CHECK(store->read(room_number(1), 0, 100)->size() == 40);
  }
  store->flush(at(9));
  CHECK_FALSE(store->intact());  // not at every turn
  store->flush(at(20));
  CHECK(store->intact());
  CHECK(store->counters().snapshots == 1);
  REQUIRE(store->append(room_number(1), LogRecord{false, 0, 1, Bytes(10, 4), {}}).ok());
  store->flush(at(21));
  const std::string copy = (folder / "copy.db").string();
  std::filesystem::copy_file(folder / "rooms.db", copy);
  std::filesystem::copy_file(folder / "rooms.db-wal", copy + "-wal");
  const auto again = opened(copy);
  CHECK(again->extent(room_number(1)).end == 41);
  CHECK(again->rooms().at(0).seats.size() == 1);
}

TEST_CASE("a file that is another's, damaged or in use is refused and stays as it is", "[runtime][relay][attack]") {
  const TemporaryFolder folder;
  std::ofstream(folder / "text") << std::string(5000, 'x');
  CHECK(refusal(folder / "text") == ErrorCode::damaged_state);
  CHECK(read_text(folder / "text") == std::string(5000, 'x'));
  CHECK(refusal(folder / "nowhere/rooms.db") == ErrorCode::io_error);
  {
    std::ofstream(folder / "foreign").close();
    auto foreign = runtime::Sqlite::open(folder / "foreign");
    REQUIRE(foreign.ok());
    REQUIRE((*foreign)->run("CREATE TABLE theirs (x)").ok());
  }
  CHECK(refusal(folder / "foreign") == ErrorCode::damaged_state);
  const auto store = opened(folder / "rooms.db");
  CHECK(refusal(folder / "rooms.db") == ErrorCode::io_error);  // two relays cannot share it
}

TEST_CASE("a file from before there were ranks is read and written on; one of a later version is refused", "[runtime][relay]") {
  const TemporaryFolder folder;
  const auto set_version = [&](const char* statement) {
    auto database = runtime::Sqlite::open(folder / "rooms.db");
    REQUIRE(database.ok());
    REQUIRE((*database)->run(statement).ok());
  };
  {
    const auto store = opened(folder / "rooms.db");
    store->put_room(room_number(1), Bytes(32, 1), {}, Bytes(9, 2));
    store->put_seat(room_number(1), seat_number(1));
    store->flush(at(1));
  }
  set_version("PRAGMA user_version = 1");
  CHECK(opened(folder / "rooms.db")->rooms().at(0).seats.at(0).door == relay::DoorRank::host);
  auto database = runtime::Sqlite::open(folder / "rooms.db");
  std::uint64_t version = 0;
  REQUIRE((*database)->run("PRAGMA user_version", {}, [&](const runtime::SqliteRow& row) {
    version = row.number(0);
    return true;
  }).ok());
  CHECK(version == 3);
  database->reset();
  set_version("PRAGMA user_version = 4");
  CHECK(refusal(folder / "rooms.db") == ErrorCode::damaged_state);
}

TEST_CASE("an heir's voice is written down with its rank, whatever the rank", "[runtime][relay]") {
  const TemporaryFolder folder;
  {
    const auto store = opened(folder / "rooms.db");
    store->put_room(room_number(1), Bytes(32, 1), {}, Bytes(9, 2));
    for (const auto rank : {relay::DoorRank::none, relay::DoorRank::host, relay::DoorRank::heir, relay::DoorRank::keeper}) {
      const auto peer = static_cast<std::uint64_t>(rank) + 1;
      store->put_seat(room_number(1), {peer, peer, rank, Bytes(32, 1), {}, 16});
    }
    store->flush(at(1));
  }
  const auto rooms = opened(folder / "rooms.db")->rooms();
  REQUIRE(rooms.at(0).seats.size() == 4);
  for (const Seat& seat : rooms.at(0).seats) {
    CHECK(seat.quorum == 16);
    CHECK(seat.peer == static_cast<std::uint64_t>(seat.door) + 1);
  }
}

TEST_CASE("a state file that says what no relay writes is refused, whatever stands in it", "[runtime][relay][attack]") {
  const char* const lies[] = {"INSERT INTO entry VALUES (zeroblob(16), 5, 1, zeroblob(9))", "INSERT INTO seat VALUES (zeroblob(16), 1, 1, 1, x'', x'')",
                              "INSERT INTO room VALUES (zeroblob(3), x'', x'', x'')"};
  for (const char* const lie : lies) {
    const TemporaryFolder folder;
    (void)opened(folder / "rooms.db");
    {
      auto database = runtime::Sqlite::open(folder / "rooms.db");
      REQUIRE(database.ok());
      REQUIRE((*database)->run(lie).ok());
    }
    CHECK(refusal(folder / "rooms.db") == ErrorCode::damaged_state);
  }
}

}  // namespace conclave::test
