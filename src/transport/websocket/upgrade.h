// The HTTP request that opens a WebSocket, and its answer (RFC 6455 section 4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "conclave/bytes.h"
#include "crypto/random.h"

namespace conclave::transport::websocket {

inline constexpr std::string_view upgrade_path = "/conclave/1";
inline constexpr std::string_view subprotocol = "conclave.1";
/// Of a whole request or answer, with the empty line at its end. A longer one is refused when so much has arrived.
inline constexpr std::size_t max_head_size = 2048;

/// A fresh key for `Sec-WebSocket-Key`: 16 random bytes in base64.
std::string new_upgrade_key(crypto::Random& random);
/// What the answer must say to a key: proof that who answers speaks WebSocket and did so now. `internal` without memory.
Result<std::string> accept_value(std::string_view key);

std::string upgrade_request(std::string_view key);
std::string upgrade_answer(std::string_view accept);

/// A request that is none of ours, as an HTTP status: 400, 404, 405, 426 (no WebSocket, or none of this version), 431.
struct Refusal {
  unsigned status = 400;
};
std::string refusal_answer(const Refusal& refusal);

/// Collects a head until its empty line. `take` returns how many bytes of `bytes` belong to it.
class HeadReader {
 public:
  [[nodiscard]] std::size_t take(ByteView bytes);
  [[nodiscard]] bool complete() const { return complete_; }
  [[nodiscard]] bool oversized() const { return !complete_ && text_.size() >= max_head_size; }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string text_;
  bool complete_ = false;
};

/// The key of a request that asks for our protocol; else why not. `head` is whole.
struct RequestVerdict {
  std::string key;  ///< empty when refused
  Refusal refusal;
};
RequestVerdict read_upgrade_request(std::string_view head);

/// `version_mismatch` when the relay speaks another version, `refused` when it has no room, `connection_lost` when it is no relay.
Result<void> read_upgrade_answer(std::string_view head, std::string_view key);

}  // namespace conclave::transport::websocket
