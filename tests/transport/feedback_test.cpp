#include "transport/feedback.h"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::transport;

namespace {

std::vector<Feedback> everything() {
  return {Nack{0x0102, {0, 5, 0xffffff}}, KeyframeRequest{0x0304, 5}, ReceiverReport{0x0506, 0x070809, 10, 11, 12, 0x0d0e0f, 16},
          PathReport{0x11121314, 0x15161718, 0x191a1b1c, 0x1d1e1f, 0x202122, 0x232425}};
}

}  // namespace

TEST_CASE("feedback reads back as it was written", "[transport][feedback]") {
  const auto bytes = encode_feedback(everything());
  REQUIRE(bytes.ok());
  const auto items = decode_feedback(*bytes);
  REQUIRE(items.ok());
  REQUIRE(items->size() == 4);
  CHECK(std::get<Nack>(items->at(0)).stream_id == 0x0102);
  CHECK(std::get<Nack>(items->at(0)).sequences == std::vector<std::uint32_t>{0, 5, 0xffffff});
  CHECK(std::get<KeyframeRequest>(items->at(1)).stream_id == 0x0304);
  CHECK(std::get<KeyframeRequest>(items->at(1)).spatial_layers == 5);
  const auto& report = std::get<ReceiverReport>(items->at(2));
  CHECK(report.stream_id == 0x0506);
  CHECK(report.highest_sequence == 0x070809);
  CHECK(report.received == 10);
  CHECK(report.lost == 11);
  CHECK(report.jitter == 12);
  CHECK(report.last_send_time == 0x0d0e0f);
  CHECK(report.delay_since_last == 16);
  const auto& path = std::get<PathReport>(items->at(3));
  CHECK(path.packets == 0x11121314);
  CHECK(path.lost == 0x15161718);
  CHECK(path.bytes == 0x191a1b1c);
  CHECK(path.least_transit == 0x1d1e1f);
  CHECK(path.last_send_time == 0x202122);
  CHECK(path.held == 0x232425);
}

TEST_CASE("feedback that does not fit is refused by its sender", "[transport][feedback]") {
  CHECK(encode_feedback({}).error().code == ErrorCode::invalid_argument);
  CHECK(encode_feedback({Nack{1, {}}}).error().code == ErrorCode::invalid_argument);
  CHECK(encode_feedback({Nack{1, {0x1000000}}}).error().code == ErrorCode::invalid_argument);
  CHECK(encode_feedback({Nack{1, std::vector<std::uint32_t>(257)}}).error().code == ErrorCode::invalid_argument);
  CHECK(encode_feedback({Nack{1, std::vector<std::uint32_t>(256)}}).ok());
  CHECK(encode_feedback({KeyframeRequest{1, 0}}).error().code == ErrorCode::invalid_argument);
  CHECK(encode_feedback({KeyframeRequest{1, 16}}).error().code == ErrorCode::invalid_argument);
  CHECK(encode_feedback({PathReport{.least_transit = 0x1000000}}).error().code == ErrorCode::invalid_argument);
  const Nack large{1, std::vector<std::uint32_t>(256)};
  CHECK(encode_feedback({large, large}).error().code == ErrorCode::limit_exceeded);
}

TEST_CASE("every truncation, extension and unknown type of feedback is refused", "[transport][feedback][fuzz]") {
  for (const auto& item : everything()) {
    Bytes bytes = *encode_feedback({item});
    for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode_feedback(ByteView(bytes).first(size)).ok());
    bytes.push_back(0);
    CHECK_FALSE(decode_feedback(bytes).ok());
  }
  CHECK_FALSE(decode_feedback(Bytes{2, 0, 1, 0}).ok());  // a keyframe of no layer
  for (unsigned type = 5; type < 256; ++type) CHECK_FALSE(decode_feedback(Bytes{static_cast<std::uint8_t>(type), 0, 1}).ok());
  CHECK_FALSE(decode_feedback(Bytes(max_feedback_size + 1, 2)).ok());
}
