// Who may come in.
#pragma once

#include <deque>

#include "options.h"
#include "status_line.h"

namespace conclave::call {

/// Answers knocks as `--admit` says; asks on the terminal, one knock after the other.
class Doorkeeper {
 public:
  Doorkeeper(Admission admission, Client& client, StatusLine& status)
      : admission_(admission), client_(client), status_(status) {}

  void knocked(const KnockReceived& knock);
  /// Who knocked has gone: the question is taken back.
  void withdrawn(const KnockWithdrawn& knock);
  /// Reads the answer to an open question if somebody has typed one. Never blocks.
  void look_for_answer();

 private:
  void answer(const KnockReceived& knock, bool admit);
  void ask_next();

  Admission admission_;
  Client& client_;
  StatusLine& status_;
  std::deque<KnockReceived> waiting_;  ///< the first one has been asked about
  Time asked_at_{};
};

}  // namespace conclave::call
