#include "session/log_trace.h"

#include <algorithm>

#include "base/bytes.h"
#include "crypto/hash.h"

namespace conclave::session {
namespace {

TraceHash hash_of(ByteView first, ByteView second) {
  const crypto::Digest digest = crypto::hash(crypto::HashAlgorithm::sha256, {first, second});
  TraceHash out{};
  std::copy_n(digest.view().begin(), out.size(), out.begin());
  return out;
}

}  // namespace

LogTrace::LogTrace(ByteView epoch_authenticator) : hash_(hash_of(as_bytes("conclave log v2"), epoch_authenticator)) { kept_.push_back(hash_); }

void LogTrace::add(ByteView message) {
  hash_ = hash_of(hash_, message);
  ++count_;
  kept_.push_back(hash_);
  if (kept_.size() <= 2 * most_kept) return;
  kept_.erase(kept_.begin(), kept_.begin() + most_kept);
  first_kept_ += most_kept;
}

std::optional<TraceHash> LogTrace::at(std::uint64_t count) const {
  if (count < first_kept_ || count > count_) return std::nullopt;
  return kept_[count - first_kept_];
}

}  // namespace conclave::session
