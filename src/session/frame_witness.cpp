// What was heard held against what was stated.
#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "session/frame_statement.h"

namespace conclave::session {
namespace {

constexpr std::size_t stated_size = UnitDigest{}.size();
constexpr std::size_t max_skipped = 128;  // of one sender
constexpr std::size_t max_doubts = 256;   // between two reviews
constexpr Duration longest_wait = std::chrono::seconds(60);  // for statements on an epoch that is over

UnitDigest digest_at(const StatedFrames& run, std::uint64_t at) {
  UnitDigest out{};
  std::copy_n(run.digests.begin() + static_cast<std::ptrdiff_t>(at * stated_size), stated_size, out.begin());
  return out;
}

}  // namespace

// ---- room ------------------------------------------------------------------------------------------------------

FrameWitness::Stream* FrameWitness::known(const Key& key, const Speaker& who) {
  const auto found = streams_.find(key);
  return found == streams_.end() || found->second.who->identity_key != who.identity_key ? nullptr : &found->second;
}

/// What is heard takes the place of what is only stated.
FrameWitness::Stream* FrameWitness::make_room(const Key& key, const Who& who, bool heard) {
  const auto share = std::ranges::count_if(streams_, [&](const auto& each) { return each.second.who->identity_key == who->identity_key; });
  const bool full = static_cast<std::size_t>(share) >= max_share || streams_.size() >= max_streams;
  if (streams_.contains(key) || (full && !(heard && displace(*who)))) return nullptr;
  Presence& presence = presences_[who->identity_key];
  Stream& stream = streams_.emplace(key, Stream{who, {}, {}}).first->second;
  stream.excused = presence.skipped_too_many || presence.skipped.contains({std::get<0>(key), std::get<2>(key)});
  return &stream;
}

bool FrameWitness::displace(const Speaker& who) {
  const auto found = std::ranges::find_if(streams_, [&](const auto& each) { return !each.second.was_heard && each.second.who->identity_key == who.identity_key; });
  if (found == streams_.end()) return false;
  skip(found->first, who, found->second.stated.size());
  streams_.erase(found);
  return true;
}

/// Statements that are not kept: what they were on accuses nobody by not being stated.
void FrameWitness::skip(const Key& key, const Speaker& who, std::size_t units) {
  counters_.unwatched += units;
  Presence& of_sender = presences_[who.identity_key];
  of_sender.sender = std::get<1>(key);
  of_sender.skipped_too_many = of_sender.skipped_too_many || of_sender.skipped.size() >= max_skipped;
  if (!of_sender.skipped_too_many) of_sender.skipped.emplace(std::get<0>(key), std::get<2>(key));
}

// ---- what comes ------------------------------------------------------------------------------------------------

void FrameWitness::hear(const room::RoomId& room_id, SignedUnit unit, const Who& who) {
  const Key key{unit.place.epoch, unit.place.sender, unit.place.context};
  Stream* stream = known(key, *who);
  if (stream == nullptr) stream = make_room(key, who, true);
  if (stream == nullptr) return void(++counters_.unwatched);
  stream->was_heard = true;
  const std::uint64_t number = unit.number();
  const UnitDigest digest = unit.digest(room_id);
  if (const auto stated = stream->stated.find(number); stated != stream->stated.end()) {
    stated->second.heard = true;
    return compare(key, *stream, unit, digest, stated->second.digest);
  }
  if (number < stream->forgotten_to) return void(++counters_.late);
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
    if (stream == nullptr && may_send(run.epoch, run.context)) stream = make_room(key, statement.who, false);
    if (stream != nullptr) state(key, *stream, run);
    else skip(key, *statement.who, run.count());
  }
}

/// What is said first of a number counts.
void FrameWitness::state(const Key& key, Stream& stream, const StatedFrames& run) {
  for (std::uint64_t at = 0; at < run.count(); ++at) {
    const std::uint64_t number = run.first + at;
    const auto heard = stream.heard.find(number);
    if (number < stream.forgotten_to || stream.stated.contains(number)) continue;
    if (heard == stream.heard.end() && stream.ended) continue;
    stream.stated.emplace(number, Stated{digest_at(run, at), heard != stream.heard.end()});
    if (heard == stream.heard.end()) continue;
    compare(key, stream, heard->second.unit, heard->second.digest, digest_at(run, at));
    stream.heard.erase(heard);
  }
  while (stream.stated.size() > max_waiting) {
    counters_.missed += stream.stated.begin()->second.heard ? 0 : 1;
    stream.forgotten_to = stream.stated.begin()->first + 1;
    stream.stated.erase(stream.stated.begin());
  }
}

void FrameWitness::note_word(const Speaker& who) {
  const auto presence = presences_.find(who.identity_key);
  if (presence != presences_.end()) presence->second.spoke = true;
}

// ---- what is noticed -------------------------------------------------------------------------------------------

std::vector<FrameDoubt> FrameWitness::review(Time now) {
  for (auto& [identity, presence] : presences_) review(presence, now);
  for (auto each = streams_.begin(); each != streams_.end();) {
    review(each->first, each->second, now);
    each = drop_when_over(each->second, now) ? streams_.erase(each) : std::next(each);
  }
  for (auto& [identity, presence] : presences_) presence.spoke = presence.interrupted = false;
  return std::exchange(doubts_, {});
}

void FrameWitness::review(Presence& presence, Time now) const {
  if (!presence.word) presence.word = now;
  if (!presence.spoke) return;
  presence.interrupted = now - *presence.word > longest_pause;
  presence.word = now;
}

void FrameWitness::review(const Key& key, Stream& stream, Time now) {
  const Presence& presence = presences_[stream.who->identity_key];
  for (auto each = stream.heard.begin(); each != stream.heard.end();) {
    Heard& heard = each->second;
    if (!heard.since) heard.since = now;
    heard.excused = heard.excused || presence.interrupted;
    const bool unstated = presence.spoke && !heard.excused && now - *heard.since >= patience;
    if (unstated) doubt(key, *stream.who, FrameDoubt::Kind::unstated);
    each = unstated ? stream.heard.erase(each) : std::next(each);
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
        wire::encode(FrameEvidence{place.epoch, place.sender, place.context, place.counter, unit.contents, unit.signature, stated}));
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
  std::erase_if(presence.skipped, [&](const auto& skipped) { return seat_of(skipped.first, presence.sender, {identity, {}}) != Seat::held; });
  presence.skipped_too_many = presence.skipped_too_many && !presence.skipped.empty();
}

}  // namespace conclave::session
