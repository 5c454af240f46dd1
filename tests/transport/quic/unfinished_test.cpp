// Who begins messages and does not end them.
#include "transport/quic/inbox.h"
#include "transport/quic/world.h"

using namespace conclave;
using namespace conclave::test;
using transport::memory::Datagram;
using transport::quic::Inbox;
using transport::quic::InboxLedger;

namespace {

constexpr std::size_t large = 60'000;

/// From now on a packet from `member` gets through every other second: what it had begun to say hardly goes on, and the connection stands.
void slow_down(World& world, const Member& member) {
  const auto before = world.filter;
  world.filter = [&world, before, at = member.address, last = Time{}](Datagram& datagram) mutable {
    if (datagram.from != at) return !before || before(datagram);
    const bool through = world.now >= last + seconds(2);
    if (through) last = world.now;
    return through;
  };
}

/// A member that has said the most of a message, and says no more.
ConnectionId begin_message(World& world) {
  auto [member, id] = world.joined();
  REQUIRE(member.client.send_message(Channel::application, Bytes(large, 1), world.now).ok());
  const std::size_t before = world.server->counters().unfinished_bytes;
  for (int i = 0; i < 200 && world.server->counters().unfinished_bytes < before + large / 4; ++i) world.run(milliseconds(1));
  slow_down(world, member);
  return id;
}

Bytes beginning_of(std::size_t size, std::size_t sent) {
  Bytes out{0, static_cast<std::uint8_t>(size >> 16), static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
  out.resize(out.size() + sent);
  return out;
}

transport::AddressBlock block(std::uint8_t number) { return transport::block_of(Address::v4(1, 2, 3, number, 5)); }

}  // namespace

TEST_CASE("a message that does not come to its end in time ends its connection and gives its memory back", "[transport][quic][attack]") {
  transport::quic::ServerConfig config;
  config.message_timeout = seconds(20);
  World world(31, path(milliseconds(20)), config);
  auto [honest, name] = world.joined();
  (void)begin_message(world);
  CHECK(world.server->counters().unfinished_bytes >= large / 4);
  world.run(seconds(15));
  CHECK(world.got<TransportClosed>().empty());
  CHECK(world.server->counters().unfinished_bytes >= large / 4);
  world.run(seconds(10));
  REQUIRE(world.got<TransportClosed>().size() == 1);
  CHECK(world.got<TransportClosed>()[0].error.code == ErrorCode::limit_exceeded);
  CHECK(world.server->counters().unfinished_bytes == 0);
  CHECK(world.server->counters().transport.unfinished == 1);
  REQUIRE(honest.client.send_message(Channel::application, Bytes(large, 2), world.now).ok());
  world.run(seconds(2));
  CHECK(world.got<TransportMessage>().size() == 1);
  CHECK(honest.got<TransportClosed>().empty());
}

TEST_CASE("what all connections have begun to say is bounded, and who holds the most of it gives way", "[transport][quic][attack]") {
  transport::quic::ServerConfig config;
  config.max_unfinished = large;
  World world(32, path(milliseconds(20)), config);
  auto [honest, name] = world.joined();
  REQUIRE(honest.client.send_message(Channel::application, Bytes(5'000, 2), world.now).ok());
  for (int i = 0; i < 8; ++i) {
    (void)begin_message(world);
    CHECK(world.server->counters().unfinished_bytes <= large);
  }
  CHECK(world.got<TransportClosed>().size() >= 2);
  CHECK(world.server->counters().transport.unfinished == world.got<TransportClosed>().size());
  CHECK(world.got<TransportMessage>().size() == 1);
  CHECK(honest.got<TransportClosed>().empty());
}

TEST_CASE("several messages that are not whole together have half as much again as one", "[transport][quic][attack]") {
  Inbox inbox;
  std::vector<Bytes> complete;
  const Time now{};
  CHECK(inbox.push(Channel::control, beginning_of(1000, 900), 1000, now, complete) == Inbox::Verdict::good);
  CHECK(inbox.push(Channel::handshake, beginning_of(1000, 580), 1000, now + seconds(1), complete) == Inbox::Verdict::good);
  CHECK(inbox.held() < 1500);
  CHECK(inbox.since() == now);
  CHECK(inbox.push(Channel::control, Bytes(100), 1000, now + seconds(2), complete) == Inbox::Verdict::good);
  CHECK(complete.size() == 1);
  CHECK(inbox.since() == now + seconds(1));
  CHECK(inbox.push(Channel::application, beginning_of(1000, 950), 1000, now, complete) == Inbox::Verdict::crowded);
  inbox.clear();
  CHECK(inbox.held() == 0);
  CHECK(inbox.since() == never);
}

TEST_CASE("the clock of a message begins with it, not with the one before", "[transport][quic]") {
  Inbox inbox;
  std::vector<Bytes> complete;
  Bytes bytes = beginning_of(10, 10);
  const Bytes next = beginning_of(10, 3);
  bytes.insert(bytes.end(), next.begin(), next.end());
  CHECK(inbox.push(Channel::control, ByteView(bytes).first(8), 1000, Time(seconds(1)), complete) == Inbox::Verdict::good);
  CHECK(inbox.since() == Time(seconds(1)));
  CHECK(inbox.push(Channel::control, ByteView(bytes).subspan(8), 1000, Time(seconds(5)), complete) == Inbox::Verdict::good);
  CHECK(complete.size() == 1);
  CHECK(inbox.since() == Time(seconds(5)));
}

TEST_CASE("many small holders of one address give way before one large holder of another", "[transport][quic][attack]") {
  InboxLedger ledger;
  CHECK_FALSE(ledger.greatest());
  ledger.note(1, block(1), 4000);
  for (ConnectionId id = 2; id < 12; ++id) ledger.note(id, block(2), 500 + id);
  CHECK(ledger.greatest() == 11u);
  ledger.note(11, block(2), 0);
  CHECK(ledger.greatest() == 10u);
  CHECK(ledger.total() == 4000 + 9 * 500 + 54);
  for (ConnectionId id = 2; id < 11; ++id) ledger.note(id, block(2), 10);
  CHECK(ledger.greatest() == 1u);
  for (ConnectionId id = 1; id < 11; ++id) ledger.note(id, block(id == 1 ? 1 : 2), 0);
  CHECK(ledger.total() == 0);
}
