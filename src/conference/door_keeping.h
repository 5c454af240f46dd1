// Who answers knocks beside the founder: how the key that opens them is asked for and handed on, and whom the relay tells of them.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "conference/context.h"
#include "crypto/kem.h"
#include "room/door_key.h"
#include "transport/messages.h"

namespace conclave::conference {

/// Moderators and heirs ask for the key in a word of the group; the owner hands it on, or, where the owner does not answer, whoever has it. The
/// owner also tells the relay who keeps the door, and who no longer does. What one member can make the others say is bounded. See docs/decisions/013-door-keepers.md.
class DoorKeeping {
 public:
  /// What is to be said to the members, and to the relay.
  struct Outcome {
    std::vector<Bytes> words;
    std::vector<transport::ShareDoor> shares;
    std::optional<transport::SeatHeirs> heirs;
    std::optional<transport::Acclaim> acclaim;
    bool left_out = false;  ///< we are an heir, and the relay was not told so
    bool opened = false;  ///< from now on knocks can be read
  };

  /// `key`: of the founder; `admission_key`: its public half, as the room's card names it; `connection`: ours, as the relay names it.
  DoorKeeping(const Context& context, std::optional<crypto::KemPrivateKey> key, Bytes admission_key, std::uint64_t connection);

  /// Null until there is one.
  [[nodiscard]] const crypto::KemPrivateKey* key() const { return key_ ? &*key_ : nullptr; }

  /// A member spoke over this connection. True when that calls for a review.
  bool met(const SessionMember& member, std::uint64_t connection);
  /// A word of `sender`. False when it is not about the door.
  bool hear(const SessionMember& sender, ByteView content, const Session& session, Time now, Outcome& outcome);
  /// Asks for the key when we should have it, answers who asked, and tells the relay what has changed. After each change of the room, and when due.
  void review(const Session& session, Time now, Outcome& outcome);
  /// The relay says whose voices it counts.
  void heirs_seated(const transport::SeatHeirs& heirs) { seated_heirs_ = heirs; }
  /// What the relay was told before may be lost.
  void come_back();
  [[nodiscard]] Time next_deadline() const;

  static constexpr Duration request_interval = std::chrono::seconds(4);
  static constexpr Duration answer_interval = std::chrono::seconds(3);  ///< between two answers to one member
  static constexpr int shares_per_second = 32;
  static constexpr Duration left_out_after = std::chrono::seconds(30);

 private:
  /// A member who spoke.
  struct Seat {
    std::uint64_t connection = 0;
    bool ranked = false;                      ///< has had a rank at some time: the relay may still think so
    std::optional<transport::DoorRank> told;  ///< what we told the relay
  };
  struct Answered {
    Time at{};
    Bytes public_key;
  };
  struct Asked {
    room::DoorRequest request;
    Time due{};
  };
  struct View;  ///< of the room, for one review: door_view.h

  void take_key(const SessionMember& sender, const room::DoorKey& handed, const Session& session, Outcome& outcome);
  void asked(const SessionMember& sender, room::DoorRequest request, const View& view, Time now, Outcome& outcome);
  void answer(const room::IdentityHash& identity, const room::DoorRequest& request, const View& view, Time now, Outcome& outcome);
  void answer_due(const View& view, Time now, Outcome& outcome);
  void ask(Time now, Outcome& outcome);
  void keep_key(bool entitled, Time now);
  void tell_ranks(const View& view, Time now, Outcome& outcome);
  void begin_telling(Time now);
  bool tell(std::uint64_t connection, transport::DoorRank rank, Outcome& outcome);
  void hand_over(const View& view, Outcome& outcome);
  void rest();
  // ---- voices of heirs at the relay: door_succession.cpp ----
  void acclaim(const View& view, Time now, Outcome& outcome);
  void watch_heirs(const View& view, Time now, Outcome& outcome);
  void seat_heirs(const View& view, Outcome& outcome);
  [[nodiscard]] std::optional<std::uint64_t> connection_of(const room::IdentityHash& identity, const View& view) const;

  static constexpr std::uint8_t owner_alone = 2;       ///< requests that the owner alone answers
  static constexpr std::uint8_t each_for_itself = 6;   ///< from here on nobody relies on the answer of another
  static constexpr std::uint8_t most_requests = 30;
  static constexpr Duration key_grace = request_interval * most_requests;  ///< for who lost the right: it may be the only one who has the key
  static constexpr int rounds = 2;                     ///< in which a new owner says all ranks again
  static constexpr int acclaims = 4;                   ///< how often an heir says who leads now: words get lost with connections

  const Context* context_;
  std::optional<crypto::KemPrivateKey> key_;
  std::optional<Time> key_ends_;
  Bytes admission_key_;
  std::uint64_t connection_;
  std::optional<crypto::KemPrivateKey> wanting_;  ///< what the key is to be sealed for
  std::uint8_t requests_ = 0;
  Time next_request_{};
  std::map<room::IdentityHash, Answered> answered_;
  std::map<room::IdentityHash, Asked> asked_;     ///< whom we answer unless another one does
  std::map<room::IdentityHash, Seat> seats_;
  std::vector<std::uint64_t> former_;             ///< connections of keepers who have another one now
  bool led_ = false;
  bool handing_over_ = false;                     ///< the relay does not know the new owner yet
  int rounds_left_ = 0;
  Time next_round_{};
  int shares_left_ = shares_per_second;
  Time shares_from_{};
  bool more_to_tell_ = false;
  std::optional<transport::SeatHeirs> told_heirs_;    ///< as owner; nothing: the relay may have another list
  std::optional<transport::SeatHeirs> seated_heirs_;  ///< as the relay says
  std::optional<Time> left_out_from_;
  bool told_left_out_ = false;
  bool heir_ = false;                                 ///< until the last commit
  std::vector<room::IdentityHash> owners_;            ///< who led until then
  int acclaims_left_ = 0;
  Time next_acclaim_{};
};

}  // namespace conclave::conference
