#include "stage.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace conclave::raid {
namespace {

constexpr Duration tick = std::chrono::milliseconds(20);
constexpr Duration delay_of_newcomers = std::chrono::milliseconds(40);  // from the relay

Identity made_identity(std::mt19937_64& random) {
  Bytes seed(32);
  for (std::uint8_t& byte : seed) byte = static_cast<std::uint8_t>(random());
  return std::move(*Identity::from_seed(seed));
}

/// Each attendee is a device of its own: they work at the same time, and what one does is seen by the others a moment later.
template <class Each>
void at_once(std::deque<Attendee>& attendees, Each each) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < attendees.size(); i = next++) each(i, attendees[i]);
  };
  std::jthread other(work);
  work();
}

template <class... Event>
bool tells(const SessionStep& step) {
  return std::ranges::any_of(step.events, [](const SessionEvent& event) { return (std::holds_alternative<Event>(event) || ...); });
}
bool other_keys(const SessionStep& step) { return tells<EpochEntered, FrameKeysChanged, SessionSuspended>(step); }

}  // namespace

Stage::Stage(std::uint64_t seed, bool relay_is_hostile) : random(seed), hostile(relay_is_hostile), owner_identity(made_identity(random)) {
  for (std::uint8_t& byte : config.room_id) byte = static_cast<std::uint8_t>(random());
  config.mode = RoomMode::stage;
  config.seed = random();
  owner = owner_identity.hash();
  Attendee first;
  first.session = std::make_unique<Session>(std::move(*Session::found(config, owner_identity, "Ada", at())));
  first.delay = std::chrono::milliseconds(20);
  attendees.push_back(std::move(first));
}

std::uint64_t Stage::knock(const Identity& who, const std::string& name, Bytes invitation) {
  SessionConfig joiner = config;
  joiner.seed = random();
  joiner.invitation = std::move(invitation);
  auto joining = Joining::begin(joiner, who, name, at());
  if (!joining.ok()) return 0;
  const std::uint64_t request = next_request_++;
  waiting.emplace(request, std::move(*joining));
  return request;
}

bool Stage::take_seat(std::uint64_t request) {
  const auto welcome = welcomes.find(request);
  const auto joining = waiting.find(request);
  if (welcome == welcomes.end() || joining == waiting.end() || now < welcome->second.arrives) return false;
  auto session = joining->second.complete(welcome->second.welcome, owner, at());
  if (!session.ok()) return false;
  Attendee attendee;
  attendee.session = std::make_unique<Session>(std::move(*session));
  attendee.read = welcome->second.read_from;
  attendee.delay = std::chrono::milliseconds(20 + random() % 60);
  attendee.opener.update(attendee.session->frame_keys());
  attendees.push_back(std::move(attendee));
  waiting.erase(joining);
  return true;
}

void Stage::send(std::size_t from, SessionStep step) { take(from, std::move(step)); }

void Stage::take(std::size_t number, SessionStep step) {
  Attendee& attendee = attendees[number];
  attendee.deadline.reset();
  for (const SessionEvent& event : step.events) {
    attendee.ended = attendee.ended || std::holds_alternative<SessionEnded>(event);
    refused_messages += std::holds_alternative<MessageRefused>(event) ? 1 : 0;
  }
  if (other_keys(step)) attendee.opener.update(attendee.session->frame_keys());
  for (ToLog& entry : step.send) {
    if (entry.admission) welcomes[entry.admission->request] = {entry.admission->welcome, log.size() + 1, now + attendee.delay + delay_of_newcomers};
    log.push_back({std::move(entry), now + attendee.delay});
  }
}

void Stage::read_on(Attendee& attendee) const {
  while (attendee.read < log.size() && !attendee.ended) {
    const Logged& logged = log[attendee.read];
    if (now < logged.at + attendee.delay) break;
    ++attendee.read;
    attendee.deadline.reset();
    const SessionStep& step = attendee.done.emplace_back(attendee.session->handle(logged.entry.message, at()));
    if (other_keys(step)) attendee.opener.update(attendee.session->frame_keys());
    attendee.ended = tells<SessionEnded>(step);
  }
  if (attendee.ended) return;
  if (!attendee.deadline) attendee.deadline = attendee.session->next_deadline();
  if (now < *attendee.deadline) return;
  attendee.done.push_back(attendee.session->tick(at()));
  attendee.deadline.reset();
}

/// A relay that works for the raiders: replays, damages and makes up entries of the log.
void Stage::lie() {
  if (!hostile || log.empty() || random() % 10 != 0) return;
  ToLog entry = log[random() % log.size()].entry;
  if (random() % 2 == 0 && !entry.message.empty()) entry.message[random() % entry.message.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
  entry.admission.reset();
  log.push_back({std::move(entry), now});
}

void Stage::pass(Duration time) {
  for (const Time end = now + time; now < end;) {
    now += tick;
    lie();
    std::size_t unread = log.size();
    at_once(attendees, [this](std::size_t, Attendee& attendee) { read_on(attendee); });
    for (std::size_t i = 0; i < attendees.size(); ++i) {
      for (SessionStep& step : std::exchange(attendees[i].done, {})) take(i, std::move(step));
      if (!attendees[i].ended) unread = std::min(unread, attendees[i].read);
    }
    std::size_t bytes = 0;
    for (std::size_t i = unread; i < log.size(); ++i) bytes += log[i].entry.message.size();
    for (const auto& [request, joining] : waiting) bytes += joining.key_package().size();
    peak_bytes = std::max(peak_bytes, bytes);
  }
}

void Stage::carry(ByteView sealed, const FrameInfo& info, bool raider, std::size_t from) {
  at_once(attendees, [&](std::size_t i, Attendee& attendee) {
    if (i == from || attendee.ended) return;
    Bytes out(sealed.size());
    const OpenedFrame opened = attendee.opener.open(info, sealed, out);
    if (!opened.opened()) return;
    ++(raider ? attendee.raiders_heard : attendee.honest_heard);
    attendee.last_heard[opened.sender] = now;
  });
}

}  // namespace conclave::raid
