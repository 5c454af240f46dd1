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

constexpr Type type_of(const Nack&) { return Type::nack; }
constexpr Type type_of(const KeyframeRequest&) { return Type::keyframe_request; }
constexpr Type type_of(const ReceiverReport&) { return Type::receiver_report; }
constexpr Type type_of(const PathReport&) { return Type::path_report; }

// The fields of an item in their order, each with its width in bytes; for reading and for writing.
template <class Item, class Each>
  requires std::is_same_v<std::remove_const_t<Item>, KeyframeRequest>
void each_field(Item& item, Each&& each) {
  each(item.stream_id, 2);
  each(item.spatial_layers, 1);
}
template <class Item, class Each>
  requires std::is_same_v<std::remove_const_t<Item>, ReceiverReport>
void each_field(Item& item, Each&& each) {
  each(item.stream_id, 2);
  each(item.highest_sequence, 3);
  each(item.received, 4);
  each(item.lost, 4);
  each(item.jitter, 4);
  each(item.last_send_time, 3);
  each(item.delay_since_last, 4);
}
template <class Item, class Each>
  requires std::is_same_v<std::remove_const_t<Item>, PathReport>
void each_field(Item& item, Each&& each) {
  each(item.packets, 4);
  each(item.lost, 4);
  each(item.bytes, 4);
  each(item.least_transit, 3);
  each(item.last_send_time, 3);
  each(item.held, 3);
}

void write(Bytes& out, const Nack& nack) {
  append(out, nack.stream_id, 2);
  append(out, nack.sequences.size() - 1, 1);
  for (const std::uint32_t sequence : nack.sequences) append(out, sequence, 3);
}
template <class Item>
void write(Bytes& out, const Item& item) {
  each_field(item, [&](std::uint64_t value, std::size_t width) { append(out, value, width); });
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
template <class Item>
Item read(ByteReader& in) {
  Item item;
  each_field(item, [&](auto& value, std::size_t width) { value = in.number<std::remove_reference_t<decltype(value)>>(width); });
  return item;
}

}  // namespace

Result<Bytes> encode_feedback(const std::vector<Feedback>& items) {
  if (items.empty()) return Error{ErrorCode::invalid_argument, "feedback without items"};
  Bytes out;
  for (const Feedback& item : items) {
    const bool fits = std::visit([](const auto& value) { return valid(value); }, item);
    if (!fits) return Error{ErrorCode::invalid_argument, "feedback item outside its range"};
    std::visit([&out](const auto& value) {
      append(out, static_cast<std::uint8_t>(type_of(value)), 1);
      write(out, value);
    }, item);
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
      case Type::keyframe_request: items.emplace_back(read<KeyframeRequest>(in)); break;
      case Type::receiver_report: items.emplace_back(read<ReceiverReport>(in)); break;
      case Type::path_report: items.emplace_back(read<PathReport>(in)); break;
      default: return Error{ErrorCode::malformed, "unknown feedback type"};
    }
    if (in.failed()) return Error{ErrorCode::malformed, "truncated feedback"};
    const auto* request = std::get_if<KeyframeRequest>(&items.back());
    if (request != nullptr && !valid(*request)) return Error{ErrorCode::malformed, "keyframe request for no layer"};
  }
  return items;
}

}  // namespace conclave::transport
