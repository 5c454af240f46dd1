#include "signals.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace conclave::call {
namespace {

constexpr auto same_signal = std::chrono::milliseconds(500);

std::atomic<bool> leaving{false};

sigset_t leaving_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM}) ::sigaddset(&set, number);
  struct sigaction hangup {};
  const bool ignored = ::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler == SIG_IGN;
  if (!ignored) ::sigaddset(&set, SIGHUP);  // as under nohup(1): once blocked, it would be taken all the same
  return set;
}

void wait_for_signal(const sigset_t& set) {
  int number = 0;
  while (::sigwait(&set, &number) != 0) {
  }
}

void take_signals() {
  const auto set = leaving_signals();
  wait_for_signal(set);
  const auto first = std::chrono::steady_clock::now();
  leaving = true;
  do wait_for_signal(set);
  while (std::chrono::steady_clock::now() - first < same_signal);
  ::_exit(130);
}

}  // namespace

void watch_signals() {
  const auto set = leaving_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  std::thread(take_signals).detach();
}

bool leave_requested() { return leaving; }

}  // namespace conclave::call
