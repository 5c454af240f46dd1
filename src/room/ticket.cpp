#include "room/ticket.h"

#include <algorithm>
#include <string_view>

#include "base/secret.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"

namespace conclave::room {
namespace {

constexpr std::string_view ticket_label = "conclave ticket v1";
constexpr std::string_view lane_label = "conclave lane v1";
constexpr std::string_view use_label = "conclave ticket use v1";
constexpr std::size_t max_invitee_size = 128;
constexpr std::size_t seed_size = 32;

struct TicketUse {
  Ticket ticket;
  Bytes proof;
  CONCLAVE_FIELDS(ticket, proof)
};

Bytes signed_part(const Ticket& t) {
  return wire::encode(t.version, t.room_id, t.key, t.issuer_key, t.invitee, t.bound_identity, t.expires);
}

Bytes use_of(const RoomId& room_id, ByteView user) { return wire::encode(room_id, wire::Opaque{user}); }

Result<void> check(const Ticket& ticket, const RoomId& room_id) {
  if (ticket.version != 1) return Error{ErrorCode::unsupported, "an invitation of another version"};
  const bool sized = ticket.invitee.size() <= max_invitee_size && (ticket.bound_identity.empty() || ticket.bound_identity.size() == IdentityHash().size());
  if (!sized) return Error{ErrorCode::malformed, "an invitation is damaged"};
  if (ticket.room_id != room_id) return Error{ErrorCode::wrong_group, "an invitation to another room"};
  if (!verify_identity_signature(ticket.issuer_key, ticket_label, signed_part(ticket), ticket.signature)) {
    return Error{ErrorCode::not_authentic, "an invitation is not signed by who is named as its issuer"};
  }
  return {};
}

Bytes labelled(std::string_view label, ByteView message) {
  Bytes out = to_bytes(as_bytes(label));
  out.push_back(0);
  out.insert(out.end(), message.begin(), message.end());
  return out;
}

}  // namespace

InvitationId Ticket::id() const { return identity_hash(signed_part(*this)); }

Result<PersonalInvitation> PersonalInvitation::issue(const Identity& issuer, const RoomId& room_id, const Invitee& invitee, crypto::Random& random) {
  if (invitee.name.size() > max_invitee_size) return Error{ErrorCode::invalid_argument, "the name of an invitee is too long"};
  CONCLAVE_ASSIGN(key, crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random));
  Ticket ticket;
  ticket.room_id = room_id;
  ticket.key = to_bytes(key.public_key().bytes());
  ticket.issuer_key = to_bytes(issuer.public_key());
  ticket.invitee = to_bytes(as_bytes(invitee.name));
  if (invitee.identity) ticket.bound_identity = to_bytes(*invitee.identity);
  ticket.expires = invitee.expires.value;
  CONCLAVE_ASSIGN(signature, issuer.sign(ticket_label, signed_part(ticket)));
  ticket.signature = std::move(signature);
  CONCLAVE_ASSIGN(lane_key, lane_key_of(issuer, room_id));
  return PersonalInvitation(std::move(ticket), std::move(key), std::move(lane_key));
}

Result<crypto::SignaturePrivateKey> lane_key_of(const Identity& issuer, const RoomId& room_id) {
  Secret<struct LaneRootTag> root(seed_size);
  crypto::hkdf_extract(crypto::HashAlgorithm::sha256, as_bytes(lane_label), issuer.seed().expose(), root.expose_mutable());
  Secret<struct LaneSeedTag> seed(seed_size);
  crypto::hkdf_expand(crypto::HashAlgorithm::sha256, root.expose(), room_id, seed.expose_mutable());
  return crypto::SignaturePrivateKey::parse(crypto::SignatureAlgorithm::ed25519, seed.expose());
}

Result<PersonalInvitation> PersonalInvitation::parse(ByteView bytes, const RoomId& room_id) {
  if (bytes.size() < 2 * seed_size) return Error{ErrorCode::malformed, "an invitation is cut short"};
  CONCLAVE_ASSIGN(ticket, wire::decode<Ticket>(bytes.subspan(2 * seed_size)));
  CONCLAVE_TRY(check(ticket, room_id));
  CONCLAVE_ASSIGN(key, crypto::SignaturePrivateKey::parse(crypto::SignatureAlgorithm::ed25519, bytes.first(seed_size)));
  if (!equal(key.public_key().bytes(), ticket.key)) return Error{ErrorCode::not_authentic, "an invitation whose parts do not belong together"};
  CONCLAVE_ASSIGN(lane_key, crypto::SignaturePrivateKey::parse(crypto::SignatureAlgorithm::ed25519, bytes.subspan(seed_size, seed_size)));
  return PersonalInvitation(std::move(ticket), std::move(key), std::move(lane_key));
}

SecretBuffer PersonalInvitation::serialise() const { return wire::encode_secret(wire::Raw{key_.expose()}, wire::Raw{lane_key_.expose()}, ticket_); }

Result<Bytes> PersonalInvitation::use(ByteView user_identity_key) const {
  CONCLAVE_ASSIGN(proof, key_.sign(labelled(use_label, use_of(ticket_.room_id, user_identity_key))));
  return wire::encode(TicketUse{ticket_, std::move(proof)});
}

Result<Ticket> verify_ticket_use(ByteView bytes, const RoomId& room_id, ByteView user_identity_key) {
  CONCLAVE_ASSIGN(use, wire::decode<TicketUse>(bytes));
  CONCLAVE_TRY(check(use.ticket, room_id));
  const bool bound = !use.ticket.bound_identity.empty();
  if (bound && !equal(use.ticket.bound_identity, identity_hash(user_identity_key))) {
    return Error{ErrorCode::identity_mismatch, "an invitation for somebody else"};
  }
  if (!verify_identity_signature(use.ticket.key, use_label, use_of(room_id, user_identity_key), use.proof)) {
    return Error{ErrorCode::not_authentic, "an invitation is used by somebody who has not got it"};
  }
  return std::move(use.ticket);
}

}  // namespace conclave::room
