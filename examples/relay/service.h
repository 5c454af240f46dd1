// The life of conclave-relay: start, signals, end.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "command_line.h"
#include "conclave/relay.h"
#include "status_endpoint.h"

namespace conclave::relay_program {

/// Keeps the signals that `Service` waits for from every thread. To be called before any thread starts.
void hold_signals();

class Service {
 public:
  explicit Service(RunRelay run) : run_(std::move(run)) {}

  /// Returns the exit code when a signal has ended it.
  int run();

 private:
  bool start();
  void wait();
  /// False when it is over.
  bool on_signal(int number);
  void reload();
  void summarise();
  void tell_notes();
  [[nodiscard]] std::string place() const;

  RunRelay run_;
  std::optional<RelayService> relay_;
  std::atomic<bool> draining_ = false;
  std::optional<Time> drained_;
  Time summary_due_{};
  std::unique_ptr<StatusEndpoint> status_;
};

}  // namespace conclave::relay_program
