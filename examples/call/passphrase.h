// The passphrase of an identity: from a file, a descriptor, or somebody at the terminal. Never from the command line, which every program can read.
#pragma once

#include <string>
#include <string_view>

#include "conclave/bytes.h"
#include "conclave/error.h"

namespace conclave::call {

/// Text that is wiped when it goes. Move-only.
class Passphrase {
 public:
  Passphrase() { text_.reserve(max_size); }  // grows in place: no copy stays behind
  Passphrase(Passphrase&& other) noexcept : text_(std::move(other.text_)) {}
  Passphrase& operator=(Passphrase&&) = delete;
  ~Passphrase();

  static constexpr std::size_t max_size = 1'024;
  void add(char c) { text_.push_back(c); }
  /// The last character of UTF-8.
  void drop_last() {
    while (!text_.empty() && (static_cast<unsigned char>(text_.back()) & 0xc0U) == 0x80U) text_.pop_back();
    if (!text_.empty()) text_.pop_back();
  }
  /// Of a line that was written on another system.
  void drop_carriage_return() {
    if (!text_.empty() && text_.back() == '\r') text_.pop_back();
  }
  [[nodiscard]] bool full() const { return text_.size() >= max_size; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] bool same_as(const Passphrase& other) const { return text_ == other.text_; }
  [[nodiscard]] ByteView bytes() const { return {reinterpret_cast<const std::uint8_t*>(text_.data()), text_.size()}; }

 private:
  std::string text_;
};

/// The first line of a file. `io_error` when it cannot be read, `invalid_argument` when the line is empty or longer than 1,024 bytes.
Result<Passphrase> passphrase_in(const std::string& file);
/// The same from a descriptor that is open; it is left open.
Result<Passphrase> passphrase_from(int descriptor);
/// Asks on the terminal, without showing what is typed. `io_error` without a terminal, `refused` when it is given up with ctrl-C or ctrl-D.
Result<Passphrase> ask_passphrase(std::string_view question);

}  // namespace conclave::call
