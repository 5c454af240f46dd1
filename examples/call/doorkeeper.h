// Who may come in.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
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

/// Who is turned away is told, but a crowd does not fill the screen: of more than a few within a while only the number is.
class CrowdAtTheDoor {
 public:
  static constexpr std::size_t told_each = 3;
  static constexpr Duration period = std::chrono::seconds(10);

  /// What to say of one more, if anything.
  std::optional<std::string> one_more(std::string line, Time now);
  /// What to say of those who were passed over, once the while is over.
  std::optional<std::string> rest(Time now);

 private:
  Time since_{};
  std::size_t told_ = 0;
  std::size_t passed_over_ = 0;
};

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
  /// Says what is due, now and then.
  void look(Time now);

 private:
  void tell_turned_away(std::string line);
  void answer(const KnockReceived& knock, bool admit);
  void answer_all(DoorFilter filter);
  void ask_next();

  Admission admission_;
  Client& client_;
  StatusLine& status_;
  std::deque<KnockReceived> waiting_;  ///< the first one has been asked about
  std::set<std::uint64_t> asked_about_;  ///< who waited when the question was written
  Time asked_at_{};
  CrowdAtTheDoor crowd_;
};

}  // namespace conclave::call
