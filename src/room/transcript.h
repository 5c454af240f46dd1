// The record of a meeting: who came, who went, who was given what; hash-chained, signed when it is exported, verified by anyone.
#pragma once

#include <string>
#include <vector>

#include "conclave/time.h"
#include "room/policy.h"

namespace conclave::room {

enum class TranscriptEvent : std::uint8_t {
  founded = 1,
  joined = 2,    ///< `detail`: the name
  left = 3,
  removed = 4,   ///< `detail`: the name
  granted = 5,   ///< `detail`: the Grant
  locked = 6,
  unlocked = 7,
  changed = 8,   ///< mode, default role, limits, heirs
  inherited = 9, ///< an heir became owner
  ended = 10,
  refused = 11,  ///< a commit that broke the policy; `detail`: why
  equivocated = 12,  ///< signed another frame for the writer than it stated to all; `detail`: a FrameEvidence
  unstated = 13,     ///< sent signed frames of which it stated nothing
};

///     struct {
///         uint64 epoch;                 /* that the event began, or in which it was refused */
///         uint64 wall_time;             /* of the writer, seconds since 1970-01-01 00:00 UTC */
///         TranscriptEvent event;
///         opaque actor[32];             /* identity */
///         opaque subject[32];           /* identity; zero where there is none */
///         opaque detail<V>;
///         opaque group_hash<V>;         /* confirmed_transcript_hash of the epoch: two members' records can be compared */
///     } TranscriptEntry;
struct TranscriptEntry {
  std::uint64_t epoch = 0;
  std::uint64_t wall_time = 0;
  TranscriptEvent event = TranscriptEvent::founded;
  IdentityHash actor{};
  IdentityHash subject{};
  Bytes detail;
  Bytes group_hash;
  CONCLAVE_FIELDS(epoch, wall_time, event, actor, subject, detail, group_hash)
  friend bool operator==(const TranscriptEntry&, const TranscriptEntry&) = default;
};

/// An exported record whose signature and chain hold.
struct VerifiedTranscript {
  RoomId room_id{};
  IdentityHash founder{};
  IdentityHash signer{};
  std::vector<TranscriptEntry> entries;
};

/// Grows, and never changes what it holds.
class Transcript {
 public:
  static constexpr std::size_t max_entries = 100'000;

  Transcript(const RoomId& room_id, const IdentityHash& founder);

  /// `limit_exceeded` when it is full.
  Result<void> add(TranscriptEntry entry);
  [[nodiscard]] const std::vector<TranscriptEntry>& entries() const { return entries_; }
  /// SHA-256 ("conclave transcript v1" || 0 || head before || entry); of the first: over room_id || founder in the head's place.
  [[nodiscard]] const IdentityHash& head() const { return head_; }

  ///     struct {
  ///         opaque magic[8] = "CLVtrans";
  ///         uint8 version = 1;
  ///         opaque room_id[16];
  ///         opaque founder[32];
  ///         opaque entries<V>;        /* TranscriptEntry, one after the other */
  ///         opaque signer_key<V>;
  ///         opaque signature<V>;      /* over uint64 count || head, label "conclave transcript v1" */
  ///     } TranscriptFile;
  [[nodiscard]] Result<Bytes> export_signed(const Identity& signer) const;

 private:
  RoomId room_id_;
  IdentityHash founder_;
  IdentityHash head_;
  std::vector<TranscriptEntry> entries_;
};

/// `malformed`, `unsupported` (version or event), or `not_authentic` when an entry, the order, the number or the signature was changed.
Result<VerifiedTranscript> verify_transcript(ByteView file);

/// One line for people: time, epoch, what happened. Names in it are inert; identities stand as the first 16 hex digits.
std::string describe(const TranscriptEntry& entry);

}  // namespace conclave::room
