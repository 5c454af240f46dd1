#include "session/frame_statement.h"

#include <algorithm>

#include "base/bytes.h"
#include "session/stream_rights.h"

namespace conclave::session {
namespace {

constexpr std::size_t digest_size = UnitDigest{}.size();
constexpr std::uint64_t last_number = std::uint64_t{1} << 62;

/// Of a list that is too long the oldest digests go, one by one; of too many runs the shortest, whole. What is forgotten will be missed by listeners.
void trim(std::vector<StatedFrames>& runs, std::size_t excess) {
  while (excess > 0) {
    StatedFrames& oldest = runs.front();
    const std::uint64_t lost = std::min<std::uint64_t>(excess, oldest.count());
    oldest.digests.erase(oldest.digests.begin(), oldest.digests.begin() + static_cast<std::ptrdiff_t>(lost * digest_size));
    oldest.first += lost;
    excess -= static_cast<std::size_t>(lost);
    if (oldest.digests.empty()) runs.erase(runs.begin());
  }
  while (runs.size() > FrameStatement::max_runs) runs.erase(std::ranges::min_element(runs, {}, &StatedFrames::count));
}

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
  trim(runs, over());
}

void FrameStatement::append(FrameStatement later) {
  for (StatedFrames& run : later.runs) runs.push_back(std::move(run));
  trim(runs, over());
}

std::size_t FrameStatement::over() const {
  const std::size_t all = digests();
  return all > max_digests ? all - max_digests : 0;
}

}  // namespace conclave::session
