// Different frames for different listeners: what is noticed of a sender of signed frames, and the proof of it.
#pragma once

#include <cstdint>
#include <string>

#include "conclave/bytes.h"

namespace conclave {

/// A member whose signed frames are not what it stated of them to everybody (docs/decisions/014-equivocation.md).
struct FrameDoubt {
  /// What is the matter.
  enum class Kind : std::uint8_t {
    equivocated,  ///< it signed another frame for us than the one that it stated: `evidence` proves the former, and quotes the latter
    unstated,     ///< frames came of which it stated nothing, while it went on speaking in the log for eight seconds. Proves nothing: others carry its messages
  };
  Kind kind = Kind::unstated;
  std::uint32_t member = 0;  ///< its number then: by now somebody else may have it
  Bytes identity_key{};      ///< whose number it was in `epoch`
  std::string display_name{};
  std::uint8_t stream = 0;
  std::uint64_t epoch = 0;
  Bytes evidence{};          ///< of `equivocated`: `Session::check_evidence` of any member says who signed what is in it
};

/// Signed frames, or batches of them, held against what their senders stated.
struct StatementCounters {
  std::uint64_t confirmed = 0;    ///< heard as stated
  std::uint64_t equivocated = 0;  ///< heard otherwise
  std::uint64_t unstated = 0;     ///< heard, and not stated in time, or before who sent them had gone
  std::uint64_t missed = 0;       ///< stated, and not heard: lost, not asked for, or withheld
  std::uint64_t late = 0;         ///< heard more than ten seconds after they were stated: it is forgotten what that was
  std::uint64_t unwatched = 0;    ///< heard or stated, and not compared: there was no room, or its sender was away
};

}  // namespace conclave
