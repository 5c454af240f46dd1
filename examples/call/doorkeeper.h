// Who may come in.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string_view>

#include "options.h"
#include "status_line.h"

namespace conclave::call {

/// What our contacts say of somebody, to follow the name; empty for a stranger.
std::string acquaintance_text(const Recognition& recognition);

/// Several at once: what can be typed in answer to a question at the door instead of yes or no.
enum class DoorFilter { all, invited, known, none };

/// The filter of this name; nothing when the line is another answer.
std::optional<DoorFilter> filter_named(std::string_view line);
/// Whether the filter is about this knock. `none` is about all: it lets nobody in. `all` and `known` are not about borrowed names and changed keys: these are asked about.
bool concerns(DoorFilter filter, const KnockReceived& knock);

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
  void answer_all(DoorFilter filter);
  void ask_next();

  Admission admission_;
  Client& client_;
  StatusLine& status_;
  std::deque<KnockReceived> waiting_;  ///< the first one has been asked about
  std::set<std::uint64_t> asked_about_;  ///< who waited when the question was written
  Time asked_at_{};
};

}  // namespace conclave::call
