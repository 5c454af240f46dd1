#include "transport/codec.h"

#include <catch2/catch.hpp>

#include <iterator>

#include "conclave/transport.h"

using namespace conclave;
using namespace conclave::transport;

namespace {

Bytes filled(std::size_t size, std::uint8_t value = 0x5a) { return Bytes(size, value); }

ResumeToken token(std::size_t size) { return ResumeToken::copy_of(filled(size)); }

std::vector<ClientMessage> client_messages() {
  ClientMessage all[] = {
      Hello{protocol_version, filled(16)},
      OpenRoom{filled(32), filled(100)},
      OpenRoom{filled(32), filled(100), SecretBuffer::copy_of(filled(20)), filled(32), filled(64)},
      Knock{filled(300), filled(64)},
      RefuseKnock{7},
      AppendCommit{9, filled(50), {{7, filled(80)}, {0, filled(1)}}},
      Broadcast{filled(20)},
      Publish{{{1, 3, 7}, {0xffff, 1, 0, 4}}},
      Publish{},
      Subscribe{{{1, 2, 0}, {2, 7}}},
      Subscribe{},
      Leave{},
      CloseRoom{},
      AppendCommit{5, filled(9), {{1, filled(3), {2, 300, 0}}, {4, filled(2), {}}}},
      KeepSeat{filled(32)},
      Resume{77, token(32), filled(32), 1000},
      Resume{77, token(32), filled(32), 1000, filled(32)},
      ShareDoor{77, DoorRank::heir},
      ShareDoor{},
      SeatHeirs{2, {7, 8, 1'000'000}},
      SeatHeirs{},
      Acclaim{77}};
  return {std::make_move_iterator(std::begin(all)), std::make_move_iterator(std::end(all))};
}

std::vector<RelayMessage> relay_messages() {
  return {HelloAccepted{protocol_version, 3, filled(32), filled(10)},
          HelloAccepted{protocol_version, 3, filled(32), {}},
          RoomOpened{},
          Refused{ErrorCode::version_mismatch, "too old"},
          KnockArrived{4, filled(200)},
          KnockWithdrawn{4},
          KnockAnswered{true, filled(40)},
          KnockAnswered{false, {}},
          LogEntry{0, true, 5, 2, filled(60)},
          StreamsAvailable{{{2, {1, 3, 7}}, {3, {2, 1, 0}}}},
          PeerGone{2, true},
          RoomClosed{},
          Resumed{4711},
          LayersWanted{{{7, 3}, {0xffff, 0}}},
          HeirsSeated{{1, {7}}},
          HeirsSeated{},
          KnockAnswered{true, filled(40), 12}};
}

bool refused(const ClientMessage& message) {
  const auto result = decode_client_message(encode(message));
  return !result.ok() && result.error().code == ErrorCode::malformed;
}
bool refused(const RelayMessage& message) {
  const auto result = decode_relay_message(encode(message));
  return !result.ok() && result.error().code == ErrorCode::malformed;
}

}  // namespace

TEST_CASE("every message of both directions reads back as it was written", "[transport][codec]") {
  for (const auto& message : client_messages()) {
    const Bytes bytes = encode(message);
    const auto back = decode_client_message(bytes);
    REQUIRE(back.ok());
    CHECK(back->index() == message.index());
    CHECK(encode(*back) == bytes);
  }
  for (const auto& message : relay_messages()) {
    const Bytes bytes = encode(message);
    const auto back = decode_relay_message(bytes);
    REQUIRE(back.ok());
    CHECK(back->index() == message.index());
    CHECK(encode(*back) == bytes);
  }
}

TEST_CASE("fields arrive in their places", "[transport][codec]") {
  const auto commit = decode_client_message(encode(ClientMessage{AppendCommit{9, filled(5, 1), {{7, filled(3, 2)}}}}));
  REQUIRE(commit.ok());
  const auto& append = std::get<AppendCommit>(*commit);
  CHECK(append.epoch == 9);
  CHECK(append.message == filled(5, 1));
  CHECK(append.welcomes.at(0).knock_id == 7);
  CHECK(append.welcomes.at(0).welcome == filled(3, 2));
  const auto log = decode_relay_message(encode(RelayMessage{LogEntry{1, true, 2, 3, filled(4)}}));
  REQUIRE(log.ok());
  const auto& entry = std::get<LogEntry>(*log);
  CHECK(entry.index == 1);
  CHECK(entry.commit);
  CHECK(entry.epoch == 2);
  CHECK(entry.connection == 3);
}

TEST_CASE("fields outside their documented sizes are refused", "[transport][codec][attack]") {
  CHECK(refused(ClientMessage{Hello{protocol_version, filled(15)}}));
  CHECK(refused(ClientMessage{Hello{protocol_version, filled(17)}}));
  CHECK(refused(ClientMessage{OpenRoom{filled(31), filled(1)}}));
  CHECK(refused(ClientMessage{OpenRoom{filled(32), {}}}));
  CHECK(refused(ClientMessage{OpenRoom{filled(32), filled(max_card_size + 1)}}));
  CHECK(refused(ClientMessage{OpenRoom{filled(32), filled(1), SecretBuffer::copy_of(filled(max_token_size + 1)), {}, {}}}));
  CHECK(refused(ClientMessage{OpenRoom{filled(32), filled(1), {}, filled(31), filled(64)}}));
  CHECK(refused(ClientMessage{OpenRoom{filled(32), filled(1), {}, filled(32), {}}}));
  CHECK(refused(ClientMessage{OpenRoom{filled(32), filled(1), {}, {}, filled(64)}}));
  CHECK(refused(ClientMessage{Knock{filled(max_knock_size + 1), filled(64)}}));
  CHECK(refused(ClientMessage{Knock{filled(1), filled(63)}}));
  CHECK(refused(ClientMessage{Publish{{{1, 1, 0, 0}}}}));
  CHECK(refused(ClientMessage{Publish{{{1, 1, 0, 5}}}}));
  CHECK(refused(ClientMessage{Subscribe{{{1, 7, 4}}}}));
  CHECK(refused(RelayMessage{LayersWanted{{{1, 16}}}}));
  CHECK(refused(RelayMessage{LayersWanted{{{1, 1}, {1, 2}}}}));
  CHECK(refused(ClientMessage{AppendCommit{0, {}, {}}}));
  CHECK(refused(ClientMessage{AppendCommit{0, filled(1), {{1, {}}}}}));
  // A Welcome that is to be sent to one knock a thousand times.
  CHECK(refused(ClientMessage{AppendCommit{0, filled(1), {{1, filled(1), {2, 1}}}}}));
  CHECK(refused(ClientMessage{AppendCommit{0, filled(1), {{1, filled(1)}, {1, filled(1)}}}}));
  CHECK(refused(ClientMessage{Broadcast{}}));
  CHECK(refused(ClientMessage{Publish{{{1, 0, 0}}}}));
  CHECK(refused(ClientMessage{Publish{{{1, 9, 0}}}}));
  CHECK(refused(ClientMessage{Publish{{{1, 1, 8}}}}));
  CHECK(refused(ClientMessage{Publish{{{1, 1, 0}, {1, 1, 0}}}}));
  CHECK(refused(ClientMessage{Subscribe{{{1, 8}}}}));
  CHECK(refused(RelayMessage{HelloAccepted{1, 1, filled(31), {}}}));
  CHECK(refused(RelayMessage{Refused{ErrorCode::internal, ""}}));
  CHECK(refused(RelayMessage{Refused{ErrorCode::refused, std::string(max_reason_size + 1, 'x')}}));
  CHECK(refused(RelayMessage{KnockAnswered{true, {}}}));
  CHECK(refused(RelayMessage{KnockAnswered{false, filled(1)}}));
  CHECK(refused(RelayMessage{KnockAnswered{false, {}, 1}}));
  CHECK(refused(ClientMessage{KeepSeat{filled(31)}}));
  CHECK(refused(ClientMessage{Resume{1, token(31), filled(32), 0}}));
  CHECK(refused(ClientMessage{Resume{1, token(32), filled(33), 0}}));
  CHECK(refused(ClientMessage{Resume{1, token(32), filled(32), 0, filled(31)}}));
  CHECK(refused(ClientMessage{ShareDoor{1, static_cast<DoorRank>(4)}}));
  CHECK(refused(RelayMessage{LogEntry{}}));
  CHECK(refused(ClientMessage{SeatHeirs{2, {7}}}));
  CHECK(refused(ClientMessage{SeatHeirs{0, {7}}}));
  CHECK(refused(ClientMessage{SeatHeirs{1, {7, 7}}}));
  CHECK(refused(ClientMessage{SeatHeirs{1, {8, 7}}}));
  CHECK(refused(ClientMessage{SeatHeirs{1, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}}}));
  CHECK(refused(RelayMessage{HeirsSeated{{1, {}}}}));
}

TEST_CASE("more items than a message may hold are refused", "[transport][codec][attack]") {
  Publish publish;
  for (std::size_t i = 0; i <= max_published_streams; ++i) publish.streams.push_back({static_cast<std::uint16_t>(i), 1, 0});
  CHECK(refused(ClientMessage{publish}));
  publish.streams.pop_back();
  CHECK_FALSE(refused(ClientMessage{publish}));
  // Two bytes each: two million empty items would take a hundred megabytes if they were parsed first.
  Bytes bomb{0x42};  // field 8, Subscribe
  const std::size_t items = 1'900'000;
  for (std::size_t rest = items * 2; rest > 0; rest >>= 7) bomb.push_back(static_cast<std::uint8_t>((rest & 127) | (rest > 127 ? 128 : 0)));
  for (std::size_t i = 0; i < items; ++i) bomb.insert(bomb.end(), {0x0a, 0x00});
  REQUIRE(bomb.size() < max_message_size);
  CHECK_FALSE(decode_client_message(bomb).ok());
}

TEST_CASE("unknown bodies and fields are refused, except in the Hello of another version", "[transport][codec][attack]") {
  CHECK_FALSE(decode_client_message({}).ok());
  CHECK_FALSE(decode_client_message(Bytes{0x5a, 0x00}).ok());              // field 11
  CHECK_FALSE(decode_client_message(Bytes{0x4a, 0x02, 0x08, 0x01}).ok());  // Leave with a field
  CHECK(decode_client_message(Bytes{0x4a, 0x00}).ok());                    // Leave
  CHECK_FALSE(decode_client_message(Bytes{0x4a, 0x00, 0x00}).ok());        // and a trailing byte

  Bytes hello = encode(ClientMessage{Hello{protocol_version, filled(16)}});
  const auto with_field = [](Bytes bytes) {
    bytes.insert(bytes.end(), {0x18, 0x01});  // field 3
    bytes[1] = static_cast<std::uint8_t>(bytes[1] + 2);
    return bytes;
  };
  CHECK_FALSE(decode_client_message(with_field(hello)).ok());
  const auto later = decode_client_message(with_field(encode(ClientMessage{Hello{2, filled(16)}})));
  REQUIRE(later.ok());
  CHECK(std::get<Hello>(*later).version == 2);
}

TEST_CASE("no truncation and no flipped bit of a message gets past the checks", "[transport][codec][fuzz]") {
  for (const auto& message : client_messages()) {
    const Bytes bytes = encode(message);
    for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode_client_message(ByteView(bytes).first(size)).ok());
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      Bytes damaged = bytes;
      damaged[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
      const auto result = decode_client_message(damaged);
      if (result.ok()) CHECK(decode_client_message(encode(*result)).ok());
    }
  }
}
