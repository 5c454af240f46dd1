// What the configuration file and the flags of conclave-relay say.
#pragma once

#include <string>
#include <variant>

#include "conclave/relay.h"

namespace conclave::relay_program {

struct Settings {
  RelayConfig relay;
  std::string advertise;            ///< host in the place that is printed; empty: the address listened at
  std::uint16_t metrics_port = 0;   ///< of 127.0.0.1; 0: off
  std::uint16_t drain_seconds = 60; ///< how long SIGTERM waits for meetings to end
  std::uint16_t summary_seconds = 60;  ///< between two summaries in the log; 0: none
  bool log_identifiers = false;     ///< addresses and room ids too
  bool sandbox = true;              ///< seccomp after the start
};

/// What is wrong, in a sentence.
struct SettingsError {
  std::string sentence;
};

/// Reads TOML over `settings`. A key that is unknown, of another type or out of range is an error.
std::variant<Settings, SettingsError> read_settings(const std::string& file, Settings settings);

}  // namespace conclave::relay_program
