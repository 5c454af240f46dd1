#include "runtime/route.h"

#include <algorithm>

namespace conclave::runtime {
namespace {

constexpr Duration retirement = std::chrono::seconds(2);
constexpr Duration tcp_pause = std::chrono::seconds(1);  ///< between two tries of TCP while UDP is silent

}  // namespace

Route::Route(std::vector<transport::Address> addresses, RouteDials dials, Time now, Time deadline)
    : addresses_(std::move(addresses)), dials_(std::move(dials)) {
  if (dials_.quic) quic_.emplace(addresses_, dials_.quic, now, deadline);
  if (dials_.websocket) tcp_.emplace(tcp_addresses(), dials_.websocket, quic_ ? now + head_start : now, deadline, certain_addresses());
}

/// That many of `tcp_addresses` are the link's own.
std::size_t Route::certain_addresses() const { return std::min(addresses_.size(), DialRace::most_addresses / 2); }

/// Each address at its own port, then all at the one that is open nearly everywhere.
std::vector<transport::Address> Route::tcp_addresses() const {
  auto all = addresses_;
  all.resize(certain_addresses());
  for (std::size_t i = 0, count = all.size(); i < count; ++i) {
    if (all[i].port != open_port) all.push_back({all[i].ip, open_port});
  }
  return all;
}

template <class Do>
void Route::each_race(Do action) {
  for (auto* one : {&quic_, &tcp_, &current_, &former_, &spare_}) {
    if (*one) action(**one);
  }
  for (auto& one : retired_) action(one.race);
}

void Route::receive(const transport::Address& from, ByteView datagram, Time now) {
  each_race([&](DialRace& one) { one.receive(from, datagram, now); });
}

std::vector<transport::OutgoingPacket> Route::transmit(Time now) {
  std::vector<transport::OutgoingPacket> all;
  each_race([&](DialRace& one) {
    for (auto& packet : one.transmit(now)) all.push_back(std::move(packet));
  });
  return all;
}

std::vector<TransportEvent> Route::poll(Time now) {
  std::vector<TransportEvent> events;
  for (auto& one : retired_) (void)one.race.poll(now);
  std::erase_if(retired_, [&](const Retired& one) { return now >= one.until || one.race.finished(); });
  poll_former(now);
  if (over_ && current_) (void)current_->poll(now);  // its last words
  if (over_ || changing_) return events;
  if (std::exchange(connected_, false)) events.emplace_back(TransportConnected{});
  if (current_) {
    for (auto& event : current_->poll(now)) {
      over_ = over_ || std::holds_alternative<TransportClosed>(event);
      events.push_back(std::move(event));
    }
    if (over_) retire(spare_, now);
    else look_around(now, events);
    return events;
  }
  if (quic_) race(*quic_, RelayTransport::quic, now, events);
  if (tcp_ && !current_) race(*tcp_, RelayTransport::websocket, now, events);
  if (current_ || quic_ || tcp_) return events;
  over_ = true;
  events.emplace_back(TransportClosed{worst_.value_or(Error{ErrorCode::unreachable, "no address"})});
  return events;
}

/// One of the two at the beginning.
void Route::race(DialRace& runner, RelayTransport kind, Time now, std::vector<TransportEvent>& events) {
  for (auto& event : runner.poll(now)) {
    if (const auto* closed = std::get_if<TransportClosed>(&event); closed != nullptr && !current_) {
      if (!worst_ || !DialRace::says_more(*worst_, closed->error)) worst_ = closed->error;
      retire(kind == RelayTransport::quic ? quic_ : tcp_, now);
      return;
    }
    if (std::holds_alternative<TransportConnected>(event)) settle(kind, now);
    events.push_back(std::move(event));
  }
}

void Route::settle(RelayTransport kind, Time now) {
  auto& winner = kind == RelayTransport::quic ? quic_ : tcp_;
  current_ = std::move(*winner);
  winner.reset();
  retire(quic_, now);
  retire(tcp_, now);
  carry(kind, now);
}

void Route::carry(RelayTransport kind, Time now) {
  kind_ = kind;
  carries_since_ = now;
  if (kind == RelayTransport::quic) next_probe_ = Time{};  // whenever it is needed
  else next_probe_ = dials_.quic ? now + probe_interval_ : never;
}

void Route::retire(std::optional<DialRace>& race, Time now) {
  if (!race) return;
  race->close(now);
  retired_.push_back({std::move(*race), now + retirement});
  race.reset();
}

// ---- the change ----

/// What we sent over UDP is not answered: the relay may be gone, or the way to it.
bool Route::unheard(Time now) const {
  const Time since = current_->winner()->unanswered_since();
  return since != never && now >= since + patience;
}

void Route::look_around(Time now, std::vector<TransportEvent>& events) {
  if (!seated_) return drop_spare(now);
  if (kind_ == RelayTransport::quic) {
    if (!dials_.websocket) return;
    if (!unheard(now)) return drop_spare(now);
  }
  if (spare_) poll_spare(now);
  else if (now >= next_probe_) begin_spare(now);
  if (!spare_ || spare_->winner() == nullptr) return;
  changing_ = true;
  events.emplace_back(TransportClosed{{ErrorCode::connection_lost, kind_ == RelayTransport::quic ? "UDP does not get through any more" : "UDP gets through again"}});
}

void Route::begin_spare(Time now) {
  const bool to_quic = kind_ == RelayTransport::websocket;
  spare_.emplace(to_quic ? addresses_ : tcp_addresses(), to_quic ? dials_.quic : dials_.websocket, now, now + dials_.timeout,
                 to_quic ? DialRace::most_addresses : certain_addresses());
  poll_spare(now);
}

/// Its events are ours: nobody else knows that it is there.
void Route::poll_spare(Time now) {
  for (const auto& event : spare_->poll(now)) {
    if (std::holds_alternative<TransportClosed>(event)) return drop_spare(now);
  }
}

void Route::drop_spare(Time now) {
  if (!spare_) return;
  retire(spare_, now);
  next_probe_ = now + tcp_pause;
  if (kind_ != RelayTransport::websocket) return;
  probe_interval_ = std::min(2 * probe_interval_, longest_probe);
  next_probe_ = now + probe_interval_;
}

/// Says goodbye when nothing hangs on it any more: a relay may take its end for that of our seat, until we have that over the other.
void Route::poll_former(Time now) {
  if (!former_) return;
  const auto events = former_->poll(now);
  const bool ended = std::ranges::any_of(events, [](const auto& event) { return std::holds_alternative<TransportClosed>(event); });
  if (ended || seated_) retire(former_, now);
}

bool Route::change_over(Time now) {
  if (!std::exchange(changing_, false) || !spare_ || spare_->winner() == nullptr) return false;
  const bool lasted = now >= carries_since_ + steady_after;
  if (kind_ == RelayTransport::quic) probe_interval_ = lasted ? first_probe : std::min(2 * probe_interval_, longest_probe);
  const RelayTransport next = other();
  former_ = std::exchange(current_, std::move(spare_));
  spare_.reset();
  carry(next, now);
  connected_ = true;
  return true;
}

// ---- time and the end ----

Time Route::next_deadline() const {
  Time next = never;
  for (const auto* one : {&quic_, &tcp_, &current_, &former_, &spare_}) {
    if (!changing_ && *one) next = std::min(next, (*one)->next_deadline());  // until the change nobody polls them
  }
  for (const auto& one : retired_) next = std::min({next, one.until, one.race.next_deadline()});
  if (connected_ || (former_ && seated_)) return Time{};
  if (!current_ || !seated_ || over_ || changing_) return next;
  if (spare_) return next;
  if (kind_ == RelayTransport::websocket) return std::min(next, next_probe_);
  const Time since = current_->winner()->unanswered_since();
  return since == never || !dials_.websocket ? next : std::min(next, std::max(since + patience, next_probe_));
}

void Route::add_descriptors(std::vector<pollfd>& out) const {
  for (const auto* one : {&quic_, &tcp_, &current_, &former_, &spare_}) {
    if (!changing_ && *one) (*one)->add_descriptors(out);
  }
  for (const auto& one : retired_) one.race.add_descriptors(out);
}

void Route::close(Time now) {
  for (auto* one : {&quic_, &tcp_, &current_, &former_, &spare_}) {
    if (*one) (*one)->close(now);
  }
}

bool Route::finished() const { return !current_ || current_->finished(); }

}  // namespace conclave::runtime
