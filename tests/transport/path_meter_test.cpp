#include "transport/path_meter.h"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::transport;

TEST_CASE("a meter counts what arrived over a hop, and says nothing when nothing did", "[transport]") {
  PathMeter meter;
  CHECK(meter.next_report() == never);
  const Time start{std::chrono::seconds(5)};
  MediaHeader header;
  for (int i = 0; i < 4; ++i) {
    header.send_time = static_cast<std::uint32_t>(0xfffffe + i) & 0xffffff;  // over the end of its 24 bits
    header.stream_sequence = static_cast<std::uint32_t>(i) * 1000;  // its publisher's affair
    header.hop_lost = i == 3 ? 2 : 0;
    meter.note(header, 100, start + i * Duration(64) + (i == 1 ? Duration(0) : Duration(6400)));
  }
  CHECK(meter.next_report() == start + Duration(6400) + PathMeter::report_interval);
  const auto report = meter.report(start + Duration(64 * 203));
  REQUIRE(report);
  CHECK((report->packets == 4 && report->bytes == 400 && report->lost == 2));
  CHECK(report->last_send_time == 1);
  CHECK(report->held == 100);
  const std::uint32_t origin = static_cast<std::uint32_t>(start.time_since_epoch().count() / 64);
  CHECK(report->least_transit == ((origin - 0xfffffe) & 0xffffff));
  CHECK_FALSE(meter.report(start + Duration(7000)));
}
