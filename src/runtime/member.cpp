#include "runtime/member.h"

#include <poll.h>

#include <algorithm>

#include "runtime/steady_time.h"

namespace conclave::runtime {
namespace {

constexpr std::size_t pictures_waiting = 3;
constexpr std::size_t sounds_waiting = 25;

/// What is left until `deadline`, for ppoll(2).
timespec left_until(Time deadline, Time now) {
  const auto left = std::clamp<Duration>(deadline - now, Duration::zero(), std::chrono::hours(1));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  return {seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
}

}  // namespace

Member::Member(Conference conference, std::unique_ptr<DatagramPort> port, MemberPath path, ClientConfig config, bool hosting)
    : conference_(std::move(conference)),
      port_(std::move(port)),
      path_(std::move(path)),
      hosting_(hosting),
      video_(std::move(config.video), pictures_waiting, waker_),
      audio_(std::move(config.audio), sounds_waiting, waker_),
      presenter_(std::move(config.sinks)) {}

void Member::run() {
  const Time begun = steady_now();
  dial(begun);
  for (Time now = begun; !abandoned_.load() && !end_; now = steady_now()) {
    step(now);
    sleep(steady_now());
  }
  video_.stop();
  audio_.stop();
  const Time now = steady_now();
  tell_end(now);
  if (route_) route_->close(now);
  linger(now);
  publish(steady_now());
}

void Member::tell_end(Time now) {
  publish(now);
  {
    const std::lock_guard lock(shared_);
    ended_ = end_.value_or(ConferenceEnded{Error{ErrorCode::invalid_state, "the client was destroyed"}});
  }
  events_.close();
}

void Member::linger(Time since) {
  const Time until = since + goodbye_time;
  for (Time now = since; route_ && !route_->finished() && now < until; now = steady_now()) {
    waker_->clear();
    receive(now);
    route_->poll(now);
    transmit(now);
    await(std::min(until, route_->next_deadline()), steady_now());
  }
}

void Member::step(Time now) {
  waker_->clear();
  take_commands(now);
  look_up(now);
  receive(now);
  poll_path(now);
  take_media(now);
  if (auto code = safety_coder_.take()) handle(*std::move(code), now);
  if (!end_ && now >= conference_.next_deadline()) handle(Tick{}, now);
  transmit(now);
  if (now >= next_report_) publish(now);
}

void Member::take_commands(Time now) {
  while (auto command = commands_.pop()) {
    std::visit([&](auto& what) { handle(ConferenceInput(what), now); }, *command);
  }
  if (leave_asked_.exchange(false)) handle(ConferenceInput(LeaveConference{}), now);
}

void Member::look_up(Time now) {
  if (!resolver_) return;
  auto answer = resolver_->poll();
  if (!answer && now < give_up_looking_) return;
  resolver_.reset();
  if (!answer)
    return handle(TransportEvent(TransportClosed{{ErrorCode::unreachable, "the host's name was not found in time"}}),
                  now);
  if (!answer->ok()) return handle(TransportEvent(TransportClosed{answer->error()}), now);
  route_.emplace(std::move(*answer).value(), path_.dials, now, give_up_looking_);
  set_seated(seated_);
}

void Member::receive(Time now) {
  for (const auto& datagram : port_->receive()) {
    if (route_) route_->receive(datagram.from, datagram.bytes, now);
  }
}

void Member::poll_path(Time now) {
  if (!route_) return;
  for (auto& event : route_->poll(now)) handle(std::move(event), now);
  if (std::exchange(path_failed_, false)) {
    handle(TransportEvent(TransportClosed{{ErrorCode::connection_lost, "the relay does not take our messages"}}), now);
  }
}

void Member::take_media(Time now) {
  while (auto sound = audio_.pop()) handle(*std::move(sound), now);
  auto picture = video_.pop();
  more_pictures_ = picture.has_value();
  if (picture) handle(*std::move(picture), now);
  tell_source_ends();
}

void Member::tell_source_ends() {
  if (video_.take_end()) tell(SourceEnded{true, video_.error()});
  if (audio_.take_end()) tell(SourceEnded{false, audio_.error()});
}

void Member::transmit(Time now) {
  if (!route_) return;
  port_->send(route_->transmit(now));
}

void Member::sleep(Time now) {
  if (end_) return;
  Time deadline = std::min(next_report_, conference_.next_deadline());
  if (route_) deadline = std::min(deadline, route_->next_deadline());
  if (resolver_) deadline = std::min(deadline, give_up_looking_);
  if (more_pictures_) deadline = now;
  await(deadline, now);
}

void Member::await(Time deadline, Time now) {
  std::vector<pollfd> watched{{waker_->descriptor(), POLLIN, 0}, {port_->descriptor(), POLLIN, 0}};
  if (route_) route_->add_descriptors(watched);
  const timespec timeout = left_until(deadline, now);
  ::ppoll(watched.data(), watched.size(), &timeout, nullptr);
  if (deadline != never) latest_wakeup_ = std::max(latest_wakeup_, steady_now() - std::max(deadline, now));
}

void Member::handle(ConferenceInput input, Time now) {
  if (end_) return;
  for (auto& output : conference_.handle(std::move(input), now)) {
    std::visit([&](auto& what) { on(what, now); }, output);
  }
}

void Member::on(SendMessage& output, Time now) {
  auto* path = route_ ? route_->current() : nullptr;
  if (path != nullptr && !path->send_message(output.channel, output.message, now).ok()) path_failed_ = true;
}

void Member::on(SendMedia& output, Time now) {
  if (auto* path = route_ ? route_->current() : nullptr) static_cast<void>(path->send_media(output.packet, now));
}

void Member::on(SendFeedback& output, Time now) {
  if (auto* path = route_ ? route_->current() : nullptr) static_cast<void>(path->send_feedback(output.feedback, now));
}

void Member::on(CloseTransport&, Time now) {
  if (route_) route_->close(now);
}

/// Over the connection that stands already, if it was given up for that one; else from another port, and from whatever address this
/// machine has now.
void Member::on(Redial&, Time now) {
  path_failed_ = false;  // that was the old one
  if (route_ && route_->change_over(now)) {
    ++changes_;
    return;
  }
  changing_over_ = false;
  route_.reset();
  port_->renew();
  dial(now);
}

void Member::dial(Time now) {
  give_up_looking_ = now + path_.dials.timeout;
  resolver_.emplace(path_.host, path_.port, waker_);
}

void Member::on(ComputeSafetyCode& output, Time) { safety_coder_.ask(std::move(output)); }

void Member::on(ConferenceEnded& output, Time) { end_ = std::move(output); }

void Member::on(Joined& output, Time) {
  set_seated(true);
  if (!hosting_) start_capture();
  tell(output);
}

void Member::on(Reconnecting& output, Time) {
  output.changing_over = changing_over_ = route_ && route_->changing();
  set_seated(false);
  tell(output);
}

void Member::on(Reconnected& output, Time) {
  output.changed_over = changing_over_;
  set_seated(true);
  tell(output);
}

void Member::set_seated(bool seated) {
  seated_ = seated;
  if (route_) route_->set_seated(seated && path_.may_change);
}

void Member::on(MemberJoined& output, Time) {
  if (hosting_) start_capture();
  tell(std::move(output));
}

template <class Event>
void Member::on(Event& output, Time) {
  if constexpr (std::is_constructible_v<Presentable, Event>) {
    presenter_.offer(std::move(output));
  } else {
    tell(std::move(output));
  }
}

void Member::tell(ClientEvent event) {
  publish(steady_now());
  if (!events_.push(std::move(event))) ++events_lost_;
}

void Member::start_capture() {
  video_.start();
  audio_.start();
}

void Member::publish(Time now) {
  ClientReport report;
  report.conference = conference_.report();
  if (auto* path = route_ ? route_->current() : nullptr) {
    report.transport = path->counters();
    report.relay_transport = route_->kind();
    if (!port_->carried()) report.relay_address = address_text(*route_->address());
  }
  report.transport_changes = changes_;
  report.latest_wakeup = latest_wakeup_;
  report.video_captured = video_.captured();
  report.video_skipped = video_.skipped();
  report.audio_captured = audio_.captured();
  report.audio_skipped = audio_.skipped();
  report.media_unplayed = presenter_.dropped();
  report.events_lost = events_lost_;
  report.datagrams_sent = port_->sent();
  report.datagrams_received = port_->received();
  next_report_ = now + report_period;
  const std::lock_guard lock(shared_);
  report_ = std::move(report);
}

bool Member::post(MemberCommand command) {
  const bool taken = commands_.push(std::move(command));
  waker_->wake();
  return taken;
}

void Member::leave() {
  leave_asked_ = true;
  waker_->wake();
}

Result<void> Member::deliver(ByteView datagram) {
  auto taken = port_->deliver(datagram);
  if (taken.ok()) waker_->wake();
  return taken;
}

std::optional<ClientEvent> Member::wait(Duration timeout) {
  if (auto event = events_.pop_within(timeout)) return event;
  if (!events_.finished()) return std::nullopt;
  const std::lock_guard lock(shared_);
  auto ended = std::exchange(ended_, std::nullopt);
  return ended ? std::optional<ClientEvent>(*std::move(ended)) : std::nullopt;
}

ClientReport Member::report() const {
  const std::lock_guard lock(shared_);
  return report_;
}

void Member::abandon() {
  abandoned_.store(true);
  waker_->wake();
}

Result<void> Member::finish() { return presenter_.finish(); }

}  // namespace conclave::runtime
