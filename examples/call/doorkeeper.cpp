#include "doorkeeper.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "terminal.h"

namespace conclave::call {
namespace {

/// In the background the terminal is somebody else's: touching its input would stop this process, and with it the call.
bool owns_terminal() { return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp(); }

/// What was typed, up to the return key; nothing when nobody has pressed it.
std::optional<std::string> typed_line() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (::poll(&input, 1, 0) <= 0) return std::nullopt;
  std::array<char, 256> line{};
  const auto size = ::read(STDIN_FILENO, line.data(), line.size());
  return size > 0 ? std::string(line.data(), static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

void Doorkeeper::knocked(const KnockReceived& knock) {
  if (admission_ != Admission::ask) return answer(knock, admission_ == Admission::all);
  waiting_.push_back(knock);
  if (waiting_.size() == 1) ask_next();
}

void Doorkeeper::withdrawn(const KnockWithdrawn& knock) {
  const auto gone = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& each) { return each.knock_id == knock.knock_id; });
  if (gone == waiting_.end()) return;
  const bool asked = gone == waiting_.begin();
  if (asked) status_.answered();
  status_.say(quoted_name(gone->display_name) + " knocked and has gone away");
  waiting_.erase(gone);
  if (asked) ask_next();
}

void Doorkeeper::look_for_answer() {
  if (waiting_.empty() || !owns_terminal()) return;
  const auto line = typed_line();
  if (!line) return;
  const auto knock = waiting_.front();
  waiting_.pop_front();
  status_.answered();
  answer(knock, line->starts_with('y') || line->starts_with('Y'));
  ask_next();
}

void Doorkeeper::answer(const KnockReceived& knock, bool admit) {
  status_.say(quoted_name(knock.display_name) + (admit ? " knocks and is let in" : " knocks and is turned away"));
  admit ? client_.admit(knock.knock_id) : client_.refuse(knock.knock_id);
}

void Doorkeeper::ask_next() {
  if (waiting_.empty()) return;
  if (owns_terminal()) ::tcflush(STDIN_FILENO, TCIFLUSH);  // what was typed before the question is no answer to it
  status_.ask(quoted_name(waiting_.front().display_name) + " knocks. Let them in? [y/N] ");
}

}  // namespace conclave::call
