#include "runtime/presenter.h"

#include <catch2/catch.hpp>
#include <future>
#include <mutex>

#include "media/picture.h"
#include "runtime/steady_time.h"

namespace conclave::runtime {

using std::chrono::milliseconds;

/// Notes what it is given.
class NotingSink final : public MediaSink {
 public:
  struct Seen {
    int width = 0;
    Duration late{};
  };
  void show(MemberId, const VideoFrame& picture, Time now) override {
    shown.push_back({picture.width, now - picture.capture_time});
    if (gate) gate->get();
    gate = nullptr;
  }
  void record(const RecordVideo& video) override { recorded.push_back(video.frame.temporal_layer); }
  Result<void> finish() override {
    ++finished;
    return outcome;
  }

  std::vector<Seen> shown;
  std::vector<int> recorded;
  int finished = 0;
  std::future<void>* gate = nullptr;
  Result<void> outcome;
};

ShowVideo picture_due(int width, Time due) {
  auto picture = media::make_picture(width, 2);
  picture.capture_time = due;
  return {1, std::move(picture), due};
}

TEST_CASE("pictures are shown in the order of their times, each at its time", "[runtime]") {
  const auto sink = std::make_shared<NotingSink>();
  Presenter presenter({sink});
  const Time now = steady_now();
  presenter.offer(picture_due(20, now + milliseconds(40)));
  presenter.offer(picture_due(10, now + milliseconds(20)));
  presenter.offer(picture_due(30, now + milliseconds(60)));
  std::this_thread::sleep_for(milliseconds(120));
  CHECK(presenter.finish().ok());
  REQUIRE(sink->shown.size() == 3);
  int width = 10;
  for (const auto& seen : sink->shown) {
    CHECK(seen.width == width);
    CHECK(seen.late >= Duration::zero());
    CHECK(seen.late < milliseconds(20));
    width += 10;
  }
}

TEST_CASE("at the end records are written, pictures of the future are not shown, and sinks finish once", "[runtime]") {
  const auto sink = std::make_shared<NotingSink>();
  sink->outcome = Error{ErrorCode::io_error, "disk full"};
  {
    Presenter presenter({sink});
    presenter.offer(picture_due(10, steady_now() + milliseconds(1500)));
    for (std::uint8_t layer = 0; layer < 100; ++layer) {
      RecordVideo record;
      record.frame.temporal_layer = layer;
      presenter.offer(std::move(record));
    }
    const auto finished = presenter.finish();
    REQUIRE_FALSE(finished.ok());
    CHECK(finished.error().detail == "disk full");
    CHECK_FALSE(presenter.finish().ok());
  }
  CHECK(sink->finished == 1);
  CHECK(sink->shown.empty());
  REQUIRE(sink->recorded.size() == 100);
  CHECK(sink->recorded.back() == 99);
}

TEST_CASE("what a dawdling sink is too slow for is dropped and counted", "[runtime]") {
  const auto sink = std::make_shared<NotingSink>();
  std::promise<void> open;
  auto gate = open.get_future();
  sink->gate = &gate;
  Presenter presenter({sink});
  const std::uint64_t offered = 300;
  for (std::uint64_t count = 0; count < offered; ++count) {
    auto piece = picture_due(1024, steady_now());
    piece.frame = media::make_picture(1024, 1024);
    presenter.offer(std::move(piece));
  }
  const auto dropped = presenter.dropped();
  CHECK(dropped >= 200);  // 1.5 MB each, of which 128 MB may wait
  open.set_value();
  std::this_thread::sleep_for(milliseconds(50));
  CHECK(presenter.finish().ok());
  CHECK(sink->shown.size() == offered - dropped);
}

}  // namespace conclave::runtime
