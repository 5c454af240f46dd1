// Reading the working group's vectors (see ../shared/vectors/README.md).
#pragma once

#include <iostream>

#include "base/bytes.h"
#include "crypto/suite.h"
#include "support/shared.h"

namespace conclave::mls::test {

/// The hexadecimal string under `name`.
inline Bytes hex(const nlohmann::json& json) {
  auto bytes = from_hex(json.get<std::string>());
  REQUIRE(bytes.ok());
  return *bytes;
}
inline Bytes hex(const nlohmann::json& object, const char* name) { return hex(object.at(name)); }

inline const crypto::CipherSuite& suite_of(const nlohmann::json& object) {
  const auto* suite = crypto::find_suite(object.at("cipher_suite").get<std::uint16_t>());
  REQUIRE(suite != nullptr);
  return *suite;
}

/// Runs `check` on every case of a file and prints how many there were. A missing file skips the test, under CI it fails it.
template <class Check>
void for_each_case(const std::string& file, Check check) {
  const auto cases = conclave::test::shared_json("vectors/mls/" + file + ".json");
  if (cases.is_null()) return;
  std::size_t number = 0;
  for (const auto& each : cases) {
    INFO(file << " case " << number);
    check(each);
    ++number;
  }
  std::cout << file << ": " << number << " cases" << std::endl;
  CHECK(number > 0);
}

/// Compares with an expected hexadecimal string, readably.
inline bool same(ByteView actual, const nlohmann::json& expected) { return to_hex(actual) == expected.get<std::string>(); }

}  // namespace conclave::mls::test
