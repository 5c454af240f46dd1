// One end of a call that is checked at both, through the C++ interface: peer OWN OTHER [LINK]. Like peer.c.
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "conclave/client.h"

namespace {

using namespace conclave;
constexpr int width = 160, height = 90;

std::uint8_t level(int number, int quadrant) { return static_cast<std::uint8_t>(40 + 20 * ((3 * number + 5 * quadrant) % 8)); }
int tone(int number) { return 300 + 100 * number; }

/// Waits for the time of each frame.
class Beat {
 public:
  explicit Beat(int rate) : period_(1'000'000 / rate) {}
  std::optional<Time> next() {
    if (due_ == Time()) due_ = monotonic_now();
    due_ += period_;
    std::this_thread::sleep_for(due_ - monotonic_now());
    return stopped_ ? std::nullopt : std::optional(due_);
  }
  void stop() { stopped_ = true; }

 private:
  Duration period_;
  Time due_{};
  std::atomic<bool> stopped_ = false;
};

class Quadrants final : public VideoSource {
 public:
  explicit Quadrants(int number) : number_(number) {}
  void stop() override { beat_.stop(); }
  Result<std::optional<VideoFrame>> next() override {
    const auto due = beat_.next();
    if (!due) return std::optional<VideoFrame>();
    const Bytes grey(width * height / 4, 128);
    VideoFrame frame{*due, width, height, Bytes(width * height), grey, grey};
    for (int i = 0; i < width * height; ++i) {
      frame.y[static_cast<std::size_t>(i)] = level(number_, 2 * (i / width >= height / 2) + (i % width >= width / 2));
    }
    return std::optional(std::move(frame));
  }

 private:
  int number_;
  Beat beat_{15};
};

class Tone final : public AudioSource {
 public:
  explicit Tone(int number) : step_(2 * 3.14159265358979 * tone(number) / audio_sample_rate) {}
  void stop() override { beat_.stop(); }
  Result<std::optional<AudioFrame>> next() override {
    const auto due = beat_.next();
    if (!due) return std::optional<AudioFrame>();
    AudioFrame frame{*due, 1, std::vector<std::int16_t>(audio_frame_samples)};
    for (auto& sample : frame.samples) sample = static_cast<std::int16_t>(8000 * std::sin(step_ * static_cast<double>(at_++)));
    return std::optional(std::move(frame));
  }

 private:
  double step_;
  std::uint64_t at_ = 0;
  Beat beat_{50};
};

class Judge final : public MediaSink {
 public:
  explicit Judge(int other) : other_(other) {}
  void show(MemberId, const VideoFrame& frame, Time) override {
    bool good = frame.width == width && frame.height == height;
    for (int q = 0; q < 4 && good; ++q) {
      const int at = (height / 4 + q / 2 * height / 2) * width + width / 4 + q % 2 * width / 2;
      good = std::abs(frame.y[static_cast<std::size_t>(at)] - level(other_, q)) <= 8;
    }
    pictures += good ? 1 : 0;
  }
  void play(MemberId, const AudioFrame& frame, Time) override {
    for (const auto sample : frame.samples) {
      crossings_ += (sample < 0) != (last_ < 0) ? 1 : 0;
      last_ = sample;
    }
    if ((heard_ += static_cast<int>(frame.samples.size())) < 24'000) return;
    sounds += std::abs(crossings_ * 24'000 / heard_ - tone(other_)) <= 30 ? 1 : 0;
    crossings_ = heard_ = 0;
  }
  [[nodiscard]] bool satisfied() const { return pictures >= 10 && sounds >= 3; }
  std::atomic<int> pictures = 0, sounds = 0;

 private:
  int other_, crossings_ = 0, heard_ = 0;
  std::int16_t last_ = 0;
};

Result<Client> open_call(int own, const std::shared_ptr<Judge>& judge, const char* link) {
  ClientConfig config;
  config.conference.display_name = "C++";
  config.conference.video.width = width;
  config.conference.video.height = height;
  config.conference.video.frames_per_second = 15;
  config.conference.video.bitrate = 200'000;
  config.video = std::make_unique<Quadrants>(own);
  config.audio = std::make_unique<Tone>(own);
  config.sinks.push_back(judge);
  HostConfig host;
  host.listen = "127.0.0.1";
  host.port = 0;
  if (link == nullptr) return Client::host(std::move(config), host);
  const auto parsed = Link::parse(link);
  if (!parsed.ok()) return parsed.error();
  return Client::join(std::move(config), *parsed);
}

void converse(Client& client, const Judge& judge) {
  const Time until = monotonic_now() + std::chrono::seconds(20);
  Time leaving = never;
  for (bool ended = false; !ended && monotonic_now() < until;) {
    const auto event = client.wait(std::chrono::milliseconds(20));
    if (event && std::holds_alternative<RoomReady>(*event)) std::cout << client.link().text() << std::endl;
    if (const auto* knock = event ? std::get_if<KnockReceived>(&*event) : nullptr) client.admit(knock->knock_id);
    ended = event && std::holds_alternative<ConferenceEnded>(*event);
    if (judge.satisfied() && leaving == never) leaving = monotonic_now() + std::chrono::milliseconds(1500);
    if (monotonic_now() > leaving) client.leave();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const auto judge = std::make_shared<Judge>(std::atoi(argv[2]));
  auto client = open_call(std::atoi(argv[1]), judge, argc > 3 ? argv[3] : nullptr);
  if (!client.ok()) {
    std::cerr << client.error().detail << std::endl;
    return 1;
  }
  converse(*client, *judge);
  std::cout << "pictures " << judge->pictures << ", half seconds of sound " << judge->sounds << std::endl;
  return judge->satisfied() ? 0 : 1;
}
