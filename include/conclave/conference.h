// The conference engine: a whole call with media, without threads, sockets, devices or a clock.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "conclave/conference_report.h"
#include "conclave/contacts.h"
#include "conclave/error.h"
#include "conclave/frame_sealer.h"
#include "conclave/link.h"
#include "conclave/media.h"
#include "conclave/relay_place.h"
#include "conclave/room_commands.h"
#include "conclave/session.h"
#include "conclave/time.h"
#include "conclave/transport.h"

namespace conclave {

/// How a member takes part. `display_name` is made inert and at most 64 characters before anybody sees it.
struct ConferenceConfig {
  std::string display_name = "somebody";
  AudioConfig audio;
  VideoConfig video;
  bool send_audio = true;
  bool send_video = true;
  RoomMode mode = RoomMode::open;  ///< of a room that is opened here
  Duration playout_delay = std::chrono::milliseconds(120);  ///< fixed jitter buffer: capture to playout beyond the fastest packet seen
  Duration key_rotation = std::chrono::minutes(5);          ///< a path update of our own at least so often
  Duration join_timeout = std::chrono::seconds(60);         ///< how long a knock waits for an answer
  Duration reconnect_window = std::chrono::seconds(60);     ///< how long a connection that broke is made again before we give up; 0: never. An embedded relay keeps seats as long
  std::shared_ptr<const Identity> identity{};  ///< who we are, for longer than this call; null: one is made for it
  Bytes organisation{};                        ///< what an organisation says of `identity` (`certify_identity`), or empty
  std::vector<TrustedOrganisation> trusted{};  ///< whose word on others counts here
  std::optional<ContactBook> contacts{};       ///< whom we have met: members and knocks are recognised, and who is new is remembered
  RoomPermit room_permit;  ///< host only: for a relay that asks for one before it opens a room
  std::optional<std::uint64_t> seed;  ///< replays every random choice; for simulations only, never for a real call
};

// ---- what the owner tells the engine ---------------------------------------------------------------------------

/// Lets in who knocked.
struct AdmitKnock { std::uint64_t knock_id = 0; };
/// Sends away who knocked.
struct RefuseKnocker { std::uint64_t knock_id = 0; };
/// Removes a member, which may knock again.
struct RemoveMember { MemberId member = 0; };
/// New keys, now.
struct RotateKeys {};
/// Says goodbye.
struct LeaveConference {};
struct Tick {};  ///< the deadline has come
/// The answer to `ComputeSafetyCode`; one for members who are no longer those of the meeting is dropped.
struct SafetyCodeComputed {
  std::vector<Bytes> identity_keys;
  SafetyCodes codes;
};

using ConferenceInput = std::variant<TransportEvent, AudioFrame, VideoFrame, AdmitKnock, RefuseKnocker, RemoveMember, RotateKeys,
                                     RoomCommand, LeaveConference, Tick, SafetyCodeComputed>;

// ---- what the engine tells its owner ---------------------------------------------------------------------------

/// For `Transport::send_message`.
struct SendMessage { Channel channel = Channel::control; Bytes message; };
/// For `Transport::send_media`.
struct SendMedia { MediaPacket packet; };
/// For `Transport::send_feedback`.
struct SendFeedback { Bytes feedback; };
/// For `Transport::close`.
struct CloseTransport {};
/// The connection broke: make another to the relay of the link, in place of the one before, and hand its events in. `TransportClosed` for
/// one that cannot be made; we ask again later.
struct Redial {};
/// Work of 0.1 s and 64 MiB that would keep media waiting: to be done on any other thread by `compute_safety_code`, and its result handed
/// back. A later job replaces an earlier one that has not begun.
struct ComputeSafetyCode {
  std::vector<Bytes> identity_keys;
};
/// `out_of_resources` when the memory cannot be had: hand back a `SafetyCodeComputed` of the same keys and no code, or the old one would go on being shown.
Result<SafetyCodeComputed> compute_safety_code(const ComputeSafetyCode& job);

/// Host only: the room is open and the link of `Conference::link()` works.
struct RoomReady {};
/// Somebody stands at the door. Answer with `AdmitKnock` or `RefuseKnocker`.
/// `borrowed_name`: it can be taken for that of a member, or for one that belongs to nobody ("host"); `invited_as`: to whom the personal
/// invitation was given that is used, inert, or empty.
/// `recognition`: whom of our contacts it is, or whose name it bears (`Acquaintance::key_changed`).
/// `verified_by`: the organisation that certified who knocks, as `certified_as`, or empty.
struct KnockReceived {
  std::uint64_t knock_id = 0;
  std::string display_name;
  bool borrowed_name = false;
  std::string invited_as;
  Recognition recognition{};
  std::string verified_by{}, certified_as{};
};
/// Who stood at the door has gone: the id is not to be answered any more.
struct KnockWithdrawn { std::uint64_t knock_id = 0; };
/// We are in: keys are there, media may flow.
struct Joined { MemberId self = 0; };
/// Somebody else is in.
struct MemberJoined { MemberId member = 0; std::string display_name; };
/// Somebody in the room whom our contacts know, by key or by name; follows `MemberJoined`. `key_changed`: the name of a contact under another key, of
/// somebody with a new device or of an impostor, who stays unknown until `RememberMember`.
struct ContactSeen { MemberId member = 0; std::string display_name; Recognition recognition; };
/// A personal invitation is ready: hand the link to that person alone, over a channel you trust. `number`: by which it is taken back.
struct InvitationMade { std::uint64_t number = 0; std::string name; Link link; UnixSeconds expires; };
/// Who leads the room is not heard any more. `heir`: we are among those who may take over (`InheritRoom`, `EndorseHeir`); until somebody does,
/// nothing is sent or played. Only where enough heirs are here: otherwise the conference ends.
struct LeaderLost { MemberId member = 0; std::string display_name; bool heir = false; };
/// A member is not heard, or not with the history that we have: its media are dropped until it is confirmed again.
struct MemberUnconfirmed { MemberId member = 0; std::string display_name; bool diverged = false; };
/// A member is heard again, with our history.
struct MemberReconfirmed { MemberId member = 0; };
/// Who has gone, or said goodbye, could not be taken out of the room: it keeps its seat. Nobody had asked for that.
struct SeatKept { MemberId member = 0; std::string display_name; Error error; };
/// A speaker's signed frames are not what it stated of them to everybody: `equivocated`, with `evidence`, means that it signed other frames for us;
/// `unstated`, that it, or the relay, keeps from us what it signed, which is unproven. At most once in ten seconds for each of both; also in the record. It may have left.
struct SpeakerDoubted { std::string display_name; FrameDoubt doubt; };
/// The relay keeps us from the host or from most members, or shows us another history: no media leave or enter while it lasts.
struct MeetingSuspended { bool suspended = false; };
/// The connection broke and is being made again; media rest, keys and seat stay.
struct Reconnecting {
  bool changing_over = false;  ///< a `Client` says so: to another connection, over TCP or UDP, that stands already
};
/// We have our seat again, have been admitted by nobody, and are in the same epoch or where the log led meanwhile.
struct Reconnected {
  Duration gap{};
  bool changed_over = false;  ///< to that other one; `ClientReport::relay_transport` says which
};
/// Somebody has left, or was removed.
struct MemberLeft { MemberId member = 0; std::string display_name; bool removed = false; };
/// New keys; the authenticator is equal for all members (RFC 9420 section 8.7).
struct EpochChanged { std::uint64_t epoch = 0; Bytes authenticator; };
/// Compare over another channel: equal when, and only when, no identity was swapped. Follows each change of the roster;
/// empty where it could not be computed: then there is none.
struct SafetyCodeChanged { std::string digits; std::string words; };
/// Sound of one member, to be heard at `play_at`.
struct PlayAudio { MemberId member = 0; AudioFrame frame; Time play_at{}; bool concealed = false; };
/// A picture of one member, to be seen at `show_at`: in step with the sound.
struct ShowVideo { MemberId member = 0; VideoFrame frame; Time show_at{}; };
/// The authenticated, still encoded frame, in order, for a recorder. `capture_time` is on the sender's clock.
struct RecordAudio { MemberId member = 0; int channels = 1; EncodedAudio frame; };
/// The same for a picture.
struct RecordVideo { MemberId member = 0; VideoCodec codec = VideoCodec::vp8; EncodedVideo frame; };
/// The conference is over for us; nothing comes after. No error: we left, or the room was closed properly.
struct ConferenceEnded { std::optional<Error> error; };

using ConferenceOutput =
    std::variant<SendMessage, SendMedia, SendFeedback, CloseTransport, RoomReady, KnockReceived, KnockWithdrawn, Joined, MemberJoined, MemberLeft,
                 MemberUnconfirmed, MemberReconfirmed, MeetingSuspended, Redial, Reconnecting, Reconnected,
                 EpochChanged, ComputeSafetyCode, SafetyCodeChanged, PlayAudio, ShowVideo, RecordAudio, RecordVideo, RoomChanged, ChatReceived, ReactionReceived, HandChanged, CommandRefused,
                 ContactSeen, InvitationMade, LeaderLost, HeirSpoke, SpeakerDoubted, SeatKept, ConferenceEnded>;

/// Every output of one call, in order.
using ConferenceOutputs = std::vector<ConferenceOutput>;

// ---- the engine ------------------------------------------------------------------------------------------------

/// Single-threaded; every call takes the time. The owner carries `Send…` to the transport, hands its events in, and calls
/// with `Tick` at `next_deadline()`.
class Conference {
 public:
  /// Opens a room at the relay that `link` points to; `host`, `port` and `relay_key_hash` of it are used, the rest is made here.
  static Result<Conference> host(ConferenceConfig config, const Link& relay, UnixSeconds wall_time, Time now);
  /// Knocks at the room of `link`.
  static Result<Conference> join(ConferenceConfig config, const Link& link, UnixSeconds wall_time, Time now);

  Conference(Conference&&) noexcept;
  Conference& operator=(Conference&&) noexcept;
  ~Conference();

  ConferenceOutputs handle(ConferenceInput input, Time now);  ///< takes what happened, gives what follows
  [[nodiscard]] Time next_deadline() const;  ///< when `Tick` is due
  [[nodiscard]] const Link& link() const;  ///< of the room; a secret
  [[nodiscard]] ConferenceReport report() const;  ///< as of now

 private:
  class Engine;
  explicit Conference(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

}  // namespace conclave
