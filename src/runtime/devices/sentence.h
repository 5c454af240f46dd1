// Pieces of the sentences that errors are told in.
#pragma once

#include <filesystem>
#include <string>

namespace conclave::runtime {

/// The path between quotation marks.
inline std::string in_quotes(const std::filesystem::path& path) {
  std::string text = path.string();
  text.insert(text.begin(), '"');
  text.push_back('"');
  return text;
}

}  // namespace conclave::runtime
