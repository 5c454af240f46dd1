// UDP in virtual time: datagrams between addresses, harmed as each direction is told to.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "conclave/bytes.h"
#include "conclave/time.h"
#include "transport/address.h"
#include "transport/memory/path.h"

namespace conclave::transport::memory {

struct Datagram {
  Address from;
  Address to;
  Bytes bytes;
};

/// Everybody can reach everybody. Pure: the same seed and the same calls give the same run.
class PacketNetwork {
 public:
  explicit PacketNetwork(std::uint64_t seed, Impairments everywhere = {}) : dice_(seed), everywhere_(everywhere) {}

  /// From `at` on, datagrams from `from` to `to` fare like this.
  void change(const Address& from, const Address& to, Time at, const Impairments& impairments);

  /// Sends one datagram. `now` never goes back.
  void send(const Address& from, const Address& to, ByteView bytes, Time now);

  /// The datagrams that have arrived by `now`, in the order of arrival.
  std::vector<Datagram> receive(Time now);
  [[nodiscard]] Time next_deadline() const { return flying_.empty() ? never : flying_.begin()->first.first; }

  /// Of one direction; zeros when nothing was ever sent there.
  [[nodiscard]] PathCounters counters(const Address& from, const Address& to) const;

 private:
  Path& path(const Address& from, const Address& to);

  Dice dice_;
  Impairments everywhere_;
  std::map<std::pair<Address, Address>, Path> paths_;
  std::map<std::pair<Time, std::uint64_t>, Datagram> flying_;
  std::uint64_t sent_ = 0;
};

}  // namespace conclave::transport::memory
