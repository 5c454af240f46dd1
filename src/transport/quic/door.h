// What a relay says to strangers without remembering them.
#pragma once

#include <optional>
#include <vector>

#include "base/secret.h"
#include "crypto/random.h"
#include "transport/outgoing.h"
#include "transport/quic/ngtcp2.h"
#include "transport/quic/tls.h"

namespace conclave::transport::quic {

/// How long the token of a Retry is good.
inline constexpr Duration token_lifetime = std::chrono::seconds(10);

/// Every answer is shorter than what it answers: nobody can be flooded through us.
class Door {
 public:
  using ResetSecret = Secret<struct ResetSecretTag, 32>;

  /// `reset_secret` is the same after a restart: members of the relay before learn at once that it knows them no more (RFC 9000 section 10.3.2).
  Door(ServerCredentials credentials, ResetSecret reset_secret, crypto::Random& random);

  [[nodiscard]] const ServerCredentials& credentials() const { return credentials_; }
  [[nodiscard]] ByteView reset_secret() const { return reset_secret_.expose(); }

  /// The destination of the client's first packet when `header` carries the token of a Retry that we sent to `from`.
  [[nodiscard]] std::optional<ngtcp2_cid> open_token(const ngtcp2_pkt_hd& header, const Address& from, Time now) const;

  /// Each queues one packet and says whether it did.
  bool offer_versions(const ngtcp2_version_cid& ids, const Address& to);
  bool ask_to_retry(const ngtcp2_pkt_hd& header, const Address& to, Time now);
  bool refuse(const ngtcp2_pkt_hd& header, const Address& to);
  bool reset(ByteView packet, const Address& to);

  void take_packets(std::vector<OutgoingPacket>& out);

 private:
  bool queue(const Address& to, const std::uint8_t* data, ngtcp2_ssize size);

  ServerCredentials credentials_;
  crypto::Random& random_;
  Secret<struct TokenSecretTag, 32> token_secret_{32};
  ResetSecret reset_secret_;
  std::vector<OutgoingPacket> waiting_;
};

}  // namespace conclave::transport::quic
