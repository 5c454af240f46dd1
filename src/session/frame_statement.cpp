#include "session/frame_statement.h"

#include <algorithm>

#include "base/bytes.h"
#include "session/stream_rights.h"

namespace conclave::session {
namespace {

constexpr std::size_t digest_size = UnitDigest{}.size();
constexpr std::uint64_t last_number = std::uint64_t{1} << 62;

}  // namespace

Result<FrameStatement> FrameStatement::parse(ByteView bytes) {
  CONCLAVE_ASSIGN(statement, wire::decode<FrameStatement>(bytes));
  const bool bounded = statement.runs.size() <= max_runs && statement.digests() <= max_digests;
  const bool sound = std::ranges::all_of(statement.runs, [](const StatedFrames& run) {
    return !run.digests.empty() && run.digests.size() % digest_size == 0 && run.first < last_number && run.context < 2 * conclave::max_streams;
  });
  if (!bounded || !sound) return Error{ErrorCode::malformed, "a statement about frames is too long or damaged"};
  return statement;
}

std::size_t FrameStatement::digests() const {
  std::size_t sum = 0;
  for (const StatedFrames& run : runs) sum += run.count();
  return sum;
}

void FrameStatement::add(const FramePlace& place, std::uint64_t number, const UnitDigest& digest) {
  const bool follows = !runs.empty() && runs.back().epoch == place.epoch && runs.back().context == place.context && runs.back().history == place.history &&
                       runs.back().first + runs.back().count() == number;
  if (!follows) runs.push_back({place.epoch, place.context, number, {}, place.history});
  Bytes& digests_of_run = runs.back().digests;
  digests_of_run.insert(digests_of_run.end(), digest.begin(), digest.end());
  if (runs.size() > max_runs || digests() > max_digests) runs.erase(runs.begin());
}

void FrameStatement::append(FrameStatement later) {
  for (StatedFrames& run : later.runs) runs.push_back(std::move(run));
  while (runs.size() > max_runs || digests() > max_digests) runs.erase(runs.begin());
}

}  // namespace conclave::session
