// One direction of a bad network, as a value: packets and the time go in, packets come out late, twice, or never.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::impairer {

using Nanoseconds = std::chrono::nanoseconds;
using Packet = std::vector<std::uint8_t>;

/// What is wrong with the network. Percentages are of packets.
struct Spec {
  double delay = 0;       ///< ms, one way
  double jitter = 0;      ///< ms, uniform around the delay; order is kept
  double loss = 0;        ///< %
  double burst = 1;       ///< mean length of a run of losses (Gilbert's model); 1 is independent loss
  double rate = 0;        ///< kbit/s of IP packets; 0 is unlimited
  double queue = 200;     ///< ms of backlog before the rate's bottleneck; what comes on top is dropped
  double reorder = 0;     ///< % that leave `late` ms after their turn, overtaken by others
  double late = 20;       ///< ms
  double duplicate = 0;   ///< %
};

/// Changes `spec` by text such as "delay=75,loss=1". On an error, the sentence that says what is wrong.
std::optional<std::string> change_spec(std::string_view text, Spec& spec);

struct Counters {
  std::uint64_t received = 0, forwarded = 0, bytes = 0, lost = 0, queue_dropped = 0, reordered = 0, duplicated = 0;
};

/// One direction. The same seed, packets and times give the same result.
class Impairment {
 public:
  Impairment(Spec spec, std::uint64_t seed) : spec_(spec), random_(seed) {}

  /// From now on. Packets on their way keep their time.
  void change(std::string_view text) { (void)change_spec(text, spec_); }

  void push(Packet packet, Nanoseconds now);
  /// The next packet whose time has come.
  std::optional<Packet> pop(Nanoseconds now);
  /// When the next packet is due; none when nothing is on its way.
  [[nodiscard]] std::optional<Nanoseconds> next_deadline() const;
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Flight {
    Nanoseconds due;
    std::uint64_t serial;
    Packet packet;
    bool operator<(const Flight& other) const { return due != other.due ? due > other.due : serial > other.serial; }
  };

  bool chance(double probability) { return std::uniform_real_distribution<>(0, 1)(random_) < probability; }
  bool is_lost();
  /// When the packet has passed the bottleneck; none when its queue is full.
  std::optional<Nanoseconds> pass_bottleneck(std::size_t size, Nanoseconds now);
  void launch(Packet packet, Nanoseconds due) { flights_.push({due, serial_++, std::move(packet)}); }

  Spec spec_;
  std::mt19937_64 random_;
  std::priority_queue<Flight> flights_;
  std::uint64_t serial_ = 0;
  Nanoseconds link_free_{0};
  Nanoseconds last_due_{0};
  bool in_burst_ = false;
  Counters counters_;
};

}  // namespace conclave::impairer
