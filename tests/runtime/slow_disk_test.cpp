// A relay whose disk does not keep up, and what a relay that is started again looks like.
#include <condition_variable>
#include <mutex>
#include <thread>

#include "relay_member.h"
#include "support.h"

namespace conclave::test {
namespace {

/// What every write to the disk has to pass.
class Barrier {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !down_; });
  }
  void set(bool down) {
    const std::lock_guard lock(mutex_);
    down_ = down;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool down_ = false;
};

/// Down as long as it lives.
class Standstill {
 public:
  explicit Standstill(Barrier& barrier) : barrier_(barrier) { barrier_.set(true); }
  Standstill(const Standstill&) = delete;
  Standstill& operator=(const Standstill&) = delete;
  ~Standstill() { barrier_.set(false); }

 private:
  Barrier& barrier_;
};

/// A relay that keeps its rooms on such a disk.
struct OnDisk {
  const TemporaryFolder folder;
  Barrier disk;
  RelayServerConfig config = kept_in(folder, disk);
  std::unique_ptr<RelayServer> server = started(config);

 private:
  static RelayServerConfig kept_in(const TemporaryFolder& folder, Barrier& disk) {
    RelayServerConfig config;
    config.state_file = folder / "rooms.db";
    config.before_state_write = [&disk] { disk.pass(); };
    return config;
  }
};

Bytes card_shown(const RelayServer& server) {
  RelayMember visitor(server, v4);
  visitor.send(Channel::control, transport::Hello{transport::protocol_version, Bytes(16, 7)});
  REQUIRE(until({&visitor}, [&] { return visitor.find<transport::HelloAccepted>() != nullptr; }));
  return visitor.find<transport::HelloAccepted>()->card;
}

}  // namespace

TEST_CASE("a disk that stands still for two seconds delays what waits for it, and no media", "[runtime]") {
  OnDisk relay;
  RelayMember host(*relay.server, v4);
  RelayMember guest(*relay.server, v4);
  meet(host, guest);
  REQUIRE(media_flows(host, guest, 0));
  std::uint32_t sent = 0;
  {
    const Standstill standstill(relay.disk);
    host.send(Channel::handshake, transport::Broadcast{Bytes(10, 1)});
    const std::size_t before = guest.media().size();
    for (const Time end = steady_now() + 2s; steady_now() < end; ++sent) {
      host.send_media(7, 10'000 + sent);
      CHECK(until({&host, &guest}, [&] { return guest.media().size() > before + sent; }));
    }
    CHECK(guest.find<transport::LogEntry>() == nullptr);
    const auto report = relay.server->report();
    CHECK(report.messages_waiting == 2);
    CHECK(report.state_kept);
  }
  CHECK(until({&host, &guest}, [&] { return guest.find<transport::LogEntry>() != nullptr; }));
  CHECK(sent > 20);
  CHECK(relay.server->report().relay.messages_held >= 2);
}

TEST_CASE("a relay that stops writes down what its disk had not taken", "[runtime]") {
  OnDisk relay;
  {
    RelayMember host(*relay.server, v4);
    RelayMember guest(*relay.server, v4);
    meet(host, guest);
    const Standstill standstill(relay.disk);
    host.send(Channel::handshake, transport::KeepSeat{Bytes(32, 1)});
    host.send(Channel::handshake, transport::Broadcast{Bytes(10, 1)});
    REQUIRE(until({&host, &guest}, [&] { return relay.server->report().messages_waiting == 2; }));
  }
  relay.server.reset();
  const auto store = runtime::SqliteStore::open(relay.config.state_file, 100, 1 << 20);
  REQUIRE(store.ok());
  REQUIRE((*store)->rooms().size() == 1);
  CHECK((*store)->rooms()[0].seats.size() == 1);
  CHECK((*store)->extent((*store)->rooms()[0].id).end == 2);
}

TEST_CASE("a relay stops in time though its disk hangs, and its file has what members were told of", "[runtime]") {
  const TemporaryFolder folder;
  const auto disk = std::make_shared<Barrier>();
  RelayServerConfig config;
  config.state_file = folder / "rooms.db";
  config.disk_patience = 300ms;
  config.before_state_write = [disk] { disk->pass(); };
  {
    const auto server = started(config);
    RelayMember host(*server, v4);
    RelayMember guest(*server, v4);
    meet(host, guest);
    host.send(Channel::handshake, transport::KeepSeat{Bytes(32, 1)});
    REQUIRE(until({&host, &guest}, [&] { return server->report().messages_waiting == 0; }));
    disk->set(true);
    host.send(Channel::handshake, transport::Broadcast{Bytes(10, 1)});
    REQUIRE(until({&host, &guest}, [&] { return server->report().messages_waiting == 2; }));
    const Time begin = steady_now();
    server->stop();
    CHECK(steady_now() - begin < 5s);
    CHECK_FALSE(server->report().state_kept);
    CHECK(guest.find<transport::LogEntry>() == nullptr);  // what the disk did not take was said to nobody
  }
  CHECK_FALSE(runtime::SqliteStore::open(config.state_file, 100, 1 << 20).ok());  // it is in use still
  disk->set(false);
  auto store = runtime::SqliteStore::open(config.state_file, 100, 1 << 20);
  for (const Time end = steady_now() + 20s; !store.ok() && steady_now() < end; store = runtime::SqliteStore::open(config.state_file, 100, 1 << 20)) std::this_thread::sleep_for(10ms);
  REQUIRE(store.ok());
  REQUIRE((*store)->rooms().size() == 1);
  CHECK((*store)->rooms()[0].seats.size() == 1);
  CHECK((*store)->extent((*store)->rooms()[0].id).end >= 1);
}

TEST_CASE("the card of a room that is not open is the same before and after a restart of the relay", "[runtime]") {
  const TemporaryFolder folder;
  RelayServerConfig config;
  config.key_file = folder / "key.pem";
  const Bytes before = card_shown(*started(config));
  CHECK(card_shown(*started(config)) == before);
  CHECK(card_shown(*started()) != before);  // another relay
}

}  // namespace conclave::test
