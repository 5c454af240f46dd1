#include "keyboard.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>

namespace conclave::call {

bool owns_terminal() { return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp(); }

std::optional<std::string> typed_line() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (!owns_terminal() || ::poll(&input, 1, 0) <= 0) return std::nullopt;
  std::array<char, 4096> line{};  // as long as a terminal makes one
  const auto size = ::read(STDIN_FILENO, line.data(), line.size());
  return size > 0 ? std::string(line.data(), static_cast<std::size_t>(size)) : std::string();
}

void forget_typed() {
  if (owns_terminal()) ::tcflush(STDIN_FILENO, TCIFLUSH);
}

}  // namespace conclave::call
