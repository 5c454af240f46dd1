#include "media/frame_payload.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "support/sealed.h"

using namespace conclave;
using namespace conclave::media;

namespace {
const Bytes some_data = {1, 2, 3, 4, 5};
}

TEST_CASE("a frame payload comes back as it was written", "[media]") {
  for (const auto us : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 53, -(std::int64_t{1} << 53)}) {
    for (const auto kind : {PayloadKind::opus, PayloadKind::vp8, PayloadKind::vp9}) {
      const int channels = kind == PayloadKind::opus ? 2 : 0;
      const auto written = write_frame_payload({kind, Time(Duration(us)), channels, some_data});
      REQUIRE(written.ok());
      const auto read = read_frame_payload(*written);
      REQUIRE(read.ok());
      CHECK(read->kind == kind);
      CHECK(read->capture_time.time_since_epoch().count() == us);
      CHECK(read->channels == channels);
      CHECK(equal(read->data, some_data));
    }
  }
}

TEST_CASE("the layout of a frame payload is fixed", "[media]") {
  const auto written = write_audio_payload({Time(Duration(0x0102030405)), some_data}, 1);
  REQUIRE(written.ok());
  CHECK(to_hex(*written) == "11" "0000000102030405" "01" "0102030405");
  const auto video = write_video_payload({Time(Duration(-2)), some_data}, VideoCodec::vp9);
  REQUIRE(video.ok());
  CHECK(to_hex(*video) == "13" "fffffffffffffffe" "0102030405");
}

TEST_CASE("what cannot be read is not written", "[media]") {
  CHECK_FALSE(write_frame_payload({PayloadKind::vp8, Time{}, 0, {}}).ok());
  CHECK_FALSE(write_frame_payload({PayloadKind::vp8, Time{}, 1, some_data}).ok());
  CHECK_FALSE(write_frame_payload({PayloadKind::opus, Time{}, 3, some_data}).ok());
  CHECK_FALSE(write_frame_payload({PayloadKind::vp8, Time::max(), 0, some_data}).ok());
  CHECK_FALSE(write_frame_payload({PayloadKind::opus, Time{}, 1, Bytes(1276)}).ok());
  CHECK_FALSE(write_frame_payload({PayloadKind::vp8, Time{}, 0, Bytes(max_frame_payload_size)}).ok());
}

TEST_CASE("a frame payload of another version or kind is unsupported", "[media]") {
  auto payload = *write_frame_payload({PayloadKind::vp8, Time{}, 0, some_data});
  payload[0] = 0x22;
  CHECK(read_frame_payload(payload).error().code == ErrorCode::unsupported);
  payload[0] = 0x14;
  CHECK(read_frame_payload(payload).error().code == ErrorCode::unsupported);
  payload[0] = 0x10;
  CHECK(read_frame_payload(payload).error().code == ErrorCode::unsupported);
}

TEST_CASE("every truncation into the header of a frame payload is refused", "[media][fuzz]") {
  for (const auto kind : {PayloadKind::opus, PayloadKind::vp8}) {
    const auto whole = *write_frame_payload({kind, Time{}, kind == PayloadKind::opus ? 1 : 0, some_data});
    const auto header = whole.size() - some_data.size();
    for (std::size_t size = 0; size <= header; ++size) CHECK_FALSE(read_frame_payload(ByteView(whole).first(size)).ok());
  }
}

TEST_CASE("a flipped bit in a frame payload is refused or reads as another payload that writes back", "[media][fuzz]") {
  const auto whole = *write_audio_payload({Time(Duration(123'456)), some_data}, 1);
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto flipped = whole;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    const auto read = read_frame_payload(flipped);
    if (!read.ok()) continue;
    const auto again = write_frame_payload(*read);
    REQUIRE(again.ok());
    CHECK(*again == flipped);
  }
}
