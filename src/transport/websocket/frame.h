// WebSocket frames (RFC 6455 section 5), as far as this protocol uses them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conclave/bytes.h"

namespace conclave::transport::websocket {

/// RFC 6455 section 11.8. Continuations and text are never ours.
enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Status codes of a Close frame (RFC 6455 section 7.4.1). `application`: what stands above it is a number of `ErrorCode`.
enum class CloseCode : std::uint16_t { normal = 1000, protocol_error = 1002, not_binary = 1003, too_big = 1009, application = 4000 };

inline constexpr std::size_t max_frame_payload = 1200;  ///< of a binary frame; a longer one is refused by its head
inline constexpr std::size_t max_control_payload = 125;  ///< RFC 6455 section 5.5
inline constexpr std::size_t max_close_reason = max_control_payload - 2;

using MaskKey = std::array<std::uint8_t, 4>;

struct Frame {
  Opcode opcode = Opcode::binary;
  Bytes payload;
};

/// Appends a whole frame whose payload is `front` and `rest`; masked, as a client's must be, when there is a key.
void write_frame(Opcode opcode, ByteView front, ByteView rest, const std::optional<MaskKey>& mask, Bytes& out);

/// Cuts a byte stream into frames. Holds at most one frame, and none that is too large.
class FrameReader {
 public:
  enum class Verdict : std::uint8_t {
    good,
    malformed,   ///< reserved bits or opcodes, a fragment, a length in more bytes than it needs, masked or not against the rule
    not_binary,  ///< text
    oversized,
  };

  /// `masked`: what a server reads must be, what a client reads must not (RFC 6455 section 5.1).
  explicit FrameReader(bool masked) : masked_(masked) {}

  /// Appends the frames that are complete now. Anything but `good` is the end of the stream.
  Verdict push(ByteView bytes, std::vector<Frame>& complete);
  /// Part of a frame has arrived, and not the whole.
  [[nodiscard]] bool halfway() const { return !held_.empty(); }

 private:
  struct Head {
    Opcode opcode = Opcode::binary;
    std::size_t size = 0;     ///< of the head itself
    std::size_t payload = 0;
    MaskKey mask{};
  };
  Verdict read_head(ByteView bytes, std::optional<Head>& head) const;
  Verdict check(std::uint8_t first, std::uint8_t second) const;

  bool masked_;
  Bytes held_;
};

/// The payload of a Close frame.
Bytes close_payload(std::uint16_t code, std::string_view reason);
struct CloseNotice {
  std::uint16_t code = 1005;  ///< "no status" (RFC 6455 section 7.4.1)
  std::string reason;         ///< printable ASCII
};
/// Nothing when no peer may say that.
std::optional<CloseNotice> read_close(ByteView payload);

}  // namespace conclave::transport::websocket
