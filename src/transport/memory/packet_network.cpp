#include "transport/memory/packet_network.h"

namespace conclave::transport::memory {

Path& PacketNetwork::path(const Address& from, const Address& to) {
  const auto key = std::make_pair(from, to);
  const auto found = paths_.find(key);
  if (found != paths_.end()) return found->second;
  return paths_.emplace(key, Path(everywhere_, dice_.fork(paths_.size() + 1))).first->second;
}

void PacketNetwork::change(const Address& from, const Address& to, Time at, const Impairments& impairments) {
  path(from, to).change(at, impairments);
}

void PacketNetwork::send(const Address& from, const Address& to, ByteView bytes, Time now) {
  Path& way = path(from, to);
  for (const Arrival& arrival : way.send(bytes.size(), now)) {
    Bytes copy(bytes.begin(), bytes.end());
    if (arrival.corrupt) way.corrupt(copy);
    flying_.emplace(std::make_pair(arrival.at, sent_++), Datagram{from, to, std::move(copy)});
  }
}

std::vector<Datagram> PacketNetwork::receive(Time now) {
  std::vector<Datagram> arrived;
  while (!flying_.empty() && flying_.begin()->first.first <= now) {
    arrived.push_back(std::move(flying_.begin()->second));
    flying_.erase(flying_.begin());
  }
  return arrived;
}

PathCounters PacketNetwork::counters(const Address& from, const Address& to) const {
  const auto found = paths_.find(std::make_pair(from, to));
  return found == paths_.end() ? PathCounters{} : found->second.counters();
}

}  // namespace conclave::transport::memory
