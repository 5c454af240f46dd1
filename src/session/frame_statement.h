// What senders of signed frames state of them in the room's log, which is the same for all, and how listeners compare: nobody can sign different
// frames for different listeners unnoticed. docs/decisions/014-equivocation.md.
#pragma once

#include <deque>
#include <functional>
#include <map>
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
///         opaque digests<V>;    /* 16 bytes each */
///     } StatedFrames;
struct StatedFrames {
  std::uint64_t epoch = 0;
  std::uint64_t context = 0;
  std::uint64_t first = 0;
  Bytes digests;
  CONCLAVE_FIELDS(epoch, context, first, digests)

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
  /// One more, behind the others. Of more than `max_digests` that nobody takes, the oldest are forgotten.
  void add(const FramePlace& place, std::uint64_t number, const UnitDigest& digest);
  /// What `later` has, behind ours.
  void append(FrameStatement later);
};

/// Proof that somebody signed what it did not state, for whoever has read the statement in the log.
struct FrameEvidence {
  std::uint64_t epoch = 0;
  std::uint32_t sender = 0;
  std::uint64_t context = 0;
  std::uint64_t counter = 0;
  Bytes contents;
  Bytes signature;
  UnitDigest stated{};
  CONCLAVE_FIELDS(epoch, sender, context, counter, contents, signature, stated)

  [[nodiscard]] SignedUnit unit() const { return {{epoch, sender, context, counter}, contents, signature}; }
};

/// Holds what was heard against what was stated, in whichever order they come. Bounded: a sender that states nothing, or too much, is noticed by
/// that. Single-threaded, without a clock.
class FrameWitness {
 public:
  /// A frame or batch whose signature was verified, once.
  void hear(const room::RoomId& room_id, SignedUnit unit);
  /// What `sender` stated. `may_send`: whether it has, or had, the right to a stream in an epoch.
  using MaySend = std::function<bool(std::uint64_t epoch, std::uint64_t context)>;
  void state(std::uint32_t sender, const FrameStatement& statement, const MaySend& may_send);
  /// What was noticed since the last call, once for each stream; about once a second, since waiting is measured by it.
  std::vector<FrameDoubt> review(Time now);
  /// Everything of the senders of whom `gone` holds.
  void forget(const std::function<bool(std::uint32_t)>& gone);
  [[nodiscard]] const StatementCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t streams() const { return streams_.size(); }

  static constexpr Duration patience = std::chrono::seconds(8);
  static constexpr std::size_t max_waiting = 512;  ///< of one stream: heard and not stated, and stated and not heard
  static constexpr std::size_t max_streams = 256;

 private:
  using Key = std::tuple<std::uint64_t, std::uint32_t, std::uint64_t>;  ///< epoch, sender, context
  struct Mark {
    std::uint64_t number = 0;  ///< the latest that was heard
    Time at{};
  };
  struct Stream {
    std::map<std::uint64_t, std::pair<UnitDigest, SignedUnit>> heard;  ///< and not stated
    std::map<std::uint64_t, UnitDigest> stated;                        ///< and not heard
    std::uint64_t stated_to = 0;                                       ///< everything below was stated, or will not be
    std::deque<Mark> marks;
    bool touched = true;
    Time idle_since{};
  };

  Stream* stream_of(const Key& key);
  void state(const Key& key, const StatedFrames& run);
  void leave_out(const Key& key, Stream& stream, std::uint64_t end);
  void review(const Key& key, Stream& stream, Time now);
  void compare(const Key& key, const SignedUnit& unit, const UnitDigest& heard, const UnitDigest& stated);
  void doubt(const Key& key, FrameDoubt::Kind kind, Bytes evidence = {});

  std::map<Key, Stream> streams_;
  std::vector<FrameDoubt> doubts_;
  StatementCounters counters_;
};

}  // namespace conclave::session
