// End-to-end encryption for an app that has its own media stack: keys, membership and frames. Bytes in, bytes out: no I/O, threads or
// clock. docs/session.md leads from nothing to sealed frames.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "conclave/error.h"
#include "conclave/frame_sealer.h"
#include "conclave/identity.h"
#include "conclave/policy.h"
#include "conclave/time.h"
#include "conclave/trusted_organisation.h"

namespace conclave {

/// What somebody knows who takes part; `room_id` and `suite` must be the same at every end.
struct SessionConfig {
  std::array<std::uint8_t, 16> room_id{};
  std::uint16_t suite = 0x0001;  ///< of MLS: RFC 9420 section 17.1
  /// Of SFrame, the dearest first. Who founds a room puts the first into its group context, for good; who joins refuses a room
  /// whose suite is not among them. Nobody between the members can change it.
  std::vector<FrameSuite> frame_suites{FrameSuite::aes_128_gcm_sha256_128, FrameSuite::aes_256_gcm_sha512_128,
                                       FrameSuite::chacha20_poly1305_sha256_128};
  RoomMode mode = RoomMode::open;                    ///< of a room that is founded here; who joins finds it
  Bytes invitation;                                  ///< of who joins: `Link::personal`, or empty
  Bytes organisation;                                ///< what an organisation says of us: `certify_identity`, or empty
  std::vector<TrustedOrganisation> trusted{};        ///< whose word on others counts here
  Duration epoch_overlap = std::chrono::seconds(2);  ///< how long frames of the epoch before are still opened
  Duration key_rotation = std::chrono::minutes(5);   ///< a path update of our own at least so often
  Duration heartbeat = std::chrono::seconds(3);      ///< who is not heard for three of them is reported; 1 to 3 s keep the promise of 10 s
  /// Behind a log that takes only so many commits: of our own, admissions and rotations keep this pace on average, `commit_burst` at once
  /// allowed; removals do not wait. Zero: at once.
  Duration commit_interval = Duration::zero();
  std::size_t commit_burst = 16;
  std::size_t admissions_at_once = 1;  ///< that one commit of ours may make; more: read `ToLog::Admission::others`
  std::optional<std::uint64_t> seed;  ///< replays every random choice; for simulations only, never for a real room
};

/// Time on both lines, handed in with every call.
struct Moment {
  Time now{};
  UnixSeconds wall{};
};

/// A member, as its credential and the room say.
struct SessionMember {
  MemberId id = 0;
  std::string display_name;  ///< inert: safe to show
  Bytes identity_key;
  Role role = Role::speaker;
  Rights rights;
  bool hand_raised = false;
  std::string invited_as;    ///< to whom the personal invitation was given by which it came; inert, or empty
  bool verified = false;     ///< what the app set after comparing the safety code
  std::string verified_by{};   ///< the organisation of `SessionConfig::trusted` that certified this identity, or empty
  std::string certified_as{};  ///< under which name; inert
  Bytes organisation{};        ///< what it brought for that, checked or not
  bool confirmed = true;     ///< heard lately, and with the same history as ours
};

/// The same code in two spellings: equal at all ends when, and only when, no identity was swapped.
struct SafetyCodes {
  std::string digits;
  std::string words;
};

// ---- what a call asks the app to send --------------------------------------------------------------------------

/// For the room's log: the one ordered list of messages that every member, its sender included, reads in the same order and hands to
/// `Session::handle`. Who is admitted reads everything behind its own admission: behind the first copy, where a commit stands there twice.
struct ToLog {
  Bytes message;
  bool commit = false;
  std::uint64_t epoch = 0;  ///< that a commit ends: a relay may keep the first valid one for each and drop the others
  /// Whom a commit lets in.
  struct Admission {
    std::uint64_t request = 0;  ///< as handed to `Session::admit`
    Bytes welcome;              ///< for that joiner, not before the commit stands in the log
    std::vector<std::uint64_t> others{};  ///< further requests that the same Welcome answers
  };
  std::optional<Admission> admission;
};

// ---- what happened ---------------------------------------------------------------------------------------------

/// New keys: make new sealers, update openers. The authenticator is equal for all members (RFC 9420 section 8.7).
struct EpochEntered { std::uint64_t epoch = 0; Bytes authenticator; bool own_commit = false; };
/// Keys or rights to open changed without a new epoch: update openers.
struct FrameKeysChanged {};
struct MemberEntered { SessionMember member; };  ///< is in the room from this epoch on
struct MemberGone { SessionMember member; };     ///< has no seat from this epoch on
/// A message of a member, signed by it.
struct MessageOpened { MemberId sender = 0; Bytes content; };
/// A message of the log was refused and changed nothing. The error names the participant where one is proven.
struct MessageRefused { Error error; };
/// Roles, rights or settings changed with the epoch that was just entered: read the roster and `Room::settings`.
struct RoomChanged {};
/// Plain text of a member with the right to chat; inert.
struct ChatReceived { MemberId sender = 0; std::string text; };
/// A member reacts: a value of `ReactionSymbol`.
struct ReactionReceived { MemberId sender = 0; std::uint8_t symbol = 0; };
/// A member asks for the floor, or does no more.
struct HandChanged { MemberId member = 0; bool raised = false; };
/// An heir wants `claimant` (an heir, perhaps the same) to become owner, since nobody leads any more. Other heirs answer by `Room::endorse`.
struct HeirSpoke { MemberId heir = 0; MemberId claimant = 0; };
/// A removal or change that was asked for came to nothing: others had acted meanwhile. One that is no change any more is no failure.
struct ChangeFailed { Error error; Bytes identity_key{}; };  // of whom a removal was about
/// A request to let somebody in came to nothing.
struct AdmissionFailed { std::uint64_t request = 0; Error error; };
/// A member states what it signed, or, where frames are signed, has spoken in the log without (`statement` is empty): for every opener
/// (`FrameOpener::hear_statement`). `epoch` is that in which it was sealed, and `identity_key` whose number `sender` is in it.
struct FramesStated { MemberId sender = 0; Bytes statement; Bytes identity_key{}; std::uint64_t epoch = 0; };
enum class Doubt : std::uint8_t {
  silent,    ///< no sign of life reaches us: it is gone, or its messages are held back
  ahead,     ///< it has read messages that do not reach us
  diverged,  ///< it was shown another history than we: signed proof
};
/// A member cannot be relied on to see what we see. Its frames are not opened until it is confirmed.
struct MemberDoubted { MemberId member = 0; std::string display_name; Doubt doubt = Doubt::silent; };
/// A member that was doubted is heard again, with our history.
struct MemberConfirmed { MemberId member = 0; };
/// We are cut off from the owner or from most of the room: nothing is sealed or opened until `SessionResumed`.
struct SessionSuspended { Error error; };
struct SessionResumed {};
/// Over for us: we were removed, histories have diverged, or a commit of ours went out before it was saved (`diverged`). All keys are erased.
struct SessionEnded { Error error; };

using SessionEvent = std::variant<EpochEntered, FrameKeysChanged, MemberEntered, MemberGone, MessageOpened, MessageRefused,
                                  RoomChanged, ChatReceived, ReactionReceived, HandChanged, HeirSpoke, AdmissionFailed, ChangeFailed,
                                  MemberDoubted, MemberConfirmed, SessionSuspended, SessionResumed, SessionEnded, FramesStated>;

/// Everything that one call gives, in order.
struct SessionStep {
  std::vector<ToLog> send;
  std::vector<SessionEvent> events;
  Time next_deadline = never;  ///< call `tick` then
};

// ---- the session -----------------------------------------------------------------------------------------------

/// One member's end of a room. Single-threaded. A message that fails changes nothing. It keeps a copy of the identity's key, in guarded memory, to vouch
/// for those who may admit.
class Session {
 public:
  /// A new room with one member, its owner. `invalid_argument` or `unsupported` for a configuration that cannot be.
  static Result<Session> found(SessionConfig config, const Identity& identity, std::string_view display_name, Moment at);

  /// Goes on from a saved state; `counter` is that of the latest `save`, which the app keeps where it cannot be rolled back.
  /// Nothing can be sealed or said before an epoch that a commit of our own, asked for at once, began: keys and counters of all before it may
  /// have been used. Hand in every log message since the save. `damaged_state` when the state is damaged, under another key, or an older one that was put back.
  static Result<Session> restore(ByteView saved, ByteView key, std::uint64_t counter, SessionConfig config, Moment at);
  /// The whole state under 32 secret bytes: after each step that changed the epoch or sends a commit, before that goes out. `counter` grows at each save.
  [[nodiscard]] Result<Bytes> save(ByteView key, std::uint64_t counter) const;

  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// The next message of the room's log, our own included.
  SessionStep handle(ByteView message, Moment at);
  /// The deadline has come: heartbeats, rotation, the end of overlaps, and doubts.
  SessionStep tick(Moment at);

  /// Checks a key package (RFC 9420 section 10.1) and whose it is. The name is inert.
  [[nodiscard]] Result<SessionMember> inspect(ByteView key_package, Moment at) const;
  /// Lets somebody in; `request` is the app's name for it. Commits are made one at a time and made again when another one was first.
  /// `not_permitted` without the right, or what `inspect` says.
  Result<SessionStep> admit(std::uint64_t request, ByteView key_package, Moment at);
  /// Takes back an admission whose commit was not made yet.
  void withdraw(std::uint64_t request);
  Result<SessionStep> remove(MemberId member, Moment at);  ///< `not_permitted` without the right
  SessionStep rotate(Moment at);  ///< new keys, now
  /// A message to all members, for the log: signed (RFC 9420 section 6), read by them alone. `invalid_state` where nothing can be sealed after
  /// `restore`.
  Result<ToLog> say(ByteView content);

  /// Where frames are signed: says to all what our sealers signed (`FrameSealer::take_statement`), so that nobody can be shown other frames unnoticed.
  Result<ToLog> state_frames(const std::vector<Bytes>& statements);
  /// Who signed what was heard according to `FrameDoubt::evidence`, and no more: `malformed`, or `not_authentic` where no member of now did. What it stated instead is not
  /// in the signature: anybody can take an honest frame and write another statement beside it. Only who has read that statement in the log can say that it is quoted rightly.
  [[nodiscard]] Result<MemberId> check_evidence(ByteView evidence) const;
  /// Puts a doubt into the record of the meeting.
  void record(const FrameDoubt& doubt, Moment at);

  [[nodiscard]] const std::vector<SessionMember>& roster() const;  ///< all members, we among them
  [[nodiscard]] MemberId self() const;  ///< our own number
  /// Who leads: the founder while it has its seat and role, else the owner of the lowest number; nobody when no owner has a seat.
  [[nodiscard]] std::optional<MemberId> owner() const;
  [[nodiscard]] std::uint64_t epoch() const;  ///< counts the changes of keys
  [[nodiscard]] Bytes epoch_authenticator() const;  ///< equal for all members
  [[nodiscard]] FrameSuite frame_suite() const;  ///< the room's, for good
  [[nodiscard]] bool suspended() const;  ///< nothing is sealed or opened
  [[nodiscard]] bool met() const;  ///< another member has told the history that we have: somebody else is in this room
  [[nodiscard]] Time next_deadline() const;  ///< call `tick` then
  /// Over the identities of all members; costs about 0.1 s and 64 MiB. Compare it over another channel.
  [[nodiscard]] Result<SafetyCodes> safety_code() const;
  /// Remembers for the identity, as long as it is a member, that the codes were compared.
  void set_verified(MemberId member, bool verified);

  /// The sealer of one of our streams (below `max_streams`; modulo 4: 0 sound, 1 picture, 2 screen, 3 sound of a screen, each with its right) in this epoch; each is given out once per epoch and mode. `invalid_state` when it was, when
  /// we are no longer in the room, or no commit of our own has begun an epoch since `restore`; `not_permitted` without the right to send it, and for a
  /// codec-aware mode where frames are signed: no packetiser could read past the signature.
  Result<FrameSealer> make_sealer(std::uint8_t stream, FrameMode mode = FrameMode::whole);
  /// Keys for openers, of this epoch and of those before it whose overlap lasts.
  [[nodiscard]] FrameKeys frame_keys() const;
  /// Which streams of a member are opened here, as a set of bits; all at first. For this end alone, as long as the member stays.
  void allow_streams(MemberId member, std::uint16_t streams);

  struct State;
  explicit Session(std::unique_ptr<State> state);

 private:
  friend class Room;
  std::unique_ptr<State> state_;
};

/// Somebody at the door: a key package, and its private keys until the Welcome comes. Move-only.
class Joining {
 public:
  static Result<Joining> begin(SessionConfig config, const Identity& identity, std::string_view display_name, Moment at);  ///< makes the key package
  Joining(Joining&&) noexcept;
  Joining& operator=(Joining&&) noexcept;
  ~Joining();

  /// The serialised KeyPackage (RFC 9420 section 10), for `Session::admit`. It shows who we are: on its way it must be sealed.
  [[nodiscard]] ByteView key_package() const;

  /// Joins by a Welcome; may be called again with a later one as long as this object is kept. `identity_mismatch` unless it is from
  /// the founder whose identity hashes to `founder_hash` or from somebody whom warrants lead to from there, `expired` when those are over,
  /// `unsupported` for a frame suite that we did not name, or why it is refused.
  Result<Session> complete(ByteView welcome, const std::array<std::uint8_t, 32>& founder_hash, Moment at) const;

  struct State;
  explicit Joining(std::unique_ptr<State> state);

 private:
  std::unique_ptr<State> state_;
};

}  // namespace conclave
