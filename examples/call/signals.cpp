#include "signals.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <initializer_list>

namespace conclave::call {
namespace {

constexpr long long same_signal_ms = 500;

volatile sig_atomic_t signals_seen = 0;
long long first_seen_ms = 0;  // the handler's alone

/// clock_gettime(2) is async-signal-safe (signal-safety(7)).
long long now_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<long long>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

void note(int) {
  if (signals_seen == 0) {
    first_seen_ms = now_ms();
    signals_seen = 1;
  } else if (now_ms() - first_seen_ms >= same_signal_ms) {
    ::_exit(130);
  }
}

}  // namespace

void watch_signals() {
  struct sigaction action {};
  action.sa_handler = note;
  ::sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&action.sa_mask, number);  // one at a time
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

bool leave_requested() { return signals_seen != 0; }

}  // namespace conclave::call
