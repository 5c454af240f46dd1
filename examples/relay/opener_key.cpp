#include "opener_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <iostream>

#include "conclave/relay_place.h"

namespace conclave::relay_program {
namespace {

std::string hexadecimal(const std::array<std::uint8_t, 32>& bytes) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

}  // namespace

int write_opener_key(const std::string& file) {
  const auto key = make_opener_key();
  const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (!key.ok() || out < 0) {
    std::cerr << "conclave-relay: the key cannot be written: is there such a file already?" << std::endl;
    return 1;
  }
  const std::string line = hexadecimal(key->seed) + "\n";
  const bool written = ::write(out, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  ::close(out);
  if (written) std::cout << hexadecimal(key->public_key) << std::endl;
  return written ? 0 : 1;
}

}  // namespace conclave::relay_program
