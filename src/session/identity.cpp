#include "session/identity.h"

#include "base/result.h"
#include "conclave/identity_file.h"
#include "room/identity_file.h"

namespace conclave {

Identity::Identity(std::unique_ptr<State> state) : state_(std::move(state)) {}
Identity::Identity(Identity&&) noexcept = default;
Identity& Identity::operator=(Identity&&) noexcept = default;
Identity::~Identity() = default;

Result<Identity> session::make_identity(crypto::Random& random) {
  CONCLAVE_ASSIGN(identity, room::Identity::generate(random));
  return Identity(std::make_unique<Identity::State>(Identity::State{std::move(identity)}));
}

Result<Identity> Identity::generate() { return session::make_identity(crypto::system_random()); }

Result<Identity> Identity::from_seed(ByteView seed) {
  if (seed.size() != 32) return Error{ErrorCode::invalid_argument, "an identity's seed has 32 bytes"};
  CONCLAVE_ASSIGN(identity, room::Identity::from_seed(seed));
  return Identity(std::make_unique<State>(State{std::move(identity)}));
}

ByteView Identity::public_key() const { return state_->identity.public_key(); }
std::array<std::uint8_t, 32> Identity::hash() const { return state_->identity.hash(); }

Result<Bytes> seal_identity(const Identity& identity, ByteView passphrase) {
  return room::seal_identity(session::inside(identity), passphrase, crypto::PasswordCost{}, crypto::system_random());
}

Result<Identity> open_identity(ByteView file, ByteView passphrase) {
  CONCLAVE_ASSIGN(identity, room::open_identity(file, passphrase));
  return Identity(std::make_unique<Identity::State>(Identity::State{std::move(identity)}));
}

}  // namespace conclave
