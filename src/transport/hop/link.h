// One end of a hop: both directions, the peer's address, and the check of a new one.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "conclave/transport.h"
#include "crypto/random.h"
#include "transport/address.h"
#include "transport/hop/opener.h"
#include "transport/hop/sealer.h"
#include "transport/outgoing.h"

namespace conclave::transport::hop {

/// Packets that wait for `take_packets`, at most. Later ones are dropped, as a full socket would do.
inline constexpr std::size_t max_waiting_packets = 4096;
/// At most one path challenge in this time.
inline constexpr Duration challenge_interval = std::chrono::milliseconds(100);

/// Sends to one address, and follows the peer to another only after a packet came back from there that proves that the
/// peer receives what is sent to it (NAT rebinding; as RFC 9000 section 9.3, without amplification).
class Link {
 public:
  Link(Sealer sealer, Opener opener, const Address& peer) : sealer_(std::move(sealer)), opener_(std::move(opener)), peer_(peer) {}

  Result<void> send_media(const MediaPacket& packet, Time now, TransportCounters& counters);
  Result<void> send_feedback(ByteView feedback, TransportCounters& counters);

  /// Opens a datagram from `from`. Media and feedback are events; everything dropped is counted by reason.
  std::optional<TransportEvent> receive(const Address& from, ByteView datagram, Time now, crypto::Random& random,
                                        TransportCounters& counters);

  /// Seals payloads again on this hop from now on.
  void seal_payloads() { seal_payloads_ = true; }

  /// The peer proved `address` by other means.
  void move_to(const Address& address) { peer_ = address; }
  [[nodiscard]] const Address& peer() const { return peer_; }

  /// Appends what is to be sent.
  void take_packets(std::vector<OutgoingPacket>& out);

 private:
  struct Challenge {
    Address address;
    PathData data{};
    Time sent{};
  };
  void challenge(const Address& address, Time now, crypto::Random& random, TransportCounters& counters);
  void answer(const Address& address, const PathData& data, TransportCounters& counters);
  void settle(const Address& from, const PathData& data);
  Result<void> queue(OutgoingPacket packet, TransportCounters& counters);

  Sealer sealer_;
  Opener opener_;
  Address peer_;
  bool seal_payloads_ = false;
  std::optional<Challenge> challenge_;
  std::vector<OutgoingPacket> waiting_;
};

}  // namespace conclave::transport::hop
