#include "doorkeeper.h"

#include <algorithm>
#include <utility>

#include "keyboard.h"
#include "terminal.h"

namespace conclave::call {
namespace {

std::string certified_text(const KnockReceived& knock) {
  return knock.verified_by.empty() ? "" : ", verified by " + quoted_name(knock.verified_by) + " as " + quoted_name(knock.certified_as) + ",";
}

/// Nobody answers a question sooner than this: what comes before was meant for another, whoever arranged that.
constexpr Duration reading_time = std::chrono::milliseconds(700);

}  // namespace

std::string acquaintance_text(const Recognition& recognition) {
  switch (recognition.acquaintance) {
    case Acquaintance::stranger: return "";
    case Acquaintance::known:
      if (recognition.verified) return ", whom you know and have verified";
      return recognition.remembered ? ", whom you know" : ", whom you have met before";
    case Acquaintance::renamed: return ", whom you know as " + quoted_name(recognition.known_as);
    case Acquaintance::key_changed: return ", under the name of " + quoted_name(recognition.known_as) + " but WITH ANOTHER KEY: a new device, or somebody else";
  }
  return "";
}

std::optional<std::string> CrowdAtTheDoor::one_more(std::string line, Time now) {
  if (passed_over_ == 0 && now >= since_ + period) {
    since_ = now;
    told_ = 0;
  }
  if (told_ < told_each) {
    ++told_;
    return line;
  }
  ++passed_over_;
  return rest(now);
}

std::optional<std::string> CrowdAtTheDoor::rest(Time now) {
  if (passed_over_ == 0 || now < since_ + period) return std::nullopt;
  since_ = now;
  const std::size_t count = std::exchange(passed_over_, 0);
  return std::to_string(count) + (count == 1 ? " more has" : " more have") + " knocked in vain";
}

void Doorkeeper::look(Time now) {
  if (const auto line = crowd_.rest(now)) status_.say(*line);
}

void Doorkeeper::tell_turned_away(std::string line) {
  if (const auto said = crowd_.one_more(std::move(line), monotonic_now())) status_.say(*said);
}

void Doorkeeper::knocked(const KnockReceived& knock) {
  if (admission_ == Admission::invited) return answer(knock, !knock.invited_as.empty());
  if (admission_ != Admission::ask) return answer(knock, admission_ == Admission::all);
  waiting_.push_back(knock);
  if (waiting_.size() == 1) ask_next();
}

void Doorkeeper::withdrawn(const KnockWithdrawn& knock) {
  const auto gone = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& each) { return each.knock_id == knock.knock_id; });
  if (gone == waiting_.end()) return;
  const bool asked = gone == waiting_.begin();
  if (asked) status_.answered();
  tell_turned_away(quoted_name(gone->display_name) + " knocked and has gone away");
  waiting_.erase(gone);
  if (asked) ask_next();
}

bool Doorkeeper::just_asked() const { return asking() && monotonic_now() < asked_at_ + reading_time; }

std::optional<DoorFilter> filter_named(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  if (line == "all") return DoorFilter::all;
  if (line == "invited") return DoorFilter::invited;
  if (line == "known") return DoorFilter::known;
  if (line == "none") return DoorFilter::none;
  return std::nullopt;
}

bool concerns(DoorFilter filter, const KnockReceived& knock) {
  if (filter == DoorFilter::none) return true;
  if (filter == DoorFilter::invited) return !knock.invited_as.empty();
  const bool doubtful = knock.borrowed_name || knock.recognition.acquaintance == Acquaintance::key_changed;
  return !doubtful && (filter == DoorFilter::all || knock.recognition.remembered);
}

/// The others go on waiting, and are asked about; so are those who came after the question was written.
void Doorkeeper::answer_all(DoorFilter filter) {
  std::deque<KnockReceived> others;
  for (const KnockReceived& knock : std::exchange(waiting_, {})) {
    if (asked_about_.contains(knock.knock_id) && concerns(filter, knock)) answer(knock, filter != DoorFilter::none);
    else others.push_back(knock);
  }
  waiting_ = std::move(others);
}

void Doorkeeper::answered(const std::string& line) {
  if (const auto filter = filter_named(line)) {
    status_.answered();
    answer_all(*filter);
    return ask_next();
  }
  const auto knock = waiting_.front();
  waiting_.pop_front();
  status_.answered();
  answer(knock, line.starts_with('y') || line.starts_with('Y'));
  ask_next();
}

void Doorkeeper::answer(const KnockReceived& knock, bool admit) {
  const std::string who = quoted_name(knock.display_name) + certified_text(knock);
  admit ? status_.say(who + " knocks and may come in") : tell_turned_away(who + " knocks and is turned away");
  admit ? client_.admit(knock.knock_id) : client_.refuse(knock.knock_id);
}

void Doorkeeper::ask_next() {
  if (waiting_.empty()) return;
  forget_typed();  // what was typed before the question is no answer to it
  asked_at_ = monotonic_now();
  asked_about_.clear();
  for (const KnockReceived& each : waiting_) asked_about_.insert(each.knock_id);
  const KnockReceived& knock = waiting_.front();
  const std::string invited = knock.invited_as.empty() ? "" : ", invited as " + quoted_name(knock.invited_as);
  const std::string warning = knock.borrowed_name ? ", under a NAME THAT SOMEBODY HERE HAS OR NOBODY MAY HAVE" : "";
  status_.ask(quoted_name(knock.display_name) + " knocks" + acquaintance_text(knock.recognition) + certified_text(knock) + invited + warning +
              (waiting_.size() > 1 ? ". Let them in? [y/N; of all " + std::to_string(waiting_.size()) + ": all, invited, known, none] " : ". Let them in? [y/N] "));
}

}  // namespace conclave::call
