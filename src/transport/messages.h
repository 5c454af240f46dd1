// The messages between a member and a relay, as values. `codec.h` turns them into Protobuf (proto/relay.proto) and back.
// The relay reads these and nothing deeper: every `sealed`, `message`, `welcome` and `card` is opaque to it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/secret.h"
#include "base/secret_buffer.h"
#include "conclave/bytes.h"
#include "conclave/error.h"

namespace conclave::transport {

/// The version of this protocol. A relay and a member of different versions part with `version_mismatch`.
inline constexpr std::uint32_t protocol_version = 1;
inline constexpr std::size_t room_id_size = 16;

// What `codec.h` enforces on the way in. Sizes in bytes.
inline constexpr std::size_t gate_key_size = 32;
inline constexpr std::size_t challenge_size = 32;
inline constexpr std::size_t knock_signature_size = 64;
inline constexpr std::size_t max_token_size = 128;
inline constexpr std::size_t resume_token_size = 32;
using ResumeToken = Secret<struct ResumeTokenTag, resume_token_size>;
inline constexpr std::size_t seat_digest_size = 32;
inline constexpr std::size_t max_card_size = std::size_t{16} << 10;
inline constexpr std::size_t max_knock_size = std::size_t{16} << 10;
inline constexpr std::size_t max_reason_size = 256;
inline constexpr std::size_t max_welcomes = 1024;            ///< knocks that one commit answers
inline constexpr std::size_t max_published_streams = 64;     ///< of one member
inline constexpr std::size_t max_heirs = 16;                  ///< that have a voice at the relay
inline constexpr std::uint32_t max_work_bits = 24;           ///< that a relay may ask for
inline constexpr std::size_t max_subscriptions = 1024;       ///< of one member
inline constexpr std::size_t max_available_streams = 16384;  ///< of all the others

// ---- member to relay -------------------------------------------------------------------------------------------

/// First message of every connection, on `control`.
struct Hello {
  std::uint32_t version = protocol_version;
  Bytes room_id;  ///< 16 bytes, random
};

/// Opens the room named in `Hello`. Refused when it is open already.
struct OpenRoom {
  Bytes gate_key;  ///< Ed25519 public key under which knocks are signed: who has no link is turned away here
  Bytes card;      ///< sealed under the link; served to whoever says Hello; 1–16 KiB
  // What a relay that does not let everybody open rooms wants to see.
  SecretBuffer token{};      ///< at most 128 bytes; empty: none
  Bytes opener_key{};        ///< Ed25519 public key; empty: none
  Bytes opener_signature{};  ///< by it over `opening_message`
  Bytes lane_key{};  ///< Ed25519 public key of who comes by a personal invitation: they wait apart, and show no work; empty: no lane
};

/// What the key of somebody who may open rooms signs: "conclave open v1" || room_id || challenge || gate_key || card || lane_key.
Bytes opening_message(ByteView room_id, ByteView challenge, const OpenRoom& open);

/// What a relay keeps of a token that opens rooms: HKDF-Expand(SHA-256, token, "conclave token", 32).
std::array<std::uint8_t, 32> opening_digest(const SecretBuffer& token);

/// Asks to be let in. `signature` is Ed25519 by the gate or lane key over ("conclave knock v1" || room_id || challenge || sealed).
struct Knock {
  Bytes sealed;  ///< HPKE to the room's admission key; 1–16 KiB
  Bytes signature;
  std::uint64_t work = 0;  ///< solves the puzzle (crypto/work.h) of room_id || challenge, for as many bits as the relay asked for; not in the lane
};

/// A member's answer to a knock that is not admitted; admission is a commit with a Welcome.
struct RefuseKnock {
  std::uint64_t knock_id = 0;
};

/// One handshake message for the room's log: a commit, valid for `epoch` alone.
struct AppendCommit {
  std::uint64_t epoch = 0;
  Bytes message;  ///< MLS PrivateMessage
  struct Welcome {
    std::uint64_t knock_id = 0;
    Bytes welcome;
    std::vector<std::uint64_t> others{};  ///< further knocks that it answers
  };
  std::vector<Welcome> welcomes;  ///< delivered at once if this commit is the first for its epoch, else after two seconds unless a newer one comes
};

/// A message for every other member, in the order of the room's log: proposals and application messages.
struct Broadcast {
  Bytes message;
};

struct PublishedStream {
  std::uint16_t stream_id = 0;
  std::uint8_t temporal_layers = 1;  ///< 1–8
  std::uint8_t priority = 0;         ///< 0–7; 7 is sound, which the relay lets go first and never pauses
  std::uint8_t spatial_layers = 1;   ///< 1–4: the same picture in so many sizes, smallest first, each decodable by itself
};

/// Replaces the set of streams that the member sends, each named once. An id that another member has stays with that member: the
/// sender sees it in `StreamsAvailable` and takes another.
struct Publish {
  std::vector<PublishedStream> streams;
};

struct Subscription {
  std::uint16_t stream_id = 0;
  std::uint8_t max_temporal_layer = 7;  ///< 0–7
  std::uint8_t max_spatial_layer = 3;   ///< 0–3
  std::uint8_t rank = 0;                ///< 0–7, of its kind: where not all fits, higher ones come first
  friend bool operator==(const Subscription&, const Subscription&) = default;
};

/// Replaces the set of streams that the member wants, each named once. Empty: none.
struct Subscribe {
  std::vector<Subscription> streams;
};

struct Leave {};

/// Ends the room for everybody. Only from who leads at the relay: `DoorRank`.
struct CloseRoom {};

/// What a relay lets a member do at the door of its room. Keys and rights are the members' own matter: a relay sees neither.
enum class DoorRank : std::uint8_t {
  none = 0,
  host = 1,    ///< leads: gives and takes ranks, ends the room, and all that a keeper may
  heir = 2,    ///< leads while no host is connected, and is a keeper always
  keeper = 3,  ///< is told of knocks and answers them
};

/// From who leads: the rank of the member whose connection has this name. Who gets one is told of all who wait.
struct ShareDoor {
  std::uint64_t connection = 0;
  DoorRank rank = DoorRank::none;
};

/// From a host: the seats of the heirs, and how many of them must agree on a new host (`Acclaim`). The first list counts at once, a later one when it has
/// stood for two minutes, and until then the one before does: who is about to lose the room cannot take the heirs' voices. A quorum of 0, with no seats: nobody has one.
struct SeatHeirs {
  std::uint8_t quorum = 0;
  std::vector<std::uint64_t> connections;  ///< ascending, at most 16
  friend bool operator==(const SeatHeirs&, const SeatHeirs&) = default;
};

/// From an heir of that list: by what the members have accepted, the member of this connection leads alone. Once as many say so as the list asks for, it is
/// host, and nobody else is.
struct Acclaim {
  std::uint64_t connection = 0;
};

/// Of a member: its seat is to be kept when its connection breaks, for whoever shows the token of `digest`. Replaces the one before.
struct KeepSeat {
  Bytes digest;  ///< `seat_digest` of 32 random bytes that the member alone knows
};

/// Instead of a knock: takes the kept seat again, over this new connection. The token is spent with it; `next_digest` takes its place.
/// The same message once more, over another connection, is no second use: its answer may have been lost.
struct Resume {
  std::uint64_t connection = 0;  ///< as `HelloAccepted` named the connection that first had the seat; it keeps that name
  ResumeToken token;
  Bytes next_digest;
  std::uint64_t next_index = 0;  ///< of the log: the first entry that was not read
  Bytes last_entry{};            ///< `entry_digest` of the one before it, so that another history is told from this one; empty: none was read
};

/// What tells an entry of the log: SHA-256("conclave entry v1" || message).
Bytes entry_digest(ByteView message);

/// What a relay keeps of a token: SHA-256("conclave seat v1" || token).
Bytes seat_digest(const ResumeToken& token);

using ClientMessage = std::variant<Hello, OpenRoom, Knock, RefuseKnock, AppendCommit, Broadcast, Publish, Subscribe, Leave, CloseRoom, KeepSeat, Resume, ShareDoor,
                                   SeatHeirs, Acclaim>;

// ---- relay to member -------------------------------------------------------------------------------------------

struct HelloAccepted {
  std::uint32_t version = protocol_version;
  std::uint64_t connection = 0;  ///< opaque id of this connection in the room
  Bytes challenge;               ///< 32 random bytes, to be signed with the knock
  Bytes card;                    ///< for a room that is not open, bytes that look like one and do not open
  std::uint8_t work_bits = 0;    ///< what a knock has to show; by the load of the relay, whatever the room
};

struct RoomOpened {};

/// The relay says no and closes. `code`: `version_mismatch`, `refused`, `limit_exceeded`, `malformed`.
struct Refused {
  ErrorCode code = ErrorCode::refused;
  std::string reason;  ///< at most 256 bytes of UTF-8
};

/// Somebody knocks; for members that may admit.
struct KnockArrived {
  std::uint64_t knock_id = 0;
  Bytes sealed;
};

/// Who knocked has gone before an answer.
struct KnockWithdrawn {
  std::uint64_t knock_id = 0;
};

/// For who knocked: refused, or the Welcome with the position in the log from which to read.
struct KnockAnswered {
  bool admitted = false;
  Bytes welcome;
  std::uint64_t next_index = 0;  ///< of the log: what follows
};

/// The next entry of the room's log, the same for all members, the sender included.
struct LogEntry {
  std::uint64_t index = 0;       ///< counts from 0 without gaps
  bool commit = false;           ///< a commit, or a broadcast
  std::uint64_t epoch = 0;       ///< of a commit
  std::uint64_t connection = 0;  ///< opaque id of the sender's connection
  Bytes message;
};

struct AvailableStream {
  std::uint64_t connection = 0;
  PublishedStream stream;
};

/// All streams of the other members, whenever they change.
struct StreamsAvailable {
  std::vector<AvailableStream> streams;
};

/// Of the receiver's own streams, each named once: the spatial layers that anybody takes, a bit each. The others need not be sent; one that
/// is wanted again begins with a keyframe. Of streams that no such message named all layers are wanted.
struct LayersWanted {
  struct Item {
    std::uint16_t stream_id = 0;
    std::uint8_t spatial_layers = 0;  ///< 0–15
  };
  std::vector<Item> streams;
};

/// A member has left, or its connection was lost and nobody came back for its seat.
struct PeerGone {
  std::uint64_t connection = 0;
  bool left = false;  ///< said goodbye
};

struct RoomClosed {};

/// The seat is taken again. The entries that were missed follow, up to the one before `end_index`, then whatever is new.
struct Resumed {
  std::uint64_t end_index = 0;
};

/// The list that a host named last: for every member, when it changes and when one comes back. An heir that is not in it knows that its voice will not count.
struct HeirsSeated {
  SeatHeirs heirs;
};

using RelayMessage = std::variant<HelloAccepted, RoomOpened, Refused, KnockArrived, KnockWithdrawn, KnockAnswered, LogEntry,
                                  StreamsAvailable, PeerGone, RoomClosed, Resumed, LayersWanted, HeirsSeated>;

}  // namespace conclave::transport
