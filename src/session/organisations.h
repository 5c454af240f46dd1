// Who of the members is certified by an organisation that is trusted here.
#pragma once

#include <map>
#include <optional>

#include "conclave/session.h"
#include "room/organisation.h"

namespace conclave::session {

/// Checks what members bring, and remembers it for a while: a chain costs several signatures. Single-threaded.
class Organisations {
 public:
  explicit Organisations(const std::vector<TrustedOrganisation>& trusted) : trusted_(&trusted) {}

  /// Fills in `verified_by` and `certified_as`: empty where no trusted organisation vouches for this identity now.
  void look_up(SessionMember& member, UnixSeconds now);

 private:
  struct Checked {
    room::IdentityHash proof;  ///< SHA-256 of what the member brought: proofs of all would be 33 MB
    UnixSeconds at;
    std::optional<room::VerifiedBy> by;
  };
  static constexpr std::uint64_t lasting = 600;  // s
  static constexpr std::size_t max_checked = 4'096;

  const std::vector<TrustedOrganisation>* trusted_;
  std::map<room::IdentityHash, Checked> checked_;
};

}  // namespace conclave::session
