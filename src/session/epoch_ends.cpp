#include "session/epoch_ends.h"

#include <algorithm>

#include "base/bytes.h"
#include "crypto/hash.h"

namespace conclave::session {

constexpr std::size_t end_size = TraceHash{}.size();

void EpochEnds::add(const TraceHash& end) {
  kept_.push_back(end);
  if (kept_.size() <= most_kept) return;
  kept_.pop_front();
  ++first_;
}

std::size_t EpochEnds::size_for(std::uint64_t epochs) { return static_cast<std::size_t>(std::min(epochs, most_told)) * end_size; }

TraceHash EpochEnds::folded(std::uint64_t since, std::uint64_t before) const {
  Bytes all = to_bytes(as_bytes("conclave log ends"));
  for (std::uint64_t epoch = since; epoch < before; ++epoch) all.insert(all.end(), end_of(epoch).begin(), end_of(epoch).end());
  const crypto::Digest digest = crypto::hash(crypto::HashAlgorithm::sha256, {all});
  TraceHash out{};
  std::copy_n(digest.view().begin(), out.size(), out.begin());
  return out;
}

Bytes EpochEnds::tell(std::uint64_t& since, std::uint64_t epoch) const {
  since = std::clamp(since, first_, epoch);
  Bytes ends;
  const std::uint64_t listed = first_listed(since, epoch);
  if (listed != since) {
    const TraceHash fold = folded(since, listed);
    ends.assign(fold.begin(), fold.end());
  }
  for (std::uint64_t each = listed; each < epoch; ++each) ends.insert(ends.end(), end_of(each).begin(), end_of(each).end());
  return ends;
}

bool EpochEnds::contradict(std::uint64_t since, std::uint64_t epoch, ByteView ends) const {
  const std::uint64_t listed = first_listed(since, epoch);
  const std::uint64_t known = std::min<std::uint64_t>(epoch, first_ + kept_.size());
  if (listed != since && since >= first_ && listed <= known && !equal(folded(since, listed), ends.first(end_size))) return true;
  const std::size_t folds = listed != since ? 1 : 0;
  for (std::uint64_t each = std::max(listed, first_); each < known; ++each) {
    if (!equal(end_of(each), ends.subspan((folds + static_cast<std::size_t>(each - listed)) * end_size, end_size))) return true;
  }
  return false;
}

}  // namespace conclave::session
