// What can be done in a room beside speaking: roles and rights, the floor, the door, and the end. A view on a `Session`.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conclave/session.h"

namespace conclave {

/// What the room is, as all members of the epoch agree.
struct RoomSettings {
  RoomMode mode = RoomMode::open;
  Entry entry = Entry::knock;
  FrameSigning signing = FrameSigning::none;
  bool locked = false;
  bool ended = false;
  std::size_t max_members = 0;
  std::size_t banned = 0;  ///< identities that were removed for good
  std::vector<std::array<std::uint8_t, 32>> heirs{};  ///< identities, the first to inherit first
  std::uint8_t quorum = 0;                            ///< of heirs, in the place of leaders who do not answer; 0: never
};

/// Symbols that `Room::react` takes.
enum class ReactionSymbol : std::uint8_t { applause = 1, agree = 2, disagree = 3, heart = 4, laugh = 5, surprise = 6 };

/// Acts for the member whose session it is. Valid as long as the session is where it was. Changes are commits: each returns what is to be sent,
/// and takes effect for everybody when it is read back from the log; `not_permitted` when the members would refuse it, which they do
/// whoever sends it. What another commit overtook is made again on what that left.
class Room {
 public:
  explicit Room(Session& session) : session_(&session) {}  ///< a view on this one

  [[nodiscard]] RoomSettings settings() const { return settings_of(*session_); }  ///< what the room is
  [[nodiscard]] static RoomSettings settings_of(const Session& session);  ///< likewise, for who may only look
  [[nodiscard]] Rights own_rights() const;  ///< what we may do

  Result<SessionStep> set_role(MemberId member, Role role, Moment at);  ///< makes a member something else
  /// Gives rights beyond the role's, or back those that were taken: the floor, for instance.
  Result<SessionStep> give(MemberId member, Rights rights, Moment at);
  /// Takes rights: of sound, to mute somebody, whose frames nobody opens from the next epoch on.
  Result<SessionStep> take(MemberId member, Rights rights, Moment at);
  /// Removes a member for good: its identity and its invitation let nobody in again.
  Result<SessionStep> ban(MemberId member, Moment at);
  Result<SessionStep> lock(bool locked, Moment at);  ///< lets nobody in any more, or does again
  Result<SessionStep> set_mode(RoomMode mode, Moment at);  ///< makes the room another kind of meeting
  Result<SessionStep> set_entry(Entry entry, Moment at);  ///< who may be admitted
  /// How frames are signed. Batches take a third of the signatures, and let sound wait for up to 40 ms more.
  Result<SessionStep> set_signing(FrameSigning signing, Moment at);
  /// Identities that inherit when no moderator has a seat, or, while one has, when `quorum` of them agree. `invalid_argument` for heirs with a quorum of 0.
  Result<SessionStep> set_heirs(std::vector<std::array<std::uint8_t, 32>> heirs, std::uint8_t quorum, Moment at);
  /// Becomes owner as an heir: at once where nobody leads any more; where leaders have a seat but do not answer, when a quorum of heirs, ourselves
  /// included, has spoken for us within two minutes. Leaders who do not answer lose their seat by it, not the way back in.
  Result<SessionStep> inherit(Moment at);
  /// Speaks as an heir for another one to become owner, for two minutes. `not_permitted` unless both are heirs and there is a quorum.
  Result<SessionStep> endorse(MemberId claimant, Moment at);
  /// Ends the meeting for all: nothing is accepted after it.
  Result<SessionStep> end(Moment at);

  /// A personal invitation for `Link::personal`, by us. `name`: whom it is given to; `identity`: who alone may use it, where that is known.
  /// Nothing is sent: members know an invitation by its signature, and `issuer` must be our identity. `invalid_argument` for one that expires more than 367
  /// days after the moment that the session was given last.
  [[nodiscard]] Result<Bytes> invite(const Identity& issuer, std::string_view name, std::optional<std::array<std::uint8_t, 32>> identity,
                                     UnixSeconds expires) const;
  /// From now on nobody gets in with it.
  Result<SessionStep> revoke(ByteView invitation, Moment at);

  /// `invalid_argument` for an empty or too long text, `not_permitted` without the right to chat.
  Result<ToLog> chat(std::string_view text);
  Result<ToLog> react(ReactionSymbol symbol);  ///< to all
  Result<ToLog> raise_hand(bool raised);  ///< asks for the floor, or does no more

  /// The record of what we saw, signed (include/conclave/transcript.h).
  [[nodiscard]] Result<Bytes> export_record(const Identity& signer) const;

 private:
  template <class Edit>
  Result<SessionStep> change(Edit edit, Moment at);
  Session* session_;
};

}  // namespace conclave
