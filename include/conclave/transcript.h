// The record of a meeting that a moderator exported, checked by anyone: no room, key or network is needed.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "conclave/bytes.h"
#include "conclave/error.h"

namespace conclave {

/// What a record says, for people. Identities are SHA-256 of identity keys; times are those of the writer's clock.
struct TranscriptReport {
  std::array<std::uint8_t, 16> room_id{};
  std::array<std::uint8_t, 32> founder{};
  std::array<std::uint8_t, 32> signer{};  ///< who exported it: compare it with the identity that you trust
  std::vector<std::string> lines;         ///< one for each event, in order; inert
};

/// Checks the hash chain and the signature over it. `malformed`, `unsupported` (version or event), or `not_authentic` when anything was
/// changed, left out, put in or moved since it was signed. That the signer told the truth is another matter: compare the exports of
/// two members, whose events carry the same hashes of the group's own history.
Result<TranscriptReport> read_transcript(ByteView file);

}  // namespace conclave
