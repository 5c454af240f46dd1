// What senders of signed frames state of them in the room's log, which is the same for all, and how listeners compare: nobody can sign different
// frames for different listeners unnoticed. docs/decisions/014-equivocation.md.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "conclave/frame_doubt.h"
#include "conclave/time.h"
#include "session/frame_signature.h"

namespace conclave::session {

/// Digests (`UnitDigest`) of frames or batches in a row, of one stream in one epoch.
///
///     struct {
///         uint64 epoch;
///         uint64 context;
///         uint64 first;         /* number of the first: counter, or counter / 3 where it is a batch */
///         opaque history[32];   /* FrameHistory of the epoch */
///         opaque digests<V>;    /* 16 bytes each */
///     } StatedFrames;
struct StatedFrames {
  std::uint64_t epoch = 0;
  std::uint64_t context = 0;
  std::uint64_t first = 0;
  Bytes digests;
  FrameHistory history{};
  CONCLAVE_FIELDS(epoch, context, first, history, digests)

  [[nodiscard]] std::uint64_t count() const { return digests.size() / UnitDigest{}.size(); }
};

///     struct { StatedFrames runs<V>; } FrameStatement;
struct FrameStatement {
  std::vector<StatedFrames> runs;
  CONCLAVE_FIELDS(runs)

  static constexpr std::size_t max_runs = 64;
  static constexpr std::size_t max_digests = 2048;  ///< 32 KiB: what a log takes at once

  /// `malformed` when it does not parse, or is larger than that.
  static Result<FrameStatement> parse(ByteView bytes);
  [[nodiscard]] std::size_t digests() const;
  /// One more, behind the others. Of more than `max_digests` that nobody takes, the oldest are forgotten, and no more than that; of more than `max_runs`
  /// the shortest.
  void add(const FramePlace& place, std::uint64_t number, const UnitDigest& digest);
  /// What `later` has, behind ours.
  void append(FrameStatement later);

 private:
  [[nodiscard]] std::size_t over() const;
};

/// Proof that somebody signed `contents`, and a quotation of what it stated instead. The quotation is not under the signature: anybody can write another one there, and only
/// who has read the statement in the log can tell.
struct FrameEvidence {
  std::uint64_t epoch = 0;
  std::uint32_t sender = 0;
  std::uint64_t context = 0;
  std::uint64_t counter = 0;
  Bytes contents;
  Bytes signature;
  UnitDigest stated{};
  FrameHistory history{};
  CONCLAVE_FIELDS(epoch, sender, context, counter, history, contents, signature, stated)

  [[nodiscard]] SignedUnit unit() const { return {{epoch, sender, context, counter, history}, contents, signature}; }
};

/// Holds what was heard against what was stated, in whichever order they come. No honest speaker is accused: what cannot be compared for want of room, of
/// keys or of words of its sender is counted. Bounded for each sender and in all. Single-threaded, without a clock.
class FrameWitness {
 public:
  using Who = std::shared_ptr<const Speaker>;
  struct Statement {
    std::uint32_t sender = 0;
    Who who;                  ///< whose number that is
    std::uint64_t epoch = 0;  ///< in which it was sealed: nobody states frames of a later one
    FrameStatement frames;
  };

  /// A frame or batch of `who` whose signature was verified, once.
  void hear(const room::RoomId& room_id, SignedUnit unit, const Who& who);
  /// `may_send`: whether who states this has the right by the room's policy to that stream, in an epoch of that history whose frames still open, whether or not it is
  /// listened to. It counts as a word, too.
  using MaySend = std::function<bool(const StatedFrames& run)>;
  void state(const Statement& statement, const MaySend& may_send);
  /// Somebody said something in the log, whatever it was.
  void note_word(const Speaker& who);
  /// Somebody has been silent for so long that all members were told: it is not asked for what was heard before.
  void excuse(const Speaker& who);
  /// What was noticed since the last call, once for each stream; about once a second, since waiting is measured by it.
  std::vector<FrameDoubt> review(Time now);

  enum class Seat : std::uint8_t {
    held,   ///< its frames of this epoch still open
    ended,  ///< they do not, and it has a seat, with whatever rights
    gone,   ///< it has no seat any more
  };
  using SeatOf = std::function<Seat(std::uint64_t epoch, std::uint32_t sender, const Speaker& who)>;
  void retain(const SeatOf& seat_of);
  [[nodiscard]] const StatementCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t streams() const { return streams_.size(); }

  /// How long its sender goes on speaking in the log, as it is read here, without stating what was heard.
  static constexpr Duration patience = std::chrono::seconds(8);
  /// Of the time between two words so much counts as speaking: neither who pauses on purpose gets away, nor is somebody accused who was cut off and states at once what is due.
  static constexpr Duration longest_pause = std::chrono::seconds(5);
  static constexpr Duration memory = std::chrono::seconds(10);  ///< for what was stated
  static constexpr std::size_t max_stated = 4096;  ///< of one sender: 200 signatures a second and more
  static constexpr std::size_t max_waiting = 512;  ///< of one stream: heard and not stated
  static constexpr std::size_t max_streams = 1024;
  static constexpr std::size_t max_share = 64;  ///< streams of one sender, in all epochs: all 16, in as many epochs as can open

 private:
  using Key = std::tuple<std::uint64_t, std::uint32_t, std::uint64_t>;  ///< epoch, sender, context
  struct Heard {
    UnitDigest digest;
    SignedUnit unit;
    std::optional<Duration> since{};  ///< how long its sender had spoken at the first review that saw it
    bool excused = false;             ///< its sender or its statements were away: it is compared, and accuses nobody by its silence
  };
  struct Stated {
    UnitDigest digest;
    bool heard = false;
    std::optional<Time> since{};  ///< the first review that saw it
  };
  /// Numbers that were stated, and what is not known any more: in ranges, of which an honest sender needs one.
  class Forgotten {
   public:
    enum class Way : std::uint8_t {
      aged,      ///< it was a while ago
      displaced  ///< its sender stated so much that there was no room: its own doing
    };
    void add(std::uint64_t first, std::uint64_t end, Way way);
    [[nodiscard]] std::optional<Way> find(std::uint64_t number) const;

   private:
    static constexpr std::size_t max_ranges = 64;
    struct Range {
      std::uint64_t end = 0;
      Way way = Way::aged;
    };
    std::map<std::uint64_t, Range> ranges_;  ///< by the first number
  };
  struct Stream {
    Who who;
    FrameHistory history{};
    std::map<std::uint64_t, Heard> heard{};    ///< and not stated
    std::map<std::uint64_t, Stated> stated{};  ///< of late
    Forgotten forgotten{};                     ///< stated before
    bool excused = false;  ///< statements on it were not kept
    bool was_heard = false;
    bool ended = false;
    std::optional<Time> ended_since{};
  };
  /// Of one identity: its words in the log, and which of its streams were stated and not kept.
  struct Presence {
    std::uint32_t sender = 0;
    std::optional<Time> word;   ///< the last
    Duration spoken{};          ///< how long it has been speaking, in words that are no further apart than `longest_pause`
    std::optional<Time> back;   ///< its last word after a longer one
    bool spoke = false;         ///< since the last review
    std::map<std::pair<std::uint64_t, std::uint64_t>, Forgotten::Way> skipped;  ///< epoch and context; `aged`: others left no room
  };

  Stream* known(const Key& key, const Speaker& who);
  Stream* make_room(const Key& key, const Who& who, const FrameHistory& history, bool heard);
  [[nodiscard]] bool share_used(const Speaker& who) const;
  bool displace(const Speaker& who, Forgotten::Way way);
  void skip(const Key& key, const Speaker& who, Forgotten::Way way);
  void state(const Key& key, Stream& stream, const StatedFrames& run);
  [[nodiscard]] std::size_t stated_by(const Speaker& who) const;
  std::map<std::uint64_t, Stated>::iterator forget(Stream& stream, std::map<std::uint64_t, Stated>::iterator which, Forgotten::Way way);
  void review(Presence& presence, Time now) const;
  void forget_old(Stream& stream, Time now);
  void review(const Key& key, Stream& stream, Time now);
  void end(Stream& stream);
  static void retain(const Bytes& identity, Presence& presence, const SeatOf& seat_of);
  bool drop_when_over(Stream& stream, Time now);
  void compare(const Key& key, const Stream& stream, const SignedUnit& unit, const UnitDigest& heard, const UnitDigest& stated);
  void doubt(const Key& key, const Speaker& who, FrameDoubt::Kind kind, Bytes evidence = {});

  std::map<Key, Stream> streams_;
  struct Before {
    bool operator()(const Bytes& a, const Bytes& b) const { return std::ranges::lexicographical_compare(a, b); }
  };
  std::map<Bytes, Presence, Before> presences_;  ///< of who has streams, by identity key
  std::vector<FrameDoubt> doubts_;
  StatementCounters counters_;
};

}  // namespace conclave::session
