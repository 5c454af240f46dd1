// The policy of a room: who may do what. It stands in the group's context, so that all members of an epoch agree on it.
#pragma once

#include <array>
#include <vector>

#include "conclave/policy.h"
#include "room/warrant.h"
#include "wire/fields.h"

namespace conclave::room {

/// SHA-256 of a personal invitation's signed part (room/ticket.h).
using InvitationId = std::array<std::uint8_t, 32>;

///     struct {
///         opaque identity[32];
///         Role role;
///         uint16 given;   /* rights beyond the role's */
///         uint16 taken;   /* rights of the role that are withheld: mute, no picture */
///     } Grant;
struct Grant {
  IdentityHash identity{};
  Role role = Role::listener;
  std::uint16_t given = 0;
  std::uint16_t taken = 0;
  CONCLAVE_FIELDS(identity, role, given, taken)
  friend bool operator==(const Grant&, const Grant&) = default;
};

/// A personal invitation that was used, and by whom: nobody else gets in with it.
///
///     struct { opaque invitation[32]; opaque identity[32]; } Binding;
struct Binding {
  InvitationId invitation{};
  IdentityHash identity{};
  CONCLAVE_FIELDS(invitation, identity)
  friend bool operator==(const Binding&, const Binding&) = default;
};

/// A GroupContext extension (RFC 9420 section 13.4) of the private-use type 0xF0C1. Lists are in ascending order but for heirs.
///
///     struct {
///         uint8 version = 1;
///         RoomMode mode;
///         Role default_role;
///         Entry entry;
///         FrameSigning signing;
///         uint8 locked;               /* 0 or 1: nobody is admitted */
///         uint8 ended;                /* 0 or 1: the meeting is over for all */
///         uint16 max_members;
///         uint16 max_publishers;      /* who differ from the default role */
///         Grant grants<V>;
///         opaque banned_identities<V>;     /* 32 bytes each */
///         opaque banned_invitations<V>;
///         Binding bindings<V>;
///         opaque heirs<V>;            /* identities, the first to inherit first */
///         uint8 quorum;               /* heirs whose signatures make a succession while moderators have seats; 0: none do */
///         Warrant warrants<V>;        /* by holder */
///     } RoomPolicy;
struct RoomPolicy {
  static constexpr std::uint16_t extension_type = 0xF0C1;

  std::uint8_t version = 1;
  RoomMode mode = RoomMode::open;
  Role default_role = Role::speaker;
  Entry entry = Entry::knock;
  FrameSigning signing = FrameSigning::none;
  std::uint8_t locked = 0;
  std::uint8_t ended = 0;
  std::uint16_t max_members = 1000;
  std::uint16_t max_publishers = 64;
  std::vector<Grant> grants;
  std::vector<IdentityHash> banned_identities;
  std::vector<InvitationId> banned_invitations;
  std::vector<Binding> bindings;
  std::vector<IdentityHash> heirs;
  std::uint8_t quorum = 0;
  std::vector<Warrant> warrants;
  CONCLAVE_FIELDS(version, mode, default_role, entry, signing, locked, ended, max_members, max_publishers, grants, banned_identities,
                  banned_invitations, bindings, heirs, quorum, warrants)
  friend bool operator==(const RoomPolicy&, const RoomPolicy&) = default;

  /// The policy with which `owner` opens a room.
  static RoomPolicy founding(RoomMode mode, const IdentityHash& owner);

  /// Reads a policy that does not contradict itself. `malformed`, `unsupported` (version), or what `check` says.
  static Result<RoomPolicy> parse(ByteView bytes);

  /// `invalid_message` with the contradiction: what no commit may put in place.
  [[nodiscard]] Result<void> check() const;

  [[nodiscard]] Grant grant_of(const IdentityHash& identity) const;
  [[nodiscard]] Role role_of(const IdentityHash& identity) const { return grant_of(identity).role; }
  [[nodiscard]] Rights rights_of(const IdentityHash& identity) const { return rights_of(grant_of(identity)); }
  [[nodiscard]] Rights rights_of(const Grant& grant) const;
  [[nodiscard]] bool bans_identity(const IdentityHash& identity) const;
  [[nodiscard]] bool bans_invitation(const InvitationId& invitation) const;
  /// Who used a personal invitation, or null.
  [[nodiscard]] const IdentityHash* bound_to(const InvitationId& invitation) const;
  [[nodiscard]] bool is_heir(const IdentityHash& identity) const;
  /// By which somebody may sign Welcomes, or null.
  [[nodiscard]] const Warrant* warrant_of(const IdentityHash& holder) const;
  /// Who may admit, and who may come to by inheriting.
  [[nodiscard]] bool may_hold_warrant(const IdentityHash& identity) const { return rights_of(identity).has(Right::admit) || is_heir(identity); }

  // Changes keep the order; what makes a contradiction is found by `check`.
  void put(const Grant& grant);
  /// From now on the identity has the default role.
  void erase_grant(const IdentityHash& identity);
  /// Its warrant goes as well.
  void ban_identity(const IdentityHash& identity);
  void ban_invitation(const InvitationId& invitation);
  void bind(const Binding& binding);
  /// In the place of the holder's other one.
  void put(const Warrant& warrant);
};

/// The rights that come with a role, before anything is given or taken.
Rights rights_of_role(Role role, RoomMode mode);

}  // namespace conclave::room
