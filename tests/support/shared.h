// The public vectors and media that stand beside the checkout.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace conclave::test {

/// The path of a shared file, or an empty path after saying that the test is skipped. Under CI its absence is a failure.
inline std::filesystem::path shared_file(const std::string& name) {
  const auto path = std::filesystem::path(CONCLAVE_SHARED_DIR) / name;
  if (std::filesystem::exists(path)) return path;
  if (std::getenv("CI") != nullptr && std::getenv("CONCLAVE_WITHOUT_SHARED") == nullptr) {
    FAIL("missing under CI: " << path);
  }
  std::cout << "SKIPPED: no " << path << std::endl;
  return {};
}

/// Parses a shared JSON file; null when the test is skipped.
inline nlohmann::json shared_json(const std::string& name) {
  const auto path = shared_file(name);
  if (path.empty()) return nullptr;
  std::ifstream in(path);
  return nlohmann::json::parse(in);
}

}  // namespace conclave::test
