#include "output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace conclave::call {

namespace fs = std::filesystem;

Result<void> check_writable(const std::string& path) {
  std::error_code unknown;
  int reason = 0;
  const int made = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (made >= 0) {
    ::close(made);
    ::unlink(path.c_str());
  } else if (fs::is_directory(path, unknown)) {
    reason = EISDIR;
  } else if (errno != EEXIST || ::access(path.c_str(), W_OK) != 0) {
    reason = errno;
  }
  if (reason == 0) return {};
  return Error{ErrorCode::io_error, "the file \"" + path + "\" cannot be written: " + std::strerror(reason)};
}

bool same_file(const std::string& one, const std::string& other) {
  std::error_code unknown;
  const auto status = fs::status(one, unknown);
  if (fs::exists(status) && !fs::is_regular_file(status)) return false;
  if (fs::equivalent(one, other, unknown)) return true;
  const auto whole = [&unknown](const std::string& path) { return fs::weakly_canonical(fs::absolute(path, unknown), unknown); };
  return whole(one) == whole(other);
}

std::optional<fs::file_time_type> FileWatch::written() const {
  std::error_code none;
  const auto time = fs::last_write_time(path_, none);
  return none ? std::nullopt : std::optional(time);
}

bool FileWatch::untouched() const {
  std::error_code unknown;
  const auto status = fs::status(path_, unknown);
  return (!fs::exists(status) || fs::is_regular_file(status)) && written() == before_;
}

}  // namespace conclave::call
