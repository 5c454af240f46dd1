// One receiver whose path loses packets: what is sent to it beside them, so that it can do without.
#pragma once

#include "relay/outbox.h"
#include "relay/subscriber.h"
#include "transport/fec/protection.h"

namespace conclave::relay {

class Guard {
 public:
  explicit Guard(ConnectionId connection) : self_(std::make_shared<const std::vector<Receiver>>(1, Receiver{connection, 0})) {}

  void set_terms(const transport::fec::Terms& terms, Time now) { protection_.set_terms(terms, now); }
  /// That receiver alone.
  [[nodiscard]] const Receivers& self() const { return self_; }
  /// A packet went to it, as it gets it; over a narrow path (else null) what follows is charged.
  void sent(const MediaPacket& packet, bool sound, NarrowPath* path, Turn& turn);
  void tick(NarrowPath* path, Turn& turn);
  [[nodiscard]] Time next_deadline() const { return protection_.next_deadline(); }
  void forget(std::uint16_t stream_id) { protection_.forget(stream_id); }
  /// Bits a second that it took lately.
  [[nodiscard]] double cost() const { return protection_.cost(); }

 private:
  void send(std::vector<MediaPacket> packets, NarrowPath* path, Turn& turn);

  Receivers self_;
  transport::fec::Protection protection_;
};

}  // namespace conclave::relay
