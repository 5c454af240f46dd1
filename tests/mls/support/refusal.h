// Refusals: for which rule, naming whom, and that they change nothing.
#pragma once

#include "mls/support/insider.h"

namespace conclave::mls::test {

/// Why something is refused, and who is named for it.
struct Refusal {
  std::string detail;
  ErrorCode code = ErrorCode::invalid_message;
  std::optional<std::uint32_t> participant;
};

template <class T>
void check_refusal(const Result<T>& result, const Refusal& why) {
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().detail == why.detail);
  CHECK(name_of(result.error().code) == std::string(name_of(why.code)));
  CHECK(result.error().participant == why.participant);
}

/// The group refuses what is attempted, for this reason, and is what it was: its whole state, secrets included.
template <class Attempt>
void check_refused(Group& group, Attempt attempt, const Refusal& why) {
  const Bytes before = Insider::whole_state(group);
  check_refusal(attempt(group), why);
  CHECK(Insider::whole_state(group) == before);
}

/// It is refused for whatever reason, and the group is what it was.
template <class Attempt>
void check_harmless(Group& group, Attempt attempt) {
  const Bytes before = Insider::whole_state(group);
  static_cast<void>(attempt(group));
  REQUIRE(Insider::whole_state(group) == before);
}

}  // namespace conclave::mls::test
