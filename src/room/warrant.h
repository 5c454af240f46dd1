// Warrants: how the right to admit reaches from the founder, whom every link pins, to whoever signs a Welcome.
#pragma once

#include <vector>

#include "conclave/time.h"
#include "room/identity.h"

namespace conclave::room {

///     struct {
///         opaque holder[32];       /* identity */
///         uint64 expires;          /* seconds since 1970-01-01 00:00 UTC */
///         opaque issuer_key<V>;    /* identity key */
///         opaque signature<V>;     /* by issuer_key over room_id || holder || expires, label "conclave warrant v1" */
///     } Warrant;
struct Warrant {
  IdentityHash holder{};
  std::uint64_t expires = 0;
  Bytes issuer_key;
  Bytes signature;
  CONCLAVE_FIELDS(holder, expires, issuer_key, signature)
  friend bool operator==(const Warrant&, const Warrant&) = default;

  static Result<Warrant> sign(const Identity& issuer, const RoomId& room_id, const IdentityHash& holder, UnixSeconds expires);
  [[nodiscard]] bool verify(const RoomId& room_id) const;
  [[nodiscard]] IdentityHash issuer() const { return identity_hash(issuer_key); }
};

/// From the founder to whoever signs a Welcome: what a verifier looks at is bounded by this, whatever a policy holds.
inline constexpr std::size_t max_warrant_chain = 8;  // warrants
/// In a policy.
inline constexpr std::size_t max_warrants = 64;

struct RoomPolicy;

/// Until when `holder` is vouched for by an unbroken chain of warrants from `founder`; `never_expires` for the founder itself.
/// `identity_mismatch` when no chain leads to the founder, `not_authentic` when a signature does not hold, `expired` when the chain has, and
/// `forbidden_by_policy` when it leads over somebody who was removed for good.
Result<UnixSeconds> vouched_until(const RoomPolicy& policy, const RoomId& room_id, const IdentityHash& founder, const IdentityHash& holder,
                                  UnixSeconds now);

inline constexpr UnixSeconds never_expires{~std::uint64_t{0}};

/// Puts into `policy`, under the name of `issuer`, the warrants that are missing or half spent, of all who may admit by it and of its heirs.
/// Takes out those of others. Changes nothing when no chain leads to `issuer`, or it may not admit.
Result<void> renew_warrants(RoomPolicy& policy, const Identity& issuer, const RoomId& room_id, const IdentityHash& founder, UnixSeconds now);

}  // namespace conclave::room
