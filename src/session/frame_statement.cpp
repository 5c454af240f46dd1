#include "session/frame_statement.h"

#include <algorithm>

#include "base/bytes.h"
#include "session/stream_rights.h"

namespace conclave::session {
namespace {

constexpr std::size_t digest_size = UnitDigest{}.size();
constexpr std::uint64_t last_number = std::uint64_t{1} << 62;
constexpr Duration between_marks = std::chrono::milliseconds(500);
constexpr Duration long_idle = std::chrono::seconds(15);

UnitDigest digest_at(const StatedFrames& run, std::uint64_t at) {
  UnitDigest out{};
  std::copy_n(run.digests.begin() + static_cast<std::ptrdiff_t>(at * digest_size), digest_size, out.begin());
  return out;
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
  const bool follows = !runs.empty() && runs.back().epoch == place.epoch && runs.back().context == place.context && runs.back().first + runs.back().count() == number;
  if (!follows) runs.push_back({place.epoch, place.context, number, {}});
  Bytes& digests_of_run = runs.back().digests;
  digests_of_run.insert(digests_of_run.end(), digest.begin(), digest.end());
  if (runs.size() > max_runs || digests() > max_digests) runs.erase(runs.begin());
}

void FrameStatement::append(FrameStatement later) {
  for (StatedFrames& run : later.runs) runs.push_back(std::move(run));
  while (runs.size() > max_runs || digests() > max_digests) runs.erase(runs.begin());
}

// ---- the witness -----------------------------------------------------------------------------------------------

FrameWitness::Stream* FrameWitness::stream_of(const Key& key) {
  const auto known = streams_.find(key);
  if (known != streams_.end()) return &known->second;
  if (streams_.size() >= max_streams) return nullptr;
  return &streams_.emplace(key, Stream{}).first->second;
}

void FrameWitness::hear(const room::RoomId& room_id, SignedUnit unit) {
  const Key key{unit.place.epoch, unit.place.sender, unit.place.context};
  Stream* stream = stream_of(key);
  if (stream == nullptr) return doubt(key, FrameDoubt::Kind::unstated);
  stream->touched = true;
  const std::uint64_t number = unit.number();
  const UnitDigest digest = unit.digest(room_id);
  if (const auto stated = stream->stated.find(number); stated != stream->stated.end()) {
    compare(key, unit, digest, stated->second);
    stream->stated.erase(stated);
    return;
  }
  if (number < stream->stated_to) return doubt(key, FrameDoubt::Kind::unstated);  // left out, or kept from us until it was forgotten
  stream->heard.insert_or_assign(number, std::pair(digest, std::move(unit)));
  if (stream->heard.size() <= max_waiting) return;
  stream->heard.erase(stream->heard.begin());
  doubt(key, FrameDoubt::Kind::unstated);
}

void FrameWitness::state(std::uint32_t sender, const FrameStatement& statement, const MaySend& may_send) {
  for (const StatedFrames& run : statement.runs) {
    const Key key{run.epoch, sender, run.context};
    if (streams_.contains(key) || may_send(run.epoch, run.context)) state(key, run);
  }
}

void FrameWitness::state(const Key& key, const StatedFrames& run) {
  Stream* stream = stream_of(key);
  if (stream == nullptr) return;
  stream->touched = true;
  leave_out(key, *stream, run.first);
  for (std::uint64_t at = 0; at < run.count(); ++at) {
    const std::uint64_t number = run.first + at;
    if (number < stream->stated_to) continue;  // what was said first, counts
    const auto heard = stream->heard.find(number);
    if (heard == stream->heard.end()) {
      stream->stated.emplace(number, digest_at(run, at));
      continue;
    }
    compare(key, heard->second.second, heard->second.first, digest_at(run, at));
    stream->heard.erase(heard);
  }
  stream->stated_to = std::max(stream->stated_to, run.first + run.count());
  for (; stream->stated.size() > max_waiting; ++counters_.missed) stream->stated.erase(stream->stated.begin());
}

/// A statement goes on at `end`: what was heard before that will never be stated.
void FrameWitness::leave_out(const Key& key, Stream& stream, std::uint64_t end) {
  while (!stream.heard.empty() && stream.heard.begin()->first < end) {
    stream.heard.erase(stream.heard.begin());
    doubt(key, FrameDoubt::Kind::unstated);
  }
}

std::vector<FrameDoubt> FrameWitness::review(Time now) {
  for (auto each = streams_.begin(); each != streams_.end();) {
    review(each->first, each->second, now);
    const bool over = each->second.heard.empty() && now - each->second.idle_since > long_idle;
    if (over) counters_.missed += each->second.stated.size();
    each = over ? streams_.erase(each) : std::next(each);
  }
  return std::exchange(doubts_, {});
}

void FrameWitness::review(const Key& key, Stream& stream, Time now) {
  if (std::exchange(stream.touched, false)) stream.idle_since = now;
  std::deque<Mark>& marks = stream.marks;
  while (!marks.empty() && marks.front().number < stream.stated_to) marks.pop_front();
  const bool fresh = !stream.heard.empty() && (marks.empty() || (stream.heard.rbegin()->first > marks.back().number && now - marks.back().at >= between_marks));
  if (fresh) marks.push_back({stream.heard.rbegin()->first, now});
  if (marks.empty() || now - marks.front().at < patience) return;
  leave_out(key, stream, marks.front().number + 1);
  marks.pop_front();
}

void FrameWitness::compare(const Key& key, const SignedUnit& unit, const UnitDigest& heard, const UnitDigest& stated) {
  if (heard == stated) {
    ++counters_.confirmed;
    return;
  }
  const FramePlace& place = unit.place;
  doubt(key, FrameDoubt::Kind::equivocated,
        wire::encode(FrameEvidence{place.epoch, place.sender, place.context, place.counter, unit.contents, unit.signature, stated}));
}

/// Told once for each stream between two reviews, and counted each time.
void FrameWitness::doubt(const Key& key, FrameDoubt::Kind kind, Bytes evidence) {
  ++(kind == FrameDoubt::Kind::equivocated ? counters_.equivocated : counters_.unstated);
  FrameDoubt noticed{kind, std::get<1>(key), static_cast<std::uint8_t>(std::get<2>(key) / 2), std::get<0>(key), std::move(evidence)};
  const bool told = std::ranges::any_of(doubts_, [&](const FrameDoubt& each) {
    return each.kind == kind && each.member == noticed.member && each.stream == noticed.stream && each.epoch == noticed.epoch;
  });
  if (!told && doubts_.size() < max_streams) doubts_.push_back(std::move(noticed));
}

void FrameWitness::forget(const std::function<bool(std::uint32_t)>& gone) {
  std::erase_if(streams_, [&](const auto& each) {
    const bool over = gone(std::get<1>(each.first));
    if (over) counters_.unstated += each.second.heard.size();
    return over;
  });
  std::erase_if(doubts_, [&](const FrameDoubt& each) { return each.kind == FrameDoubt::Kind::unstated && gone(each.member); });
}

}  // namespace conclave::session
