#include "transport/memory/path.h"

#include <algorithm>

namespace conclave::transport::memory {
namespace {

constexpr std::size_t reliable_packet = 1150;
constexpr std::size_t packet_overhead = 50;

Duration time_on_link(std::size_t size, std::uint64_t bandwidth) {
  if (bandwidth == 0) return Duration(0);
  return Duration(static_cast<std::int64_t>(static_cast<std::uint64_t>(size) * 8'000'000 / bandwidth));
}

}  // namespace

std::vector<Arrival> Path::send(std::size_t size, Time now) {
  const Impairments& path = at(now);
  ++counters_.sent;
  const Time start = std::max(now, link_free_);
  const bool fits = path.bandwidth == 0 || start - now <= time_on_link(path.queue, path.bandwidth);
  if (!fits) {
    ++counters_.overflowed;
    return {};
  }
  link_free_ = start + time_on_link(size, path.bandwidth);
  if (lose(path)) {
    ++counters_.lost;
    return {};
  }
  std::vector<Arrival> arrivals{{transit(path, link_free_), dice_.hit(path.corrupt)}};
  if (dice_.hit(path.duplicate)) {
    ++counters_.duplicated;
    arrivals.push_back({transit(path, link_free_), false});
  }
  for (const Arrival& arrival : arrivals) counters_.corrupted += arrival.corrupt ? 1 : 0;
  counters_.delivered += arrivals.size();
  return arrivals;
}

bool Path::lose(const Impairments& path) {
  if (!in_burst_) in_burst_ = dice_.hit(path.burst_start);
  if (in_burst_) {
    in_burst_ = path.burst_length > 1 && !dice_.hit(1 / path.burst_length);
    return true;
  }
  return dice_.hit(path.loss);
}

Time Path::transit(const Impairments& path, Time departure) {
  const auto jitter = Duration(static_cast<std::int64_t>(dice_.below(static_cast<std::uint64_t>(path.jitter.count()) + 1)));
  const Time arrival = departure + path.delay + jitter;
  if (dice_.hit(path.reorder)) {
    ++counters_.reordered;
    return arrival + path.reorder_delay;
  }
  last_arrival_ = std::max(last_arrival_, arrival);
  return last_arrival_;
}

Time Path::send_reliably(std::size_t size, Time now, Duration patience) {
  Time whole = now;
  std::size_t rest = size;
  do {
    const std::size_t part = std::min(rest, reliable_packet);
    rest -= part;
    Time departure = std::max(now, reliable_free_);
    const Time begin = departure;
    Duration timeout = at(departure).delay * 3 + at(departure).jitter + std::chrono::milliseconds(25);
    while (lose(at(departure))) {
      departure += timeout;
      timeout = std::min<Duration>(timeout * 2, std::chrono::seconds(1));
      if (departure - begin > patience) return never;
    }
    const Impairments& path = at(departure);
    reliable_free_ = begin + time_on_link(part + packet_overhead, path.bandwidth);
    const auto jitter = Duration(static_cast<std::int64_t>(dice_.below(static_cast<std::uint64_t>(path.jitter.count()) + 1)));
    whole = std::max(whole, departure + time_on_link(part + packet_overhead, path.bandwidth) + path.delay + jitter);
  } while (rest > 0);
  return whole;
}

void Path::corrupt(Bytes& datagram) {
  if (datagram.empty()) return;
  if (dice_.below(4) == 0) {
    datagram.resize(dice_.below(datagram.size()));
  } else {
    const std::uint64_t bit = dice_.below(datagram.size() * 8);
    datagram[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
  }
}

}  // namespace conclave::transport::memory
