// Everything is written anew, collected step by step, while more is told.
#include "base/bytes.h"
#include "crypto/random.h"
#include "runtime/sqlite_store.h"
#include "support.h"

namespace conclave::test {
namespace {

using relay::RoomId;
using runtime::SqliteStore;

constexpr std::size_t entries_kept = 3000;

RoomId room_named(std::uint8_t number) {
  RoomId id{};
  id.fill(number);
  return id;
}

std::unique_ptr<SqliteStore> store_at(const std::string& path) { return std::move(SqliteStore::open(path, entries_kept, std::size_t{1} << 30)).value(); }

/// What the store knows, spelled out.
std::string text_of(SqliteStore& store) {
  std::string out;
  for (const auto& room : store.rooms()) {
    out += to_hex(room.id).substr(0, 2) + " " + to_hex(room.card) + ":";
    std::map<std::uint64_t, std::string> seats;
    for (const auto& seat : room.seats) seats[seat.peer] = to_hex(seat.digest).substr(0, 4);
    for (const auto& [peer, digest] : seats) out += " " + std::to_string(peer) + "=" + digest;
    const auto kept = store.extent(room.id);
    const auto entries = store.read(room.id, kept.first, entries_kept);
    for (const auto& logged : *entries) out += " " + std::to_string(logged.index) + to_hex(logged.record->message);
    out += "\n";
  }
  return out;
}

/// Something happens to one of four rooms.
void happen(SqliteStore& store, crypto::SeededRandom& random) {
  Bytes dice(4);
  random.fill(dice);
  const RoomId room = room_named(dice[0] % 4);
  const auto rooms = store.rooms();
  const bool open = std::any_of(rooms.begin(), rooms.end(), [&](const auto& each) { return each.id == room; });
  if (!open) return store.put_room(room, Bytes(32, 1), Bytes(32, 2), Bytes(3, dice[1]));
  if (dice[1] < 10) {
    store.forget(room);
    return store.forget_room(room);
  }
  if (dice[1] < 60) return store.put_seat(room, {dice[2] % 16u, 1, relay::DoorRank::none, Bytes(32, dice[3]), {}});
  if (dice[1] < 80) return store.drop_seat(room, dice[2] % 16u);
  (void)store.append(room, {false, 0, dice[2], Bytes(2, dice[3]), {}});
}

}  // namespace

TEST_CASE("a file that is written anew while more is told holds what the relay knows", "[runtime][relay]") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const TemporaryFolder folder;
    crypto::SeededRandom random(seed);
    auto store = store_at(folder / "rooms.db");
    for (std::uint8_t room = 0; room < 4; ++room) {
      store->put_room(room_named(room), Bytes(32, 1), Bytes(32, 2), Bytes(3, room));
      for (std::size_t i = 0; i < entries_kept; ++i) (void)store->append(room_named(room), {false, 0, i, Bytes(2, room), {}});
    }
    store->flush(Time(std::chrono::seconds(1)));
    const Time later{std::chrono::seconds(100)};
    store->settle({}, Time(std::chrono::seconds(1)));  // the disk failed
    auto job = store->take_job(later);
    std::size_t steps = 0;
    for (; !job; job = store->take_job(later), ++steps) {
      REQUIRE(store->collecting());
      for (int i = 0; i < 40; ++i) happen(*store, random);
    }
    CHECK(steps >= 2);
    CHECK_FALSE(store->collecting());
    store->settle(store->file()->write(*job), later);
    CHECK(store->intact());
    store->flush(later);
    const std::string known = text_of(*store);
    store.reset();
    CHECK(text_of(*store_at(folder / "rooms.db")) == known);
  }
}

}  // namespace conclave::test
