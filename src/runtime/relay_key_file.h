// The relay's long-term key in a file.
#pragma once

#include <filesystem>

#include "transport/quic/relay_key.h"

namespace conclave::runtime {

/// Reads a PKCS #8 PEM file. `io_error` when it cannot be read, `malformed` when it holds no Ed25519 key.
Result<transport::quic::RelayKey> read_relay_key(const std::filesystem::path& file);

/// Writes it, mode 0600, whole or not at all. `io_error` when that fails.
Result<void> write_relay_key(const transport::quic::RelayKey& key, const std::filesystem::path& file);

/// The key in the file; where there is none, a new one, written there.
Result<transport::quic::RelayKey> relay_key_in(const std::filesystem::path& file);

}  // namespace conclave::runtime
