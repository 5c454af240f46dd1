// Who somebody is, for longer than one room.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "conclave/bytes.h"
#include "conclave/error.h"

namespace conclave {

/// A long-term identity (Ed25519). Move-only.
class Identity {
 public:
  static Result<Identity> generate();  ///< a new one
  /// The identity of 32 secret bytes that the app keeps; equal seeds give equal identities.
  static Result<Identity> from_seed(ByteView seed);
  Identity(Identity&&) noexcept;
  Identity& operator=(Identity&&) noexcept;
  ~Identity();

  [[nodiscard]] ByteView public_key() const;  ///< 32 bytes
  /// SHA-256 of the public key: what invitations pin.
  [[nodiscard]] std::array<std::uint8_t, 32> hash() const;

  struct State;
  explicit Identity(std::unique_ptr<State> state);
  [[nodiscard]] const State& state() const { return *state_; }  ///< for sessions

 private:
  std::unique_ptr<State> state_;
};

}  // namespace conclave
