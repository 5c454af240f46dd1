// A policy as a member may put it into a commit: what is read is sound, has one spelling, and is judged without a crash.
#include <cstdlib>

#include "room/judge.h"

using namespace conclave;
using namespace conclave::room;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const auto policy = RoomPolicy::parse(input);
  if (!policy.ok()) return 0;
  const Bytes again = wire::encode(*policy);
  if (!std::equal(again.begin(), again.end(), input.begin(), input.end())) std::abort();
  const RoomPolicy before = RoomPolicy::founding(RoomMode::stage, IdentityHash{1});
  CommitDescription commit;
  commit.committer = 7;
  commit.policy = *policy;
  const std::vector<Seat> roster{{3, IdentityHash{1}, {}}, {7, IdentityHash{2}, {}}};
  // A listener changes nothing, whatever it sends.
  if (judge(before, roster, commit).ok() && *policy != before) std::abort();
  return 0;
}
