// Opens a room, lets everybody in and tells each what time it is, in UTC: time_bot [SECONDS]
#include <cstdlib>
#include <ctime>
#include <deque>
#include <iostream>
#include <mutex>
#include <thread>

#include "conclave/devices.h"

using namespace conclave;

namespace {

/// What is said, at its pace, with silence in between.
class Voice final : public AudioSource {
 public:
  void say(const std::string& text) {
    const auto samples = speak(text);
    const std::lock_guard lock(mutex_);
    samples_.insert(samples_.end(), samples.begin(), samples.end());
  }
  Result<std::optional<AudioFrame>> next() override {
    next_ = std::max(next_, monotonic_now()) + audio_frame_duration;
    while (!stopped_ && monotonic_now() < next_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (stopped_) return std::optional<AudioFrame>();
    const std::lock_guard lock(mutex_);
    AudioFrame frame{next_ - audio_frame_duration, 1, std::vector<std::int16_t>(audio_frame_samples)};
    for (auto& sample : frame.samples) {
      if (samples_.empty()) break;
      sample = samples_.front();
      samples_.pop_front();
    }
    return std::optional(std::move(frame));
  }
  void stop() override { stopped_ = true; }

 private:
  std::atomic<bool> stopped_ = false;
  Time next_{};
  std::mutex mutex_;
  std::deque<std::int16_t> samples_;
};

std::string time_for(const std::string& name) {
  const std::time_t now = std::time(nullptr);
  return "Hello " + name + ". It is " + std::to_string(now / 3600 % 24) + " hours and " + std::to_string(now / 60 % 60) + " minutes.";
}

}  // namespace

int main(int argc, char** argv) {
  auto owned = std::make_unique<Voice>();
  Voice& voice = *owned;  // lives as long as the call
  ClientConfig config;
  config.conference.display_name = "Clock";
  config.audio = std::move(owned);
  HostConfig host;
  host.listen = "127.0.0.1";
  host.port = 0;
  auto call = Client::host(std::move(config), std::move(host));
  if (!call.ok()) return 1;
  const Time until = monotonic_now() + std::chrono::seconds(argc > 1 ? std::atoi(argv[1]) : 3600);
  while (monotonic_now() < until) {
    const auto event = call->wait(std::chrono::milliseconds(100));
    if (!event) continue;
    if (std::holds_alternative<RoomReady>(*event)) std::cout << call->link().text() << std::endl;
    if (const auto* knock = std::get_if<KnockReceived>(&*event)) call->admit(knock->knock_id);
    if (const auto* member = std::get_if<MemberJoined>(&*event)) voice.say(time_for(member->display_name));
    if (const auto* end = std::get_if<ConferenceEnded>(&*event)) return end->error ? 1 : 0;
  }
  return 0;
}
