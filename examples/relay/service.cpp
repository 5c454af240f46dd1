#include "service.h"

#include <signal.h>

#include <iostream>
#include <map>

#include "conclave/client.h"
#include "journal.h"
#include "metrics_text.h"
#include "sandbox.h"

namespace conclave::relay_program {
namespace {

constexpr int cannot_run = 1;
constexpr timespec look_around{0, 250'000'000};

sigset_t our_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGHUP, SIGTERM, SIGINT}) sigaddset(&set, number);
  return set;
}

}  // namespace

void hold_signals() {
  const sigset_t set = our_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a failed write, not the end
}

int Service::run() {
  if (!start()) return cannot_run;
  wait();
  status_.reset();
  relay_->stop();
  journal("stopped");
  return 0;
}

bool Service::start() {
  auto started = RelayService::start(run_.settings.relay);
  if (!started.ok()) {
    journal("cannot start", {{"reason", started.error().detail}});
    return false;
  }
  relay_.emplace(std::move(started).value());
  try {
    if (run_.settings.metrics_port != 0) {
      status_ = std::make_unique<StatusEndpoint>(
          run_.settings.metrics_port,
          StatusEndpoint::Source{[this] { return metrics_text(relay_->metrics()); }, [this] { return !draining_; }});
    }
  } catch (const std::exception&) {
    journal("cannot start", {{"reason", "the metrics port is taken"}});
    return false;
  }
  if (run_.settings.sandbox && !enter_sandbox()) {
    journal("cannot start", {{"reason", "system calls cannot be filtered here; --no-sandbox goes without"}});
    return false;
  }
  std::cout << place() << std::endl;
  journal("listening", {{"port", std::to_string(relay_->port())}});
  return true;
}

std::string Service::place() const {
  const auto& settings = run_.settings;
  RelayPlace place{settings.advertise.empty() ? settings.relay.listen : settings.advertise, relay_->port(), relay_->key_hash()};
  return place.text();
}

void Service::wait() {
  const sigset_t set = our_signals();
  for (;;) {
    const int number = ::sigtimedwait(&set, nullptr, &look_around);
    if (number > 0 && !on_signal(number)) return;
    tell_notes();
    summarise();
    if (drained_ && (monotonic_now() >= *drained_ || relay_->rooms() == 0)) return;
  }
}

bool Service::on_signal(int number) {
  if (number == SIGHUP) {
    reload();
    return true;
  }
  if (draining_) return false;
  draining_ = true;
  relay_->drain();
  drained_ = monotonic_now() + std::chrono::seconds(run_.settings.drain_seconds);
  journal("draining", {{"rooms", std::to_string(relay_->rooms())}});
  return true;
}

/// A file that is wrong now changes nothing.
void Service::reload() {
  auto again = read_command_line(run_.arguments);
  const auto* run = std::get_if<RunRelay>(&again);
  if (run == nullptr) {
    const auto* error = std::get_if<EndAtOnce>(&again);
    return journal("not reloaded", {{"reason", error != nullptr ? error->text : "another command"}});
  }
  const auto done = relay_->reload(run->settings.relay);
  if (!done.ok()) return journal("not reloaded", {{"reason", done.error().detail}});
  run_.settings = run->settings;
  journal("reloaded");
}

void Service::summarise() {
  const Time now = monotonic_now();
  if (run_.settings.summary_seconds == 0 || now < summary_due_) return;
  const bool first = summary_due_ == Time{};
  summary_due_ = now + std::chrono::seconds(run_.settings.summary_seconds);
  if (first) return;
  std::map<std::string, double> sums;
  for (const auto& metric : relay_->metrics()) sums[metric.name] += metric.value;
  const auto text = [&sums](const char* name) { return std::to_string(static_cast<std::uint64_t>(sums[name])); };
  journal("summary", {{"connections", text("connections")},
                      {"rooms", text("rooms")},
                      {"rooms_opened", text("rooms_opened_total")},
                      {"admissions", text("admissions_total")},
                      {"media_forwarded", text("media_forwarded_total")},
                      {"connections_refused", text("connections_refused_total")},
                      {"rooms_refused", text("rooms_refused_total")},
                      {"datagrams_dropped", text("datagrams_dropped_total")},
                      {"datagrams_unsent", text("datagrams_unsent_total")}});
}

void Service::tell_notes() {
  if (!run_.settings.log_identifiers) return;
  for (const auto& note : relay_->take_notes()) journal(note.event, {{"address", note.address}, {"room", note.room}});
}

}  // namespace conclave::relay_program
