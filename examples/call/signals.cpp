#include "signals.h"

#include <signal.h>
#include <unistd.h>

#include <initializer_list>

namespace conclave::call {
namespace {

volatile sig_atomic_t signals_seen = 0;

void note(int) {
  if (signals_seen != 0) ::_exit(130);
  signals_seen = 1;
}

}  // namespace

void watch_signals() {
  struct sigaction action {};
  action.sa_handler = note;
  ::sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

bool leave_requested() { return signals_seen != 0; }

}  // namespace conclave::call
