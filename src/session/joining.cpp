#include "base/result.h"
#include "session/identity.h"
#include "session/session_state.h"

namespace conclave {

struct Joining::State {
  SessionConfig config;
  std::unique_ptr<crypto::SeededRandom> seeded;
  session::PendingSeat seat;
};

Joining::Joining(std::unique_ptr<State> state) : state_(std::move(state)) {}
Joining::Joining(Joining&&) noexcept = default;
Joining& Joining::operator=(Joining&&) noexcept = default;
Joining::~Joining() = default;

Result<Joining> Joining::begin(SessionConfig config, const Identity& identity, std::string_view display_name, Moment at) {
  auto seeded = config.seed ? std::make_unique<crypto::SeededRandom>(*config.seed) : nullptr;
  crypto::Random& random = seeded ? static_cast<crypto::Random&>(*seeded) : crypto::system_random();
  CONCLAVE_ASSIGN(seat, session::PendingSeat::begin(config, session::inside(identity), display_name, at.wall, random));
  return Joining(std::make_unique<State>(State{std::move(config), std::move(seeded), std::move(seat)}));
}

ByteView Joining::key_package() const { return state_->seat.key_package(); }

Result<Session> Joining::complete(ByteView welcome, const std::array<std::uint8_t, 32>& founder_hash, Moment at) const {
  // Each completion goes on with random numbers of its own: in a simulation they follow from those of the joining.
  std::unique_ptr<crypto::SeededRandom> seeded;
  if (state_->seeded) {
    std::array<std::uint8_t, 8> seed{};
    state_->seeded->fill(seed);
    std::uint64_t number = 0;
    for (const std::uint8_t byte : seed) number = number << 8 | byte;
    seeded = std::make_unique<crypto::SeededRandom>(number);
  }
  crypto::Random& random = seeded ? static_cast<crypto::Random&>(*seeded) : crypto::system_random();
  CONCLAVE_ASSIGN(group, state_->seat.complete(welcome, founder_hash, at.wall, random));
  return Session(std::make_unique<Session::State>(state_->config, std::move(seeded), std::move(group), at));
}

}  // namespace conclave
