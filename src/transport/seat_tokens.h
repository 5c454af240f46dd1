// What a member keeps to take its seat at a relay again.
#pragma once

#include <utility>

#include "crypto/random.h"
#include "transport/messages.h"

namespace conclave::transport {

/// The token of the seat, and the one that takes its place. `random` outlives it.
class SeatTokens {
 public:
  explicit SeatTokens(crypto::Random& random) : random_(&random), current_(fresh()), next_(fresh()) {}

  [[nodiscard]] KeepSeat keep() const { return {seat_digest(current_)}; }
  /// Shows the token. The same at each call until `spend`.
  [[nodiscard]] Resume resume(std::uint64_t connection, std::uint64_t next_index, Bytes last_entry) const {
    return {connection, current_.clone(), seat_digest(next_), next_index, std::move(last_entry)};
  }
  /// The relay took it.
  void spend() {
    current_ = std::move(next_);
    next_ = fresh();
  }

 private:
  [[nodiscard]] ResumeToken fresh() const {
    ResumeToken token(resume_token_size);
    random_->fill(token.expose_mutable());
    return token;
  }

  crypto::Random* random_;
  ResumeToken current_;
  ResumeToken next_;
};

}  // namespace conclave::transport
