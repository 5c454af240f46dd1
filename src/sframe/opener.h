// Opening sealed frames (RFC 9605 section 4.4.4), from every sender of the live epochs.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "sframe/keys.h"
#include "sframe/replay_window.h"
#include "sframe/sealer.h"

namespace conclave::sframe {

/// What became of a sealed frame. All but `opened` are reasons for dropping it; they are meant to be counted.
enum class OpenStatus : std::uint8_t {
  opened,
  malformed,         ///< no SFrame header, a non-minimal one, shorter than a tag, or longer than any frame
  unknown_epoch,     ///< no live epoch has these bits
  unknown_sender,    ///< nobody in the epoch's roster has this index
  unknown_stream,    ///< the stream's number is above the limit
  no_right,          ///< the sender may not send this stream
  wrong_sender,      ///< not from whom the caller expects
  replayed,          ///< authentic, but its counter was seen
  too_old,           ///< authentic, but behind the replay window: it cannot be told from a replay
  forged,            ///< frame or metadata are not what the sender sealed
  buffer_too_small,  ///< nothing was written or changed; `size` is what is needed
};
inline constexpr std::size_t open_status_count = 11;

/// The name of a status, as it stands in the enum. Static storage.
const char* name_of(OpenStatus status);

/// `sender`, `epoch`, `context` are set from `unknown_stream` on: for `opened`, `replayed` and `too_old` they are authentic, in
/// the other cases only claimed. `size` counts the plaintext's bytes.
struct OpenResult {
  OpenStatus status = OpenStatus::malformed;
  std::uint32_t sender = 0;
  std::uint64_t epoch = 0;
  std::uint64_t context = 0;
  std::uint64_t counter = 0;
  std::size_t size = 0;

  [[nodiscard]] bool opened() const { return status == OpenStatus::opened; }
};

/// A sealed frame in its parts.
struct SealedParts {
  ByteView header, ciphertext, tag;
};

struct OpenerLimits {
  std::size_t epochs = 4;    ///< live at once; the oldest goes when another comes
  std::size_t senders = 4096;  ///< indices in a roster are below
  std::size_t streams = 16;  ///< of one sender in one epoch, at most 32: `context` is below
};

/// Which of its streams a member may send: a bit for each `context`.
using StreamSet = std::uint32_t;
inline constexpr StreamSet all_streams = 0xFFFFFFFF;

/// When the counter of an authentic frame is spent.
enum class Spending : std::uint8_t {
  at_once,  ///< by `open`
  later,    ///< by `spend`: of a frame that the caller holds against something of its own first
};

/// Opens what the members of the live epochs sealed. Keys are derived for members of an epoch's roster alone, when their first
/// frame comes, and kept for good only once a frame proved authentic: until then for the last 16 streams that somebody named, so that forged
/// frames of one stream cost no more than honest ones (of more than 16 in turn, each costs what an honest stream's first frame does). An unknown KID
/// stores nothing. For one thread at a time. Opening allocates nothing but where a key is derived.
class Opener {
 public:
  explicit Opener(OpenerLimits limits = {});

  /// Takes up an epoch with an empty roster. An older one with the same low bits is dropped (section 5.2), and the oldest if too many
  /// live. `invalid_argument` when this epoch lives already.
  Result<void> add_epoch(std::shared_ptr<const EpochKeys> keys, Spending spending = Spending::at_once);

  /// Puts a member with its rights into the roster of a live epoch. `invalid_argument` when its index is above the limits or the epoch's
  /// layout, `unknown_key` when the epoch does not live.
  Result<void> allow(std::uint64_t epoch, std::uint32_t sender, StreamSet streams = all_streams);

  /// Takes a member out of the roster of an epoch. What it sent before stays known, so that allowing it again opens no replay.
  void disallow(std::uint64_t epoch, std::uint32_t sender);

  /// Empties the roster of an epoch, as by `disallow` for each.
  void disallow_all(std::uint64_t epoch);

  /// Drops an epoch with all its keys; nothing of it opens any more.
  void retire_epoch(std::uint64_t epoch);

  /// Opens `sealed`, together with which `metadata` was authenticated, into `out`, which has room for the plaintext and
  /// may overlap `sealed` (its bytes are then used up). On any status but `opened` no plaintext is left in `out`.
  OpenResult open(ByteView sealed, ByteView metadata, ByteSpan out) { return open(sealed, metadata, out, anybody); }
  /// The same for a frame that must be of `expected`.
  OpenResult open(ByteView sealed, ByteView metadata, ByteSpan out, std::uint64_t expected);
  /// The same for a frame that comes in its parts; `out` is as long as the ciphertext and may be the same bytes.
  OpenResult open_apart(const SealedParts& parts, ByteView metadata, ByteSpan out, std::uint64_t expected);
  static constexpr std::uint64_t anybody = ~std::uint64_t{0};

  /// Spends the counter of a frame of an epoch added with `Spending::later` that has just been opened; until then it could be opened again.
  void spend(const OpenResult& opened);

  [[nodiscard]] std::size_t live_epochs() const { return epochs_.size(); }
  /// The streams whose keys are held, over all epochs.
  [[nodiscard]] std::size_t held_streams() const;

 private:
  static constexpr std::uint64_t seated = std::uint64_t{1} << 63;

  struct Stream {
    explicit Stream(FrameKey frame_key) : key(std::move(frame_key)) {}
    [[no_unique_address]] FrameKey key;
    ReplayWindow window;  ///< begins in the key's last cache line
  };
  using Streams = std::vector<std::unique_ptr<Stream>>;
  struct Epoch {
    std::shared_ptr<const EpochKeys> keys;
    KidLayout layout;                  ///< of `keys`, like the two below: one load less per frame
    std::uint64_t low_bits;
    std::size_t tag_size;
    Spending spending;
    std::vector<std::uint64_t> roster;  ///< by sender: `seated` and a bit for each stream that is allowed; 0 for nobody
    std::vector<Streams> streams;      ///< by number, then sender: those in use lie close together
  };
  /// A stream that was named and has not been heard.
  struct Unheard {
    std::uint64_t epoch = 0, kid = 0;
    std::unique_ptr<Stream> stream;
  };
  Unheard& unheard(const Epoch& epoch, std::uint64_t kid);
  void forget_unheard();
  static Stream* find_stream(const Epoch& epoch, std::uint64_t context, std::uint32_t sender);
  /// What a KID names; the stream is null where nothing authentic was heard of it.
  struct Place {
    Epoch* epoch = nullptr;
    KidParts parts;
    Stream* stream = nullptr;
  };
  Place locate(std::uint64_t kid);
  static void store(Epoch& epoch, std::uint64_t context, std::uint32_t sender, std::unique_ptr<Stream> stream);
  Epoch* find(std::uint64_t epoch);
  Epoch* find_by_kid(std::uint64_t kid);
  /// The status for what the header claims, short of opening; `result` is filled in as far as known.
  struct Claim {
    const ReadHeader& read;
    std::size_t sealed_size, room;
    std::uint64_t expected;
  };
  OpenStatus admit(const Place& place, const Claim& claim, OpenResult& result) const;
  /// Authenticates and opens what `admit` let in, and spends its counter where `open` is to.
  OpenStatus open_parts(const Place& place, const Header& header, const SealedParts& parts, ByteView metadata, ByteSpan out);

  OpenerLimits limits_;
  std::vector<Epoch> epochs_;  ///< oldest first
  std::array<Unheard, 16> unheard_;
  std::size_t next_unheard_ = 0;
};

}  // namespace conclave::sframe
