// Identities, also at rest, and organisations that vouch for them.
#include "conclave/identity_file.h"
#include "conclave/organisation.h"
#include "session.h"
#include "structs.h"

namespace conclave::c {
namespace {

constexpr std::uint32_t most_trusted = 64;
constexpr std::size_t sealed_identity_room = 128;  // for a file of 89 bytes, and later ones

Result<void> hand_out_identity(Result<Identity> identity, conclave_handle* out) {
  if (!identity.ok()) return std::move(identity).error();
  return hand_out(std::make_unique<IdentityObject>(std::make_shared<const Identity>(std::move(identity).value())), out);
}

}  // namespace

Result<void> take_trusted(const conclave_handle* handles, std::uint32_t count, std::vector<TrustedOrganisation>& trusted) {
  if (count > most_trusted) return Error{ErrorCode::limit_exceeded, "too many organisations"};
  if (handles == nullptr && count != 0) return invalid("the organisations are NULL");
  for (std::uint32_t i = 0; i < count; ++i) {
    CONCLAVE_C_ASSIGN(organisation, use<OrganisationObject>(handles[i]));
    trusted.push_back(organisation->value);
  }
  return {};
}

}  // namespace conclave::c

using namespace conclave;
using namespace conclave::c;

conclave_result conclave_identity_generate(conclave_handle* identity) {
  return guarded([&] { return hand_out_identity(Identity::generate(), identity); });
}

conclave_result conclave_identity_from_seed(const uint8_t* seed, size_t size, conclave_handle* identity) {
  return guarded([&]() -> Result<void> {
    CONCLAVE_C_ASSIGN(bytes, bytes_of(seed, size));
    return hand_out_identity(Identity::from_seed(bytes), identity);
  });
}

conclave_result conclave_identity_public_key(conclave_handle identity, uint8_t* key, size_t* size) {
  return with<IdentityObject>(identity, [&](IdentityObject& object) { return write_bytes(object.value->public_key(), key, size); });
}

conclave_result conclave_identity_hash(conclave_handle identity, uint8_t* hash, size_t* size) {
  return with<IdentityObject>(identity, [&](IdentityObject& object) { return write_bytes(object.value->hash(), hash, size); });
}

conclave_result conclave_identity_seal(conclave_handle identity, const void* passphrase, size_t passphrase_size, uint8_t* file, size_t* size) {
  return with<IdentityObject>(identity, [&](IdentityObject& object) -> Result<void> {
    CONCLAVE_C_ASSIGN(words, bytes_of(passphrase, passphrase_size));
    if (size == nullptr) return invalid("size is NULL");
    if (*size < sealed_identity_room) {  // said before the work is done
      *size = sealed_identity_room;
      return Error{ErrorCode::buffer_too_small, "the buffer is too small"};
    }
    CONCLAVE_C_ASSIGN(sealed, seal_identity(*object.value, words));
    return write_bytes(sealed, file, size);
  });
}

conclave_result conclave_identity_open(const uint8_t* file, size_t size, const void* passphrase, size_t passphrase_size, conclave_handle* identity) {
  return guarded([&]() -> Result<void> {
    if (identity == nullptr) return invalid("the place for the handle is NULL");
    CONCLAVE_C_ASSIGN(sealed, bytes_of(file, size));
    CONCLAVE_C_ASSIGN(words, bytes_of(passphrase, passphrase_size));
    return hand_out_identity(open_identity(sealed, words), identity);
  });
}

conclave_result conclave_identity_certify(conclave_handle identity, const char* chain, const char* key, uint8_t* proof, size_t* size) {
  return with<IdentityObject>(identity, [&](IdentityObject& object) -> Result<void> {
    if (chain == nullptr || key == nullptr) return invalid("the chain or the key is NULL");
    CONCLAVE_C_ASSIGN(made, certify_identity(*object.value, chain, key));
    const auto written = write_bytes(made, proof, size);
    if (!written.ok() && written.error().code == ErrorCode::buffer_too_small) *size += 16;  // the next signature may be longer
    return written;
  });
}

conclave_result conclave_organisation_trust(const char* roots, const char* name, conclave_handle* organisation) {
  return guarded([&]() -> Result<void> {
    if (roots == nullptr) return invalid("the certificates are NULL");
    CONCLAVE_C_ASSIGN(trusted, trust_organisation(roots, text_or(name, "")));
    return hand_out(std::make_unique<OrganisationObject>(std::move(trusted)), organisation);
  });
}
