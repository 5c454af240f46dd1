#include "runtime/dial_race.h"

#include <algorithm>

namespace conclave::runtime {
namespace {

int weight(ErrorCode code) {
  switch (code) {
    case ErrorCode::identity_mismatch: return 3;
    case ErrorCode::version_mismatch: return 2;
    case ErrorCode::unreachable: return 0;
    default: return 1;
  }
}

}  // namespace

DialRace::DialRace(std::vector<transport::Address> addresses, Dial dial, Time now, Time deadline, std::size_t guesses_from)
    : addresses_(std::move(addresses)), dial_(std::move(dial)), deadline_(deadline), next_attempt_(now), guesses_from_(guesses_from) {
  if (addresses_.size() > most_addresses) addresses_.resize(most_addresses);
  attempts_.reserve(addresses_.size());
}

bool DialRace::says_more(const Error& one, const Error& other) { return weight(one.code) > weight(other.code); }

/// Nobody would read those of the others: they would wake us without end.
void DialRace::add_descriptors(std::vector<pollfd>& out) const {
  if (over_) return;
  for (std::size_t index = 0; index < attempts_.size(); ++index) {
    const auto& attempt = attempts_[index];
    if (attempt.failed || index != winner_.value_or(index)) continue;
    const int descriptor = attempt.transport->descriptor();
    const short events = attempt.transport->wants_to_write() ? POLLIN | POLLOUT : POLLIN;
    if (descriptor >= 0) out.push_back({descriptor, events, 0});
  }
}

void DialRace::receive(const transport::Address& from, ByteView datagram, Time now) {
  for (auto& attempt : attempts_) {
    if (attempt.address == from && attempt.transport) return attempt.transport->receive(datagram, now);
  }
}

std::vector<transport::OutgoingPacket> DialRace::transmit(Time now) {
  std::vector<transport::OutgoingPacket> datagrams;
  for (auto& attempt : attempts_) {
    if (!attempt.transport) continue;
    for (auto& bytes : attempt.transport->transmit(now)) datagrams.push_back({attempt.address, std::move(bytes)});
  }
  drop_failed_sockets();
  return datagrams;
}

void DialRace::drop_failed_sockets() {
  for (auto& attempt : attempts_) {
    if (attempt.failed && attempt.transport && attempt.transport->descriptor() >= 0) attempt.transport.reset();
  }
}

std::vector<TransportEvent> DialRace::poll(Time now) {
  std::vector<TransportEvent> events;
  if (over_) return events;
  if (winner_) return attempts_[*winner_].transport->poll(now);
  start_due_attempts(now);
  for (std::size_t index = 0; index < attempts_.size() && !winner_; ++index) poll_attempt(index, now, events);
  if (winner_ || (!exhausted() && now < deadline_)) return events;
  over_ = true;
  close(now);
  events.emplace_back(TransportClosed{worst_.value_or(Error{ErrorCode::unreachable, "no answer in time"})});
  return events;
}

Time DialRace::next_deadline() const {
  if (over_) return never;
  if (winner_) return attempts_[*winner_].transport->next_deadline();
  Time next = deadline_;
  if (attempts_.size() < addresses_.size()) next = std::min(next, next_attempt_);
  for (const auto& attempt : attempts_) {
    if (!attempt.failed) next = std::min(next, attempt.transport->next_deadline());
  }
  return next;
}

std::optional<transport::Address> DialRace::address() const {
  return winner_ ? std::optional(attempts_[*winner_].address) : std::nullopt;
}

void DialRace::close(Time now) {
  over_ = over_ || !winner_;
  for (auto& attempt : attempts_) {
    if (attempt.transport) attempt.transport->close(now);
  }
}

bool DialRace::finished() const {
  return std::all_of(attempts_.begin(), attempts_.end(),
                     [](const Attempt& attempt) { return !attempt.transport || attempt.transport->finished(); });
}

void DialRace::start_due_attempts(Time now) {
  while (attempts_.size() < addresses_.size() && now >= next_attempt_) {
    const auto& address = addresses_[attempts_.size()];
    attempts_.push_back({address, dial_(address, now)});
    next_attempt_ = now + stagger;
  }
}

void DialRace::poll_attempt(std::size_t index, Time now, std::vector<TransportEvent>& events) {
  auto& attempt = attempts_[index];
  if (attempt.failed) return;
  for (auto& event : attempt.transport->poll(now)) {
    if (const auto* closed = std::get_if<TransportClosed>(&event); closed != nullptr && !winner_)
      return fail(index, closed->error, now);
    if (std::holds_alternative<TransportConnected>(event)) settle(index, now);
    events.push_back(std::move(event));
  }
}

void DialRace::fail(std::size_t index, const Error& error, Time now) {
  attempts_[index].failed = true;
  const Error told = index < guesses_from_ ? error : Error{ErrorCode::unreachable, error.detail};
  if (!worst_ || says_more(told, *worst_)) worst_ = told;
  next_attempt_ = now;
}

void DialRace::settle(std::size_t index, Time now) {
  winner_ = index;
  for (auto& attempt : attempts_) {
    if (&attempt != &attempts_[index] && attempt.transport) attempt.transport->close(now);
  }
}

bool DialRace::exhausted() const {
  return attempts_.size() == addresses_.size() &&
         std::all_of(attempts_.begin(), attempts_.end(), [](const Attempt& attempt) { return attempt.failed; });
}

}  // namespace conclave::runtime
