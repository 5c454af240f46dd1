// What was heard held against what was stated.
#include <algorithm>
#include <limits>
#include <utility>

#include "base/bytes.h"
#include "session/frame_statement.h"

namespace conclave::session {
namespace {

constexpr std::size_t stated_size = UnitDigest{}.size();
constexpr std::size_t max_doubts = 256;   // between two reviews
constexpr Duration longest_wait = std::chrono::seconds(60);  // for statements on an epoch that is over
constexpr Duration breath = std::chrono::seconds(1);  // after a pause: what is due is stated right behind the first word
constexpr std::uint64_t no_end = std::numeric_limits<std::uint64_t>::max();

UnitDigest digest_at(const StatedFrames& run, std::uint64_t at) {
  UnitDigest out{};
  std::copy_n(run.digests.begin() + static_cast<std::ptrdiff_t>(at * stated_size), stated_size, out.begin());
  return out;
}

}  // namespace

// ---- what was stated before ------------------------------------------------------------------------------------

void FrameWitness::Forgotten::add(std::uint64_t first, std::uint64_t end, Way way) {
  if (find(first)) return;
  auto before = ranges_.upper_bound(first);
  if (before != ranges_.begin() && std::prev(before)->second.end == first && std::prev(before)->second.way == way) {
    std::prev(before)->second.end = end;
  } else {
    ranges_.insert_or_assign(first, Range{end, way});
  }
  if (ranges_.size() <= max_ranges) return;
  const auto lowest = ranges_.begin();  // nobody who states frames in their order leaves so many gaps: they count as its own doing
  lowest->second = {std::next(lowest)->second.end, Way::displaced};
  ranges_.erase(std::next(lowest));
}

std::optional<FrameWitness::Forgotten::Way> FrameWitness::Forgotten::find(std::uint64_t number) const {
  const auto behind = ranges_.upper_bound(number);
  if (behind == ranges_.begin() || std::prev(behind)->second.end <= number) return std::nullopt;
  return std::prev(behind)->second.way;
}

// ---- room ------------------------------------------------------------------------------------------------------

FrameWitness::Stream* FrameWitness::known(const Key& key, const Speaker& who) {
  const auto found = streams_.find(key);
  return found == streams_.end() || found->second.who->identity_key != who.identity_key ? nullptr : &found->second;
}

bool FrameWitness::share_used(const Speaker& who) const {
  const auto share = std::ranges::count_if(streams_, [&](const auto& each) { return each.second.who->identity_key == who.identity_key; });
  return static_cast<std::size_t>(share) >= max_share;
}

/// What is heard takes the place of what is only stated.
FrameWitness::Stream* FrameWitness::make_room(const Key& key, const Who& who, const FrameHistory& history, bool heard) {
  const bool own_doing = share_used(*who);
  const bool full = own_doing || streams_.size() >= max_streams;
  if (streams_.contains(key) || (full && !(heard && displace(*who, own_doing ? Forgotten::Way::displaced : Forgotten::Way::aged)))) return nullptr;
  Presence& presence = presences_[who->identity_key];
  Stream& stream = streams_.emplace(key, Stream{who, history}).first->second;
  const auto skipped = presence.skipped.find({std::get<0>(key), std::get<2>(key)});
  if (skipped == presence.skipped.end()) return &stream;
  stream.excused = skipped->second == Forgotten::Way::aged;
  if (!stream.excused) stream.forgotten.add(0, no_end, Forgotten::Way::displaced);
  return &stream;
}

bool FrameWitness::displace(const Speaker& who, Forgotten::Way way) {
  const auto found = std::ranges::find_if(streams_, [&](const auto& each) { return !each.second.was_heard && each.second.who->identity_key == who.identity_key; });
  if (found == streams_.end()) return false;
  counters_.unwatched += found->second.stated.size();
  skip(found->first, who, way);
  streams_.erase(found);
  return true;
}

/// Statements that are not kept. Where others left no room for them, what they were on accuses nobody by not being stated.
void FrameWitness::skip(const Key& key, const Speaker& who, Forgotten::Way way) {
  Presence& of_sender = presences_[who.identity_key];
  of_sender.sender = std::get<1>(key);
  of_sender.skipped.emplace(std::pair{std::get<0>(key), std::get<2>(key)}, way);
}

// ---- what comes ------------------------------------------------------------------------------------------------

void FrameWitness::hear(const room::RoomId& room_id, SignedUnit unit, const Who& who) {
  const Key key{unit.place.epoch, unit.place.sender, unit.place.context};
  Stream* stream = known(key, *who);
  if (stream == nullptr) stream = make_room(key, who, unit.place.history, true);
  if (stream == nullptr) return void(++counters_.unwatched);
  stream->was_heard = true;
  const std::uint64_t number = unit.number();
  const UnitDigest digest = unit.digest(room_id);
  if (const auto stated = stream->stated.find(number); stated != stream->stated.end()) {
    stated->second.heard = true;
    return compare(key, *stream, unit, digest, stated->second.digest);
  }
  if (const auto forgotten = stream->forgotten.find(number)) {
    if (*forgotten == Forgotten::Way::aged) return void(++counters_.late);
    return doubt(key, *who, FrameDoubt::Kind::unstated);
  }
  auto& heard = stream->heard;
  if (heard.size() >= max_waiting) {
    ++counters_.unwatched;
    if (!heard.begin()->second.excused) return;  // those that wait already tell of it
    heard.erase(heard.begin());
  }
  heard.insert_or_assign(number, Heard{digest, std::move(unit), {}, stream->excused});
}

void FrameWitness::state(const Statement& statement, const MaySend& may_send) {
  note_word(*statement.who);
  for (const StatedFrames& run : statement.frames.runs) {
    if (run.epoch > statement.epoch || run.context % 2 != 0) continue;  // nobody has signed these
    const Key key{run.epoch, statement.sender, run.context};
    Stream* stream = known(key, *statement.who);
    if (stream != nullptr && stream->history != run.history) continue;  // of a fork: whoever was led there signed other frames under these numbers
    if (stream == nullptr && may_send(run)) {
      stream = make_room(key, statement.who, run.history, false);
      if (stream == nullptr) skip(key, *statement.who, share_used(*statement.who) ? Forgotten::Way::displaced : Forgotten::Way::aged);
    }
    if (stream != nullptr) state(key, *stream, run);
    else counters_.unwatched += run.count();
  }
}

/// What is said first of a number counts.
void FrameWitness::state(const Key& key, Stream& stream, const StatedFrames& run) {
  std::size_t kept = stated_by(*stream.who);
  for (std::uint64_t at = 0; at < run.count(); ++at) {
    const std::uint64_t number = run.first + at;
    const auto heard = stream.heard.find(number);
    const bool waits = heard != stream.heard.end();  // then nothing was stated of it before
    if (!waits && (stream.ended || stream.forgotten.find(number))) continue;
    if (stream.stated.try_emplace(number, Stated{digest_at(run, at), waits}).second) ++kept;
    if (!waits) continue;
    compare(key, stream, heard->second.unit, heard->second.digest, digest_at(run, at));
    stream.heard.erase(heard);
  }
  for (; kept > max_stated && !stream.stated.empty(); --kept) forget(stream, stream.stated.begin(), Forgotten::Way::displaced);
}

std::size_t FrameWitness::stated_by(const Speaker& who) const {
  std::size_t sum = 0;
  for (const auto& [key, stream] : streams_) sum += stream.who->identity_key == who.identity_key ? stream.stated.size() : 0;
  return sum;
}

std::map<std::uint64_t, FrameWitness::Stated>::iterator FrameWitness::forget(Stream& stream, std::map<std::uint64_t, Stated>::iterator which, Forgotten::Way way) {
  counters_.missed += which->second.heard ? 0 : 1;
  stream.forgotten.add(which->first, which->first + 1, way);
  return stream.stated.erase(which);
}

void FrameWitness::note_word(const Speaker& who) {
  const auto presence = presences_.find(who.identity_key);
  if (presence != presences_.end()) presence->second.spoke = true;
}

void FrameWitness::excuse(const Speaker& who) {
  const auto presence = presences_.find(who.identity_key);
  if (presence == presences_.end()) return;
  presence->second.word.reset();
  for (auto& [key, stream] : streams_) {
    if (stream.who->identity_key != who.identity_key) continue;
    for (auto& [number, heard] : stream.heard) heard.excused = true;
  }
}

// ---- what is noticed -------------------------------------------------------------------------------------------

std::vector<FrameDoubt> FrameWitness::review(Time now) {
  for (auto& [identity, presence] : presences_) review(presence, now);
  for (auto each = streams_.begin(); each != streams_.end();) {
    review(each->first, each->second, now);
    forget_old(each->second, now);
    each = drop_when_over(each->second, now) ? streams_.erase(each) : std::next(each);
  }
  return std::exchange(doubts_, {});
}

void FrameWitness::review(Presence& presence, Time now) const {
  if (!presence.word) presence.word = now;
  if (!std::exchange(presence.spoke, false)) return;
  const Duration pause = now - *std::exchange(presence.word, now);
  presence.spoken += std::min(pause, longest_pause);
  if (pause > longest_pause) presence.back = now;
}

void FrameWitness::review(const Key& key, Stream& stream, Time now) {
  const Presence& presence = presences_[stream.who->identity_key];
  const bool settled = !presence.back || now - *presence.back >= breath;
  const Duration since_word = presence.word ? now - *presence.word : Duration::zero();
  for (auto each = stream.heard.begin(); each != stream.heard.end();) {
    Heard& heard = each->second;
    if (!heard.since) heard.since = presence.spoken + std::min(since_word, longest_pause);
    const bool unstated = settled && !heard.excused && presence.spoken - *heard.since >= patience;
    if (unstated) doubt(key, *stream.who, FrameDoubt::Kind::unstated);
    each = unstated ? stream.heard.erase(each) : std::next(each);
  }
}

void FrameWitness::forget_old(Stream& stream, Time now) {
  for (auto each = stream.stated.begin(); each != stream.stated.end() && !stream.ended;) {
    if (!each->second.since) each->second.since = now;
    each = now - *each->second.since >= memory ? forget(stream, each, Forgotten::Way::aged) : std::next(each);
  }
}

/// Nothing more will be heard of it: what is left waits for its statement.
void FrameWitness::end(Stream& stream) {
  stream.ended = true;
  for (const auto& [number, stated] : stream.stated) counters_.missed += stated.heard ? 0 : 1;
  for (auto& [number, stated] : stream.stated) stated.heard = true;
}

bool FrameWitness::drop_when_over(Stream& stream, Time now) {
  if (!stream.ended) return false;
  if (!stream.ended_since) stream.ended_since = now;
  if (!stream.heard.empty() && now - *stream.ended_since < longest_wait) return false;
  counters_.unwatched += stream.heard.size();
  return true;
}

void FrameWitness::compare(const Key& key, const Stream& stream, const SignedUnit& unit, const UnitDigest& heard, const UnitDigest& stated) {
  if (heard == stated) {
    ++counters_.confirmed;
    return;
  }
  const FramePlace& place = unit.place;
  doubt(key, *stream.who, FrameDoubt::Kind::equivocated,
        wire::encode(FrameEvidence{place.epoch, place.sender, place.context, place.counter, unit.contents, unit.signature, stated, place.history}));
}

/// Told once for each stream between two reviews, and counted each time.
void FrameWitness::doubt(const Key& key, const Speaker& who, FrameDoubt::Kind kind, Bytes evidence) {
  ++(kind == FrameDoubt::Kind::equivocated ? counters_.equivocated : counters_.unstated);
  const auto stream = static_cast<std::uint8_t>(std::get<2>(key) / 2);
  FrameDoubt noticed{kind, std::get<1>(key), who.identity_key, who.display_name, stream, std::get<0>(key), std::move(evidence)};
  const bool told = std::ranges::any_of(doubts_, [&](const FrameDoubt& each) {
    return each.kind == kind && each.identity_key == noticed.identity_key && each.stream == noticed.stream && each.epoch == noticed.epoch;
  });
  if (!told && doubts_.size() < max_doubts) doubts_.push_back(std::move(noticed));
}

void FrameWitness::retain(const SeatOf& seat_of) {
  for (auto each = streams_.begin(); each != streams_.end();) {
    const Seat seat = seat_of(std::get<0>(each->first), std::get<1>(each->first), *each->second.who);
    if (seat == Seat::ended && !each->second.ended) end(each->second);
    if (seat == Seat::gone) counters_.unstated += each->second.heard.size();
    each = seat == Seat::gone ? streams_.erase(each) : std::next(each);
  }
  std::erase_if(doubts_, [&](const FrameDoubt& each) {
    return each.kind == FrameDoubt::Kind::unstated && seat_of(each.epoch, each.member, {each.identity_key, {}}) == Seat::gone;
  });
  for (auto& [identity, presence] : presences_) retain(identity, presence, seat_of);
  std::erase_if(presences_, [&](const auto& each) {
    const auto of_it = [&](const auto& stream) { return stream.second.who->identity_key == each.first; };
    return each.second.skipped.empty() && std::ranges::none_of(streams_, of_it);
  });
}

/// Of epochs whose frames do not open any more nothing can be heard.
void FrameWitness::retain(const Bytes& identity, Presence& presence, const SeatOf& seat_of) {
  std::erase_if(presence.skipped, [&](const auto& skipped) { return seat_of(skipped.first.first, presence.sender, {identity, {}}) != Seat::held; });
}

}  // namespace conclave::session
