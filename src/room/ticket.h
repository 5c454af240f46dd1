// Personal invitations: for one person, by a member who may admit, with a name on it and a date.
#pragma once

#include "conclave/time.h"
#include "room/policy.h"

namespace conclave::room {

///     struct {
///         uint8 version = 1;
///         opaque room_id[16];
///         opaque key<V>;              /* Ed25519 public key of the ticket itself; its seed travels in the link */
///         opaque issuer_key<V>;       /* identity key of who invites */
///         opaque invitee<V>;          /* UTF-8: whom it was given to, so that a leak has a name */
///         opaque bound_identity<V>;   /* SHA-256 of the only identity key that may use it, or empty: the first that comes */
///         uint64 expires;             /* seconds since 1970-01-01 00:00 UTC */
///         opaque signature<V>;        /* by issuer_key over all of the above, label "conclave ticket v1" */
///     } Ticket;
struct Ticket {
  std::uint8_t version = 1;
  RoomId room_id{};
  Bytes key;
  Bytes issuer_key;
  Bytes invitee;
  Bytes bound_identity;
  std::uint64_t expires = 0;
  Bytes signature;
  CONCLAVE_FIELDS(version, room_id, key, issuer_key, invitee, bound_identity, expires, signature)

  /// SHA-256 of the signed part: by what the policy bans and binds it.
  [[nodiscard]] InvitationId id() const;
  [[nodiscard]] IdentityHash issuer() const { return identity_hash(issuer_key); }
};

/// Whom to invite, and until when.
struct Invitee {
  std::string name;
  std::optional<IdentityHash> identity;  ///< where it is known
  UnixSeconds expires;
};

/// A ticket together with the seed that uses it: what a personal link carries (`Link::personal`). Move-only.
class PersonalInvitation {
 public:
  /// `invalid_argument` for a name of more than 128 bytes.
  static Result<PersonalInvitation> issue(const Identity& issuer, const RoomId& room_id, const Invitee& invitee, crypto::Random& random);

  ///     struct { opaque seed[32]; opaque lane[32]; Ticket ticket; } PersonalInvitation;
  ///
  /// `lane` is the seed of the issuer's lane key (below).
  /// `malformed`, `unsupported` (version), `wrong_group` when it is for another room, `not_authentic`.
  static Result<PersonalInvitation> parse(ByteView bytes, const RoomId& room_id);
  [[nodiscard]] SecretBuffer serialise() const;

  [[nodiscard]] const Ticket& ticket() const { return ticket_; }
  [[nodiscard]] const crypto::SignaturePrivateKey& lane_key() const { return lane_key_; }

  /// A TicketUse for the credential of `user`.
  [[nodiscard]] Result<Bytes> use(ByteView user_identity_key) const;

 private:
  PersonalInvitation(Ticket ticket, crypto::SignaturePrivateKey key, crypto::SignaturePrivateKey lane_key)
      : ticket_(std::move(ticket)), key_(std::move(key)), lane_key_(std::move(lane_key)) {}
  Ticket ticket_;
  crypto::SignaturePrivateKey key_;
  crypto::SignaturePrivateKey lane_key_;
};

/// The key by which a relay knows who has a personal invitation of `issuer` to a room, without learning which: those who have one wait apart from
/// those who have only the link. It opens nothing else. HKDF-SHA-256 of the identity's seed with the salt "conclave lane v1", expanded with the room's id.
Result<crypto::SignaturePrivateKey> lane_key_of(const Identity& issuer, const RoomId& room_id);

///     struct {
///         Ticket ticket;
///         opaque proof<V>;   /* by ticket.key over room_id || the user's identity key, label "conclave ticket use v1" */
///     } TicketUse;
///
/// Checks all that needs no clock and no policy, and returns the ticket. `malformed`, `unsupported`, `wrong_group`, `not_authentic`, or
/// `identity_mismatch` when it is bound to another identity.
Result<Ticket> verify_ticket_use(ByteView bytes, const RoomId& room_id, ByteView user_identity_key);

}  // namespace conclave::room
