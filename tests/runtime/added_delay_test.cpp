// How much later a packet arrives because of the relay, and because of a bare loop in its place.
#include <netinet/udp.h>
#include <poll.h>

#include <atomic>
#include <functional>
#include <iostream>
#include <thread>

#include "added_delay.h"
#include "relay_room.h"
#include "support.h"
#include "transport/path_meter.h"

namespace conclave::test {
namespace {

constexpr std::size_t receivers = 50;
constexpr int forwarding_processor = 0;
constexpr int members_processor = 1;

struct Load {
  double packets_per_second = 100;
  std::size_t burst = 1;  ///< of packets that leave at once
  Duration length = 1s;
  bool measured = false;  ///< forwarding runs on a processor of its own, the members on another
  Rank forwarder = Rank::ordinary;
  bool neighbour = false;  ///< who never rests, on the same processor
};

/// One who sends and many who receive, through whatever forwards between them.
class Party {
 public:
  Party() = default;
  Party(const Party&) = delete;
  Party& operator=(const Party&) = delete;
  virtual ~Party() = default;
  /// On the sender's thread: packets from number `first` on, beside one for the witness each.
  virtual void send(std::uint32_t first, std::size_t count, const transport::OutgoingPacket& for_witness) = 0;
  /// Notes what has arrived at anybody.
  virtual void collect(std::vector<Arrival>& arrivals) = 0;
};

/// Sends each burst when it is due, until it is over.
class Sender {
 public:
  Sender(Party& party, const Load& load, const Address& witness)
      : thread_([this, &party, load, witness] { run(party, load, {witness, Bytes{1}}); }) {}
  void join() { thread_.join(); }
  [[nodiscard]] bool over() const { return over_; }
  [[nodiscard]] std::size_t sent() const { return sent_; }

 private:
  void run(Party& party, const Load& load, const transport::OutgoingPacket& for_witness) {
    if (load.measured) rank(0, Rank::first);
    const Duration gap = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(static_cast<double>(load.burst) / load.packets_per_second));
    const Time begin = steady_now();
    for (Time due = begin; due < begin + load.length; due += gap) {
      std::this_thread::sleep_until(std::chrono::steady_clock::time_point(due.time_since_epoch()));
      party.send(static_cast<std::uint32_t>(sent_), load.burst, for_witness);
      sent_ += load.burst;
    }
    std::this_thread::sleep_for(300ms);
    over_ = true;
  }

  std::size_t sent_ = 0;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

/// Keeps the forwarding processor busy while it lives, as an ordinary thread.
class Neighbour {
 public:
  explicit Neighbour(bool wanted) {
    if (!wanted) return;
    thread_ = std::thread([this] {
      const Pinned pinned(true);
      pinned.to(forwarding_processor);
      while (!over_) continue;
    });
  }
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;
  ~Neighbour() {
    over_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

Delays run(Party& party, Thread forwarder, const Load& load) {
  const UdpSocket witness = UdpSocket::bind(v4).value();
  Departures departures(witness.descriptor());
  std::vector<Arrival> arrivals;
  rank(forwarder, load.forwarder);
  const Neighbour neighbour(load.neighbour);
  const double wall = seconds_of(CLOCK_MONOTONIC);
  const auto [ran, waited] = ran_and_waited(forwarder);
  const double stolen = stolen_from(forwarding_processor);
  Sender sender(party, load, witness.local_address());
  while (!sender.over()) {
    departures.collect();
    party.collect(arrivals);
    std::this_thread::sleep_for(1ms);
  }
  sender.join();
  party.collect(arrivals);
  departures.collect();
  Delays result{departures.delays_of(arrivals), sender.sent(), 0, 0, 0};
  const double length = seconds_of(CLOCK_MONOTONIC) - wall;
  const auto [ran_then, waited_then] = ran_and_waited(forwarder);
  result.busy = (ran_then - ran) / length;
  result.kept = (waited_then - waited) / length;
  result.stolen = (stolen_from(forwarding_processor) - stolen) / length;
  return result;
}

/// Members of a room at a relay, who report every 50 ms how packets arrive.
class Room : public Party {
 public:
  explicit Room(const RelayServer& relay) : host_(relay, v4), room_(host_, 1, [this](RelayMember& member, const auto& done) { return turn_until(member, done); }) {
    for (std::size_t i = 0; i < receivers; ++i) {
      auto member = std::make_unique<RelayMember>(relay, v4);
      room_.let_in(*member, 100);
      others_.emplace_back(std::move(member));
      for (const Other& other : others_) other.member->turn(0);
    }
  }

  void send(std::uint32_t first, std::size_t count, const transport::OutgoingPacket& for_witness) override {
    host_.receive();
    for (std::uint32_t i = 0; i < count; ++i) (void)host_.offer_media(7, first_ + first + i);
    std::vector<transport::OutgoingPacket> out(count, for_witness);
    for (auto& packet : host_.outgoing()) out.push_back(std::move(packet));
    host_.send_all(out);
    next_ = first_ + first + static_cast<std::uint32_t>(count);
  }
  void collect(std::vector<Arrival>& arrivals) override {
    for (Other& other : others_) {
      collect(other, arrivals);
      if (kernel_now() >= other.meter.next_report()) {
        if (const auto report = other.meter.report(kernel_now())) other.member->send_feedback({*report});
      }
      other.member->flush();
    }
  }
  /// The next run counts from 0 again.
  void begin_anew() { first_ = next_; }

 private:
  struct Other {
    explicit Other(std::unique_ptr<RelayMember> one) : member(std::move(one)), reader(member->descriptor()) {}
    std::unique_ptr<RelayMember> member;
    StampedReader reader;
    transport::PathMeter meter{};
  };

  void collect(Other& other, std::vector<Arrival>& arrivals) const {
    for (auto got = other.reader.read(); !got.empty(); got = other.reader.read()) {
      for (const auto& datagram : got) {
        other.member->receive(datagram.bytes);
        for (const MediaPacket& packet : other.member->media()) {
          arrivals.push_back({packet.header.stream_sequence - first_, datagram.at});
          other.meter.note(packet.header, packet.payload.size(), Time(std::chrono::microseconds(datagram.at)));
        }
        other.member->forget_media();
      }
    }
  }
  bool turn_until(RelayMember& member, const std::function<bool()>& done) {
    for (const Time end = steady_now() + 20s; steady_now() < end;) {
      member.turn(1);
      host_.turn(0);
      if (done()) return true;
    }
    return false;
  }

  RelayMember host_;
  RelayRoom room_;
  std::vector<Other> others_;
  std::uint32_t first_ = 0;
  std::uint32_t next_ = 0;
};

/// The least that a relay could do: receives and sends to everybody by the fewest calls, without cryptography, state, or a look at what it sends.
class BareLoop : public Party {
 public:
  BareLoop() {
    for (std::size_t i = 0; i < receivers; ++i) {
      receivers_.push_back(UdpSocket::bind(v4).value());
      readers_.emplace_back(receivers_.back().descriptor());
    }
    thread_ = std::thread([this] { forward(); });
  }
  ~BareLoop() override {
    over_ = true;
    thread_.join();
  }
  void send(std::uint32_t first, std::size_t count, const transport::OutgoingPacket& for_witness) override {
    std::vector<transport::OutgoingPacket> out(count, for_witness);
    for (std::uint32_t i = 0; i < count; ++i) {
      Bytes packet(datagram_size);
      const std::uint32_t number = first + i;
      std::memcpy(packet.data(), &number, sizeof number);
      out.push_back({relay_.local_address(), std::move(packet)});
    }
    (void)sender_.send(out);
  }
  void collect(std::vector<Arrival>& arrivals) override {
    for (StampedReader& reader : readers_) {
      for (auto got = reader.read(); !got.empty(); got = reader.read()) {
        for (const auto& datagram : got) {
          Arrival& arrival = arrivals.emplace_back(Arrival{0, datagram.at});
          std::memcpy(&arrival.number, datagram.bytes.data(), sizeof arrival.number);
        }
      }
    }
  }

 private:
  static constexpr std::size_t datagram_size = 1039;  // as a member's, of 1,000 bytes

  void forward() {
    while (!over_) {
      pollfd waiting{relay_.descriptor(), POLLIN, 0};
      (void)::poll(&waiting, 1, 100);
      const auto datagrams = relay_.receive();
      std::vector<SealedPayload> payloads;
      for (const auto& datagram : datagrams) payloads.push_back(SealedPayload::received(datagram.bytes.subspan(4)));
      std::vector<transport::OutgoingPacket> out;
      for (const UdpSocket& receiver : receivers_) {
        for (std::size_t i = 0; i < datagrams.size(); ++i) {
          transport::OutgoingPacket& packet = out.emplace_back(transport::OutgoingPacket{receiver.local_address(), {}});
          packet.head.size = 4;
          std::copy_n(datagrams[i].bytes.begin(), 4, packet.head.bytes.begin());
          packet.payload = payloads[i];
        }
      }
      (void)relay_.send(out);
    }
  }

  UdpSocket sender_ = UdpSocket::bind(v4).value();
  UdpSocket relay_ = UdpSocket::bind(v4).value();
  std::vector<UdpSocket> receivers_;
  std::vector<StampedReader> readers_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

Delays through_bare_loop(const Load& load) {
  const Pinned pinned(load.measured);
  const auto before = threads();
  pinned.to(forwarding_processor);  // what is started now stays there
  BareLoop loop;
  pinned.to(members_processor);
  return run(loop, threads_since(before).at(0), load);
}

/// A relay, and people in a room of it.
class Hall {
 public:
  explicit Hall(bool measured) : pinned_(measured) {
    RelayServerConfig config;
    config.limits.media = {.per_second = 1e6, .burst = 1e6};
    config.limits.resume_window = {};
    const auto before = threads();
    pinned_.to(forwarding_processor);
    server_ = started(config);
    pinned_.to(members_processor);
    forwarder_ = threads_since(before).at(0);
    room_.emplace(*server_);
    (void)run({100, 1, 200ms, measured});
  }
  Delays run(const Load& load) {
    room_->begin_anew();
    return test::run(*room_, forwarder_, load);
  }
  [[nodiscard]] std::uint64_t unsent() const { return server_->report().unsent; }

 private:
  Pinned pinned_;
  std::unique_ptr<RelayServer> server_;
  Thread forwarder_ = 0;
  std::optional<Room> room_;
};

/// At half of what one processor forwards, in packets that come one by one or in bursts.
void tell_all(Hall& hall) {
  const auto at_half = [](Rank forwarder, bool neighbour, std::size_t burst = 1) { return Load{2'500, burst, 5s, true, forwarder, neighbour}; };
  const auto tell = [](Delays result, const char* what) { result.tell(std::cout, what); };
  tell(hall.run(at_half(Rank::ordinary, false)), "relay, ordinary");
  tell(hall.run(at_half(Rank::ordinary, true)), "relay, ordinary, beside one who never rests");
  tell(hall.run(at_half(Rank::unit, false)), "relay, as its unit runs it");
  tell(hall.run(at_half(Rank::unit, true)), "relay, as its unit runs it, beside one who never rests");
  tell(hall.run(at_half(Rank::first, false, 8)), "relay, a processor of its own, bursts of 8");
  auto own = hall.run(at_half(Rank::first, false));
  tell(own, "relay, a processor of its own");
  CHECK(own.at(0.99) <= 2'000);
  tell(through_bare_loop(at_half(Rank::ordinary, false)), "bare loop, ordinary");
  tell(through_bare_loop(at_half(Rank::ordinary, true)), "bare loop, ordinary, beside one who never rests");
  tell(through_bare_loop(at_half(Rank::unit, true)), "bare loop, nice -10, beside one who never rests");
  tell(through_bare_loop(at_half(Rank::first, false, 8)), "bare loop, a processor of its own, bursts of 8");
  tell(through_bare_loop(at_half(Rank::first, false)), "bare loop, a processor of its own");
}

}  // namespace

/// The long form, at half of what one processor forwards, wants a machine with two of them; the short one bounds nothing by the clock of a busy machine. Time
/// counts from the kernel's taking a packet from its sender to its having it for a receiver: how the members are kept from running is left out.
TEST_CASE("a relay adds little to the way of a packet, and loses none", "[runtime]") {
  const bool whole = std::getenv("CONCLAVE_LONG") != nullptr;
  Hall hall(whole);
  if (whole) return tell_all(hall);
  const auto result = hall.run({});
  CHECK(result.sent > 50);
  CHECK(result.delays.size() == receivers * result.sent);
  CHECK(hall.unsent() == 0);
}

}  // namespace conclave::test
