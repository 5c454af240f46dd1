// Who may come in.
#pragma once

#include <deque>

#include "options.h"
#include "status_line.h"

namespace conclave::call {

/// What our contacts say of somebody, to follow the name; empty for a stranger.
std::string acquaintance_text(const Recognition& recognition);

/// Answers knocks as `--admit` says; asks on the terminal, one knock after the other.
class Doorkeeper {
 public:
  Doorkeeper(Admission admission, Client& client, StatusLine& status)
      : admission_(admission), client_(client), status_(status) {}

  void knocked(const KnockReceived& knock);
  /// Who knocked has gone: the question is taken back.
  void withdrawn(const KnockWithdrawn& knock);
  /// A question is open: what is typed answers it.
  [[nodiscard]] bool asking() const { return !waiting_.empty(); }
  /// Sooner than anybody can read it: what is typed now is no answer, and to be thrown away.
  [[nodiscard]] bool just_asked() const;
  void answered(const std::string& line);

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
