// Who somebody is: a long-term identity key, and the credential that binds a leaf of one room to it.
#pragma once

#include <array>
#include <string>

#include "base/bytes.h"
#include "base/secret_buffer.h"
#include "crypto/random.h"
#include "crypto/signature.h"
#include "wire/fields.h"

namespace conclave::room {

using RoomId = std::array<std::uint8_t, 16>;
using IdentityHash = std::array<std::uint8_t, 32>;

/// SHA-256 of an identity key: what links pin.
IdentityHash identity_hash(ByteView identity_key);

/// The identity of a member of one room, as it stands in the MLS credential of its leaf (a basic credential whose
/// identity is this struct). The leaf's own key is made for the room, so a relay or another room sees no common key.
///
///     struct {
///         uint8 version = 1;
///         opaque identity_key<V>;   /* Ed25519 */
///         opaque display_name<V>;   /* UTF-8, made inert before anybody sees it */
///         opaque invitation<V>;     /* a TicketUse (room/ticket.h), or empty */
///         opaque organisation<V>;   /* an OrganisationProof (room/organisation.h), or empty */
///         opaque signature<V>;      /* by identity_key over MemberBinding */
///     } MemberCredential;
struct MemberCredential {
  std::uint8_t version = 1;
  Bytes identity_key;
  Bytes display_name;
  Bytes invitation;
  Bytes organisation;
  Bytes signature;
  CONCLAVE_FIELDS(version, identity_key, display_name, invitation, organisation, signature)

  /// Parses and checks the binding to `room_id` and to the leaf's signature key. `malformed`, `unsupported` (version)
  /// or `not_authentic`.
  static Result<MemberCredential> verify(ByteView bytes, const RoomId& room_id, ByteView leaf_key);
};

/// What a credential says beside the name; each may be empty.
struct CredentialClaims {
  Bytes invitation;
  Bytes organisation;
};

/// A long-term identity. Move-only.
class Identity {
 public:
  static Result<Identity> generate(crypto::Random& random);
  /// The identity of a seed that `seed()` gave. `malformed` when it has another size than 32 bytes.
  static Result<Identity> from_seed(ByteView seed);
  /// The secret itself, for whoever stores it.
  [[nodiscard]] SecretBuffer seed() const { return SecretBuffer::copy_of(key_.expose()); }

  [[nodiscard]] ByteView public_key() const { return key_.public_key().bytes(); }
  [[nodiscard]] IdentityHash hash() const { return identity_hash(public_key()); }

  /// The serialised credential for a leaf whose signature key is `leaf_key`.
  [[nodiscard]] Result<Bytes> credential(const RoomId& room_id, ByteView leaf_key, std::string_view display_name,
                                         const CredentialClaims& claims = {}) const;

  /// Signs `message` under a domain of its own: label, a zero byte, then the message.
  [[nodiscard]] Result<Bytes> sign(std::string_view label, ByteView message) const;

 private:
  explicit Identity(crypto::SignaturePrivateKey key) : key_(std::move(key)) {}
  crypto::SignaturePrivateKey key_;
};

/// Checks what `Identity::sign` made.
bool verify_identity_signature(ByteView identity_key, std::string_view label, ByteView message, ByteView signature);

}  // namespace conclave::room
