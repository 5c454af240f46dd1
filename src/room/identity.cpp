#include "room/identity.h"

#include <algorithm>

#include "crypto/hash.h"

namespace conclave::room {
namespace {

constexpr std::string_view binding_label = "conclave member v1";
constexpr std::size_t max_name_bytes = 256;
constexpr std::size_t max_claim_size = 8192;

Bytes labelled(std::string_view label, ByteView message) {
  Bytes out = to_bytes(as_bytes(label));
  out.push_back(0);
  out.insert(out.end(), message.begin(), message.end());
  return out;
}

/// What the identity key signs: the room, the key of the leaf, and all that the credential says.
Bytes binding_of(const MemberCredential& credential, const RoomId& room_id, ByteView leaf_key) {
  return wire::encode(room_id, wire::Opaque{leaf_key}, credential.display_name, credential.invitation, credential.organisation);
}

}  // namespace

IdentityHash identity_hash(ByteView identity_key) {
  const crypto::Digest digest = crypto::hash(crypto::HashAlgorithm::sha256, identity_key);
  IdentityHash out{};
  std::copy(digest.view().begin(), digest.view().end(), out.begin());
  return out;
}

Result<MemberCredential> MemberCredential::verify(ByteView bytes, const RoomId& room_id, ByteView leaf_key) {
  CONCLAVE_ASSIGN(credential, wire::decode<MemberCredential>(bytes));
  if (credential.version != 1) return Error{ErrorCode::unsupported, "a member's credential has an unknown version"};
  if (credential.display_name.size() > max_name_bytes) return Error{ErrorCode::malformed, "a display name is too long"};
  const bool short_claims = credential.invitation.size() <= max_claim_size && credential.organisation.size() <= max_claim_size;
  if (!short_claims) return Error{ErrorCode::malformed, "a member's credential is too long"};
  const Bytes binding = binding_of(credential, room_id, leaf_key);
  if (!verify_identity_signature(credential.identity_key, binding_label, binding, credential.signature)) {
    return Error{ErrorCode::not_authentic, "a member's credential is not signed by its identity for this room"};
  }
  return credential;
}

Result<Identity> Identity::generate(crypto::Random& random) {
  CONCLAVE_ASSIGN(key, crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random));
  return Identity(std::move(key));
}

Result<Identity> Identity::from_seed(ByteView seed) {
  CONCLAVE_ASSIGN(key, crypto::SignaturePrivateKey::parse(crypto::SignatureAlgorithm::ed25519, seed));
  return Identity(std::move(key));
}

Result<Bytes> Identity::credential(const RoomId& room_id, ByteView leaf_key, std::string_view display_name,
                                   const CredentialClaims& claims) const {
  MemberCredential credential;
  credential.identity_key = to_bytes(public_key());
  credential.display_name = to_bytes(as_bytes(display_name.substr(0, max_name_bytes)));
  credential.invitation = claims.invitation;
  credential.organisation = claims.organisation;
  CONCLAVE_ASSIGN(signature, sign(binding_label, binding_of(credential, room_id, leaf_key)));
  credential.signature = std::move(signature);
  return wire::encode(credential);
}

Result<Bytes> Identity::sign(std::string_view label, ByteView message) const { return key_.sign(labelled(label, message)); }

bool verify_identity_signature(ByteView identity_key, std::string_view label, ByteView message, ByteView signature) {
  const auto key = crypto::SignaturePublicKey::parse(crypto::SignatureAlgorithm::ed25519, identity_key);
  return key.ok() && key->verify(labelled(label, message), signature);
}

}  // namespace conclave::room
