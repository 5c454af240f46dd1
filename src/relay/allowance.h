// The paces of one connection.
#pragma once

#include "relay/limits.h"
#include "relay/token_bucket.h"

namespace conclave::relay {

/// Goes with the seat when the connection breaks: coming back is not a way to more.
struct Allowance {
  explicit Allowance(const Limits& limits)
      : messages(limits.messages), commits(limits.commits), broadcasts(limits.broadcasts), log_bytes(limits.log_bytes_sent),
        publishes(limits.publishes), feedback(limits.feedback), media(limits.media), resumes(limits.resumes) {}
  TokenBucket messages;
  TokenBucket commits;
  TokenBucket broadcasts;
  TokenBucket log_bytes;
  TokenBucket publishes;
  TokenBucket feedback;
  TokenBucket media;
  TokenBucket resumes;
};

}  // namespace conclave::relay
