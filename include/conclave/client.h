// A member of a call for applications without an event loop: the conference engine with its threads, socket and clock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "conclave/conference.h"
#include "conclave/error.h"
#include "conclave/link.h"
#include "conclave/media.h"
#include "conclave/relay_place.h"
#include "conclave/time.h"
#include "conclave/transport.h"

namespace conclave {

// ---- what the application lends to a client --------------------------------------------------------------------

/// Now, on the clock of capture times: the machine's monotonic one, the same for all its processes.
Time monotonic_now();

/// Pictures, at the pace of the thing that makes them. Opened by its maker, so that a missing device is an error before
/// the call; it captures nothing before the first `next`, which comes when there is somebody to send to.
class VideoSource {
 public:
  virtual ~VideoSource() = default;
  /// Blocks until the next picture, whose size is that of the `VideoConfig` it was opened with; nothing: the end.
  /// Capture times are on the monotonic clock. Called from one thread of the client. `io_error` or `device_missing`
  /// ends it.
  virtual Result<std::optional<VideoFrame>> next() = 0;
  /// From any thread: a blocked `next` and all later ones return nothing, soon.
  virtual void stop() = 0;
};

/// Sound, like `VideoSource`: frames of `audio_frame_samples` with the channels of the `AudioConfig` it was opened
/// with.
class AudioSource {
 public:
  virtual ~AudioSource() = default;
  virtual Result<std::optional<AudioFrame>> next() = 0;  ///< as for pictures
  virtual void stop() = 0;  ///< likewise
};

/// Where received media goes. All calls come from one thread of the client, under no lock; a sink that dawdles loses
/// media, and nothing else. `now` is on the clock of `VideoSource` capture times; a frame's own time is its sender's.
class MediaSink {
 public:
  virtual ~MediaSink() = default;
  /// A decoded picture, at the moment when it is to be seen.
  virtual void show(MemberId, const VideoFrame&, Time /*now*/) {}
  /// Decoded or concealed sound, at the moment when it is to be heard.
  virtual void play(MemberId, const AudioFrame&, Time /*now*/) {}
  /// The authenticated encoded frames, in order.
  virtual void record(const RecordVideo&) {}
  virtual void record(const RecordAudio&) {}  ///< likewise
  /// Nothing comes after: finalise files. Called exactly once, also when the call failed.
  virtual Result<void> finish() { return {}; }
  /// What has failed so far, which `finish` tells too: to be asked from any thread, for those who want to know before the end.
  [[nodiscard]] virtual std::optional<Error> failure() const { return std::nullopt; }
};

/// Carries the datagrams between a client and its relay in the place of a UDP socket, over whatever the application has. QUIC and the pinned key
/// of the relay stay inside: who carries can do what the network can, drop, delay and count, and nothing more.
class DatagramCarrier {
 public:
  virtual ~DatagramCarrier() = default;
  /// Takes a datagram of at most 1,500 bytes towards the relay; may lose it. Called from one thread of the client, under no lock; must not block.
  virtual void send(ByteView datagram) = 0;
};

/// How a member may reach its relay. `automatic`: by QUIC, and over TCP as long as UDP does not get through.
enum class TransportChoice : std::uint8_t { automatic, quic, websocket };

/// How it does.
enum class RelayTransport : std::uint8_t { none, quic, websocket };

/// How a member takes part, and what it lends to its client.
struct ClientConfig {
  ConferenceConfig conference;
  std::unique_ptr<VideoSource> video;  ///< null: sends no picture, whatever `conference` says
  std::unique_ptr<AudioSource> audio;  ///< null: sends no sound
  std::vector<std::shared_ptr<MediaSink>> sinks;
  std::unique_ptr<DatagramCarrier> carrier;  ///< null: a socket. With one no name is looked up, and a host names its `HostConfig::relay`
  TransportChoice transport = TransportChoice::automatic;  ///< with a carrier: QUIC
  bool full_hop = false;  ///< media packets are sealed whole on the way to the relay and from it: who watches two members does not see the same bytes at both
  Duration connect_timeout = std::chrono::seconds(4);  ///< for name, handshake and all addresses together
};

/// The relay of a host: one that it embeds, which listens from `Client::host` until the client's end, or another's.
struct HostConfig {
  std::optional<RelayPlace> relay{};  ///< somebody's relay; nothing below counts then. Who may open rooms there: `RoomPermit`
  std::string listen = "::";  ///< a literal address; "::" takes IPv4 too
  std::uint16_t port = 4433;  ///< UDP; 0: any free one
  std::optional<std::uint16_t> tcp_port{};  ///< for guests whose network blocks UDP; nothing: the same number; 0: no TCP
  std::string
      advertise;  ///< what the link says; empty: `listen`, or where that is a wildcard this machine's first address
  std::string relay_key_file;  ///< PEM, made when missing, readable by its owner alone; empty: a key for this call only
};

// ---- what the client tells the application ---------------------------------------------------------------------

/// A source came to its end, or broke. The call goes on without it.
struct SourceEnded {
  bool video = false;
  std::optional<Error> error;
};

using ClientEvent = std::variant<RoomReady, KnockReceived, KnockWithdrawn, Joined, MemberJoined, MemberLeft, EpochChanged,
                                 SafetyCodeChanged, MemberUnconfirmed, MemberReconfirmed, MeetingSuspended, Reconnecting, Reconnected, RoomChanged, ChatReceived, ReactionReceived,
                                 HandChanged, CommandRefused, ContactSeen, InvitationMade, LeaderLost, HeirSpoke, SpeakerDoubted, SeatKept, SourceEnded, ConferenceEnded>;

/// How a call goes, at one moment.
struct ClientReport {
  ConferenceReport conference;
  TransportCounters transport;  ///< of the connection that stands
  RelayTransport relay_transport = RelayTransport::none;  ///< that carries, or carried last
  std::uint64_t transport_changes = 0;  ///< from one to the other, in the midst of the call
  std::uint64_t video_captured = 0;
  std::uint64_t video_skipped = 0;  ///< captured, but the encoder had not kept up
  std::uint64_t audio_captured = 0;
  std::uint64_t audio_skipped = 0;
  std::uint64_t media_unplayed = 0;  ///< received, but the sinks had not kept up
  std::uint64_t events_lost = 0;     ///< that nobody had waited for
  std::uint64_t datagrams_sent = 0;
  std::uint64_t datagrams_received = 0;
  Duration latest_wakeup{};  ///< the most by which this machine let the member's thread sleep longer than it wanted to
  std::string relay_address;  ///< the address that answered first
};

/// One member of one call. Its methods may be called from any thread and never block, `wait` and the destructor apart;
/// none of them calls back.
class Client {
 public:
  /// Opens a room on an embedded relay, or on the one that `host` names. `invalid_argument` for an address that is none, `io_error` when the port is
  /// taken or the key file cannot be read. Everything later comes as an event.
  static Result<Client> host(ClientConfig config, HostConfig host);
  /// Knocks at the room of `link`: all addresses of its host are tried, 250 ms apart (after RFC 8305), over TCP from 250 ms on. Failures come as
  /// `ConferenceEnded`: `unreachable`, `identity_mismatch`, `version_mismatch`, `refused`, `expired`.
  static Result<Client> join(ClientConfig config, const Link& link);

  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  /// Leaves without goodbye if the conference has not ended, finishes the sinks, joins all threads.
  ~Client();

  /// The room's link. Treat its text as a secret.
  [[nodiscard]] Link link() const;

  /// The next event, in order; nothing when `timeout` passes first. `ConferenceEnded` is the last, and never lost; of
  /// other events 1,024 wait at most, and what comes then is counted (`ClientReport::events_lost`).
  std::optional<ClientEvent> wait(Duration timeout);

  // False when too many commands wait: nothing came of it.
  bool admit(std::uint64_t knock_id);  ///< lets in who knocked
  bool refuse(std::uint64_t knock_id);  ///< sends away who knocked
  bool remove(MemberId member);  ///< removes a member, which may knock again
  /// What a member asks of the room; `CommandRefused` comes back where it may not. False, and nothing happens, when 256 wait already.
  bool command(RoomCommand command);
  /// A datagram that the carrier brought from the relay. `invalid_state` without a carrier, `invalid_argument` for a size that none has,
  /// `limit_exceeded`, and dropped, when 512 wait.
  Result<void> receive(ByteView datagram);
  bool rotate_keys();  ///< new keys, now
  /// Says goodbye; `ConferenceEnded` follows at once.
  void leave();
  /// Stops capture for good and finishes the sinks; the result is the first error of a sink. Call after
  /// `ConferenceEnded`.
  Result<void> finish();

  /// As of the last half second; exact after `ConferenceEnded`.
  [[nodiscard]] ClientReport report() const;

 private:
  class Runner;
  explicit Client(std::unique_ptr<Runner> runner);
  std::unique_ptr<Runner> runner_;
};

}  // namespace conclave
