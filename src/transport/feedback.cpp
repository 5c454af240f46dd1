#include "transport/feedback.h"

#include <type_traits>

#include "transport/byte_io.h"

namespace conclave::transport {
namespace {

enum class Type : std::uint8_t { nack = 1, keyframe_request = 2, receiver_report = 3, path_report = 4 };

constexpr std::uint32_t max_24_bits = 0xffffff;

bool valid(const Nack& nack) {
  if (nack.sequences.empty() || nack.sequences.size() > max_nack_sequences) return false;
  for (const std::uint32_t sequence : nack.sequences) {
    if (sequence > max_24_bits) return false;
  }
  return true;
}
bool valid(const KeyframeRequest& request) { return request.spatial_layers >= 1 && request.spatial_layers <= 15; }
bool valid(const ReceiverReport& report) {
  return report.highest_sequence <= max_24_bits && report.last_send_time <= max_24_bits;
}
bool valid(const PathReport& report) {
  return report.least_transit <= max_24_bits && report.last_send_time <= max_24_bits && report.held <= max_24_bits;
}

void write(Bytes& out, const Nack& nack) {
  append(out, static_cast<std::uint8_t>(Type::nack), 1);
  append(out, nack.stream_id, 2);
  append(out, nack.sequences.size() - 1, 1);
  for (const std::uint32_t sequence : nack.sequences) append(out, sequence, 3);
}

void write(Bytes& out, const KeyframeRequest& request) {
  append(out, static_cast<std::uint8_t>(Type::keyframe_request), 1);
  append(out, request.stream_id, 2);
  append(out, request.spatial_layers, 1);
}

void write(Bytes& out, const ReceiverReport& report) {
  append(out, static_cast<std::uint8_t>(Type::receiver_report), 1);
  append(out, report.stream_id, 2);
  append(out, report.highest_sequence, 3);
  append(out, report.received, 4);
  append(out, report.lost, 4);
  append(out, report.jitter, 4);
  append(out, report.last_send_time, 3);
  append(out, report.delay_since_last, 4);
}

void write(Bytes& out, const PathReport& report) {
  append(out, static_cast<std::uint8_t>(Type::path_report), 1);
  append(out, report.packets, 4);
  append(out, report.lost, 4);
  append(out, report.bytes, 4);
  append(out, report.least_transit, 3);
  append(out, report.last_send_time, 3);
  append(out, report.held, 3);
}

Nack read_nack(ByteReader& in) {
  Nack nack{in.number<std::uint16_t>(), {}};
  const auto count = in.number(1) + 1;
  if (in.remaining() < count * 3) {
    (void)in.number(in.remaining() + 1);
    return nack;
  }
  nack.sequences.reserve(count);
  for (std::size_t i = 0; i < count; ++i) nack.sequences.push_back(in.number<std::uint32_t>(3));
  return nack;
}

KeyframeRequest read_keyframe_request(ByteReader& in) {
  const auto stream_id = in.number<std::uint16_t>();
  return {stream_id, in.number<std::uint8_t>()};
}

ReceiverReport read_receiver_report(ByteReader& in) {
  ReceiverReport report;
  report.stream_id = in.number<std::uint16_t>();
  report.highest_sequence = in.number<std::uint32_t>(3);
  report.received = in.number<std::uint32_t>();
  report.lost = in.number<std::uint32_t>();
  report.jitter = in.number<std::uint32_t>();
  report.last_send_time = in.number<std::uint32_t>(3);
  report.delay_since_last = in.number<std::uint32_t>();
  return report;
}

PathReport read_path_report(ByteReader& in) {
  PathReport report;
  report.packets = in.number<std::uint32_t>();
  report.lost = in.number<std::uint32_t>();
  report.bytes = in.number<std::uint32_t>();
  report.least_transit = in.number<std::uint32_t>(3);
  report.last_send_time = in.number<std::uint32_t>(3);
  report.held = in.number<std::uint32_t>(3);
  return report;
}

}  // namespace

Result<Bytes> encode_feedback(const std::vector<Feedback>& items) {
  if (items.empty()) return Error{ErrorCode::invalid_argument, "feedback without items"};
  Bytes out;
  for (const Feedback& item : items) {
    const bool fits = std::visit([](const auto& value) { return valid(value); }, item);
    if (!fits) return Error{ErrorCode::invalid_argument, "feedback item outside its range"};
    std::visit([&out](const auto& value) { write(out, value); }, item);
  }
  if (out.size() > max_feedback_size) return Error{ErrorCode::limit_exceeded, "feedback does not fit one datagram"};
  return out;
}

Result<std::vector<Feedback>> decode_feedback(ByteView datagram) {
  if (datagram.empty() || datagram.size() > max_feedback_size) return Error{ErrorCode::malformed, "feedback size"};
  std::vector<Feedback> items;
  ByteReader in(datagram);
  while (!in.empty()) {
    switch (static_cast<Type>(in.number(1))) {
      case Type::nack: items.emplace_back(read_nack(in)); break;
      case Type::keyframe_request: items.emplace_back(read_keyframe_request(in)); break;
      case Type::receiver_report: items.emplace_back(read_receiver_report(in)); break;
      case Type::path_report: items.emplace_back(read_path_report(in)); break;
      default: return Error{ErrorCode::malformed, "unknown feedback type"};
    }
    if (in.failed()) return Error{ErrorCode::malformed, "truncated feedback"};
    const auto* request = std::get_if<KeyframeRequest>(&items.back());
    if (request != nullptr && !valid(*request)) return Error{ErrorCode::malformed, "keyframe request for no layer"};
  }
  return items;
}

}  // namespace conclave::transport
