// Rooms written down in memory: what a relay that is started again finds.
#pragma once

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "relay/room_store.h"

namespace conclave::relay::testing {

class MemoryStore final : public RoomStore {
 public:
  void put_room(const RoomId& room, ByteView gate_key, ByteView lane_key, ByteView card) override {
    rooms_[room] = {room, to_bytes(gate_key), to_bytes(lane_key), to_bytes(card), {}};
  }
  void put_seat(const RoomId& room, const Seat& seat) override {
    drop_seat(room, seat.peer);
    rooms_.at(room).seats.push_back(seat);
  }
  void drop_seat(const RoomId& room, std::uint64_t peer) override {
    std::erase_if(rooms_.at(room).seats, [&](const Seat& seat) { return seat.peer == peer; });
  }
  void forget_room(const RoomId& room) override { rooms_.erase(room); }

  [[nodiscard]] std::vector<RoomRecord> load() const {
    std::vector<RoomRecord> out;
    for (const auto& [id, record] : rooms_) out.push_back(record);
    return out;
  }

 private:
  std::map<RoomId, RoomRecord> rooms_;
};

}  // namespace conclave::relay::testing
