#include "transport/websocket/frame.h"

#include <algorithm>
#include <utility>

#include "transport/byte_io.h"

namespace conclave::transport::websocket {
namespace {

constexpr std::uint8_t final_fragment = 0x80;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t two_byte_length = 126;
constexpr std::uint8_t eight_byte_length = 127;

bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

bool is_known(std::uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

void apply(const MaskKey& key, std::uint8_t* bytes, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes[i] ^= key[i % key.size()];
}

}  // namespace

void write_frame(Opcode opcode, ByteView front, ByteView rest, const std::optional<MaskKey>& mask, Bytes& out) {
  const std::size_t size = front.size() + rest.size();
  const std::uint8_t masked = mask ? mask_bit : 0;
  out.push_back(final_fragment | static_cast<std::uint8_t>(opcode));
  if (size < two_byte_length) {
    out.push_back(masked | static_cast<std::uint8_t>(size));
  } else {
    out.push_back(masked | two_byte_length);
    append(out, size, 2);
  }
  if (mask) out.insert(out.end(), mask->begin(), mask->end());
  const std::size_t begin = out.size();
  out.insert(out.end(), front.begin(), front.end());
  out.insert(out.end(), rest.begin(), rest.end());
  if (mask) apply(*mask, out.data() + begin, size);
}

FrameReader::Verdict FrameReader::push(ByteView bytes, std::vector<Frame>& complete) {
  Bytes joined;
  if (!held_.empty()) {  // what stood halfway, and behind it what came now
    joined = std::exchange(held_, {});
    joined.insert(joined.end(), bytes.begin(), bytes.end());
    bytes = joined;
  }
  while (!bytes.empty()) {
    std::optional<Head> head;
    const Verdict verdict = read_head(bytes, head);
    if (verdict != Verdict::good) return verdict;
    if (!head || bytes.size() - head->size < head->payload) break;
    const ByteView payload = bytes.subspan(head->size, head->payload);
    Frame& frame = complete.emplace_back(Frame{head->opcode, Bytes(payload.begin(), payload.end())});
    if (masked_) apply(head->mask, frame.payload.data(), frame.payload.size());
    bytes = bytes.subspan(head->size + head->payload);
  }
  held_.assign(bytes.begin(), bytes.end());
  return Verdict::good;
}

/// The head, once all of it is there. What is wrong is said as soon as the bytes that say it are.
FrameReader::Verdict FrameReader::read_head(ByteView bytes, std::optional<Head>& head) const {
  if (bytes.size() < 2) return check(bytes[0], masked_ ? mask_bit : 0);
  const Verdict verdict = check(bytes[0], bytes[1]);
  if (verdict != Verdict::good) return verdict;
  Head read{static_cast<Opcode>(bytes[0] & 0x0f), 2, static_cast<std::size_t>(bytes[1] & 0x7f), {}};
  if (read.payload == eight_byte_length) return Verdict::oversized;
  if (read.payload == two_byte_length) {
    if (bytes.size() < 4) return Verdict::good;
    read.payload = static_cast<std::size_t>(get(bytes.data() + 2, 2));
    read.size = 4;
    if (read.payload < two_byte_length) return Verdict::malformed;  // RFC 6455 section 5.2: the minimal number of bytes
  }
  if (read.payload > max_frame_payload) return Verdict::oversized;
  if (masked_) {
    if (bytes.size() < read.size + read.mask.size()) return Verdict::good;
    std::copy_n(bytes.data() + read.size, read.mask.size(), read.mask.begin());
    read.size += read.mask.size();
  }
  head = read;
  return Verdict::good;
}

FrameReader::Verdict FrameReader::check(std::uint8_t first, std::uint8_t second) const {
  const auto opcode = static_cast<Opcode>(first & 0x0f);
  if ((first & 0xf0) != final_fragment || !is_known(first & 0x0f)) return Verdict::malformed;  // compressed, a fragment, or reserved
  if (opcode == Opcode::continuation) return Verdict::malformed;
  if (opcode == Opcode::text) return Verdict::not_binary;
  if (((second & mask_bit) != 0) != masked_) return Verdict::malformed;  // after what the first byte says, which may come alone
  return is_control(opcode) && (second & 0x7f) > max_control_payload ? Verdict::malformed : Verdict::good;
}

Bytes close_payload(std::uint16_t code, std::string_view reason) {
  Bytes out;
  append(out, code, 2);
  reason = reason.substr(0, max_close_reason);
  for (const char c : reason) out.push_back(c >= 0x20 && c < 0x7f ? static_cast<std::uint8_t>(c) : std::uint8_t{'?'});
  return out;
}

std::optional<CloseNotice> read_close(ByteView payload) {
  CloseNotice notice;
  if (payload.empty()) return notice;
  if (payload.size() < 2) return std::nullopt;
  notice.code = static_cast<std::uint16_t>(get(payload.data(), 2));
  if (notice.code < 1000 || notice.code > 4999) return std::nullopt;
  for (const std::uint8_t c : payload.subspan(2)) notice.reason.push_back(c >= 0x20 && c < 0x7f ? static_cast<char>(c) : '?');
  return notice;
}

}  // namespace conclave::transport::websocket
