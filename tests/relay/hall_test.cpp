// A meeting in a town hall: three speak, a thousand listen.
#include <malloc.h>

#include <cstdlib>

#include "harness.h"

using namespace conclave;
using namespace conclave::relay;
using namespace conclave::relay::testing;

namespace {

constexpr std::size_t listeners = 1000;
constexpr std::uint16_t speakers = 3;
constexpr Duration packet_period = 20ms;

/// Five minutes under CONCLAVE_LONG=1, else long enough for every ring to be full.
Duration length_of_meeting() { return std::getenv("CONCLAVE_LONG") != nullptr ? Duration(5min) : Duration(15s); }

std::int64_t heap() { return static_cast<std::int64_t>(::mallinfo2().uordblks); }

class TownHall {
 public:
  TownHall() : host_(relay_.open()) {
    for (std::size_t i = 0; i < listeners + speakers; ++i) {
      guests_.push_back(relay_.join(host_));
      relay_.advance(250ms);
      relay_.forget_received();
    }
    for (std::uint16_t stream = 0; stream < speakers; ++stream) relay_.publish(guests_[stream], {{stream, 1, 7}});
    for (std::size_t i = speakers; i < guests_.size(); ++i) relay_.subscribe(guests_[i], {{0, 7}, {1, 7}, {2, 7}});
    relay_.advance(1s);
  }

  /// Everybody's packets of one moment; how many listeners got all of them.
  std::size_t speak() {
    relay_.forget_received();
    for (std::uint16_t stream = 0; stream < speakers; ++stream) relay_.send_media(guests_[stream], media_packet(stream, sequence_));
    ++sequence_;
    relay_.advance(packet_period);
    std::size_t served = 0;
    for (std::size_t i = speakers; i < guests_.size(); ++i) served += relay_.media(guests_[i]).size() == speakers ? 1 : 0;
    return served;
  }
  Harness& relay() { return relay_; }

 private:
  Harness relay_;
  ConnectionId host_;
  std::vector<ConnectionId> guests_;
  std::uint32_t sequence_ = 0;
};

}  // namespace

TEST_CASE("a thousand listen to three without a loss at the relay, and its memory stays flat", "[relay][sim]") {
  TownHall hall;
  const auto packets = length_of_meeting() / packet_period;
  std::int64_t settled = 0;
  for (std::int64_t i = 0; i < packets; ++i) {
    REQUIRE(hall.speak() == listeners);
    if (i == 600) settled = heap();  // the rings of 512 packets are full
  }
  CHECK(heap() - settled < 64 << 10);
  CHECK(hall.relay().counters().media_forwarded == static_cast<std::uint64_t>(packets) * speakers * listeners);
}
