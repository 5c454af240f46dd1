// How the call goes, while it goes.
#pragma once

#include <string>

#include "summary.h"

namespace conclave::call {

/// The status of `now` against that of a moment ago, in one line of any length.
std::string status_text(const Summary& now, const Summary& before, Duration between, std::optional<Duration> delay);

/// Messages and one status line below them, on standard error. On a terminal the line is redrawn in place; elsewhere it
/// is printed every ten seconds.
class StatusLine {
 public:
  StatusLine(bool terminal, bool quiet) : terminal_(terminal), quiet_(quiet) {}
  ~StatusLine() { clear(); }

  /// A message that stays, above the status line.
  void say(const std::string& message);
  /// The newest status.
  void show(const std::string& status, Time now);
  /// A question at the line's place, with the cursor behind it; the status waits until it is `answered`.
  void ask(const std::string& question);
  void answered() { question_.clear(); }
  void clear();

 private:
  bool terminal_;
  bool quiet_;
  bool drawn_ = false;
  std::string question_;
  Time printed_{};
};

}  // namespace conclave::call
