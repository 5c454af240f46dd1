// The files that a call leaves behind.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "conclave/error.h"

namespace conclave::call {

/// Whether a file can be written at `path`: `io_error` with the reason if not. What stands there stays as it is.
Result<void> check_writable(const std::string& path);

/// Both names lead to one file, as far as can be told before it is made. Devices do not count: /dev/null takes all.
bool same_file(const std::string& one, const std::string& other);

/// Tells whether a file was written since this object was made.
class FileWatch {
 public:
  explicit FileWatch(std::string path) : path_(std::move(path)), before_(written()) {}
  /// False where it cannot be told: for pipes and devices.
  [[nodiscard]] bool untouched() const;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  [[nodiscard]] std::optional<std::filesystem::file_time_type> written() const;

  std::string path_;
  std::optional<std::filesystem::file_time_type> before_;  ///< nothing: there was no file
};

}  // namespace conclave::call
