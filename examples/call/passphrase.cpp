#include "passphrase.h"

#include <fcntl.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "terminal.h"

namespace conclave::call {
namespace {

/// A descriptor that is closed with it.
struct Opened {
  int descriptor;
  explicit Opened(int number) : descriptor(number) {}
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  ~Opened() {
    if (descriptor >= 0) ::close(descriptor);
  }
};

/// A terminal that shows nothing and sends no signals, for as long as this exists: a ctrl-C in between would leave it silent.
class Silence {
 public:
  explicit Silence(int terminal) : terminal_(terminal), changed_(::tcgetattr(terminal, &before_) == 0) {
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG | ICANON);
    silent.c_cc[VMIN] = 1;
    silent.c_cc[VTIME] = 0;
    changed_ = changed_ && ::tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (changed_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  [[nodiscard]] bool holds() const { return changed_; }

 private:
  int terminal_;
  termios before_{};
  bool changed_;
};

ssize_t read_one(int descriptor, char& c) {
  ssize_t got = -1;
  do got = ::read(descriptor, &c, 1);
  while (got < 0 && errno == EINTR);
  return got;
}

void show(int terminal, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(terminal, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

constexpr char interrupt = 3, end_of_input = 4, backspace = 8, erase = 127;

}  // namespace

Passphrase::~Passphrase() { ::explicit_bzero(text_.data(), text_.capacity()); }

Result<Passphrase> passphrase_from(int descriptor) {
  Passphrase typed;
  char c = 0;
  ssize_t got = 0;
  while ((got = read_one(descriptor, c)) == 1 && c != '\n') {
    if (typed.full()) return Error{ErrorCode::invalid_argument, "the passphrase is longer than 1,024 bytes"};
    typed.add(c);
  }
  typed.drop_carriage_return();
  if (got < 0) return Error{ErrorCode::io_error, std::string("the passphrase cannot be read: ") + std::strerror(errno)};
  if (typed.empty()) return Error{ErrorCode::invalid_argument, "the passphrase is empty"};
  return typed;
}

Result<Passphrase> passphrase_in(const std::string& file) {
  const Opened opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.descriptor < 0) return Error{ErrorCode::io_error, "the passphrase file \"" + terminal_text(file) + "\" cannot be read"};
  return passphrase_from(opened.descriptor);
}

Result<Passphrase> ask_passphrase(std::string_view question) {
  const Opened terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (terminal.descriptor < 0) return Error{ErrorCode::io_error, "there is no terminal to ask for the passphrase on: give --passphrase-file or --passphrase-fd"};
  const Silence silence(terminal.descriptor);
  if (!silence.holds()) return Error{ErrorCode::io_error, "the terminal cannot be kept from showing the passphrase"};
  show(terminal.descriptor, question);
  Passphrase typed;
  char c = 0;
  ssize_t got = 0;
  while ((got = read_one(terminal.descriptor, c)) == 1 && c != '\n' && c != '\r' && c != interrupt && !(c == end_of_input && typed.empty())) {
    if (c == erase || c == backspace) typed.drop_last();
    else if (!typed.full()) typed.add(c);
  }
  show(terminal.descriptor, "\n");
  if (got != 1 || c == interrupt || c == end_of_input) return Error{ErrorCode::refused, "no passphrase was given"};
  if (typed.empty()) return Error{ErrorCode::invalid_argument, "the passphrase is empty"};
  return typed;
}

}  // namespace conclave::call
