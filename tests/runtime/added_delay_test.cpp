// How much later a packet arrives because of the relay.
#include <algorithm>
#include <atomic>
#include <iostream>
#include <thread>

#include "relay_room.h"
#include "support.h"

namespace conclave::test {
namespace {

constexpr std::size_t receivers = 50;

/// What one run showed; delays in microseconds, from the sender's call to the receiver's.
struct Delays {
  std::vector<std::int64_t> delays;
  std::uint32_t sent = 0;

  [[nodiscard]] std::int64_t at(double fraction) {
    std::sort(delays.begin(), delays.end());
    return delays.empty() ? -1 : delays[static_cast<std::size_t>(fraction * static_cast<double>(delays.size() - 1))];
  }
};

/// One who sends, one whose packets are timed, and many who take the same.
class Crowd {
 public:
  explicit Crowd(const RelayServer& relay) : host_(relay, v4), timed_(relay, v4), room_(host_, 1, [this](RelayMember& member, const auto& done) { return turn_until(member, done); }) {
    room_.let_in(timed_, 100);
    for (std::size_t i = 1; i < receivers; ++i) room_.let_in(*others_.emplace_back(std::make_unique<RelayMember>(relay, v4)), 100);
  }

  Delays run(double packets_per_second, Duration length) {
    Delays result;
    std::vector<Time> sent_at;
    sent_at.reserve(1 << 20);
    std::atomic<bool> over = false;
    std::thread drain([&] {
      while (!over) {
        for (auto& member : others_) {
          member->turn(0);
          member->forget_media();
        }
        std::this_thread::sleep_for(2ms);
      }
    });
    const auto before = timed_.media().size();
    const Time begin = steady_now();
    for (Time now = begin; now < begin + length; now = steady_now()) {
      const auto due = static_cast<std::size_t>(std::chrono::duration<double>(now - begin).count() * packets_per_second);
      while (sent_at.size() < due) {
        sent_at.push_back(steady_now());
        (void)host_.offer_media(7, first_ + static_cast<std::uint32_t>(sent_at.size()) - 1);
      }
      host_.turn(0);
      timed_.turn(0);
      note_arrivals(before, sent_at, result);
    }
    for (const Time end = steady_now() + 300ms; steady_now() < end; note_arrivals(before, sent_at, result)) timed_.turn(1);
    over = true;
    drain.join();
    result.sent = static_cast<std::uint32_t>(sent_at.size());
    first_ += result.sent;
    return result;
  }

 private:
  void note_arrivals(std::size_t before, const std::vector<Time>& sent_at, Delays& result) const {
    const Time now = steady_now();
    for (std::size_t i = before + result.delays.size(); i < timed_.media().size(); ++i) {
      const std::uint32_t number = timed_.media()[i].header.stream_sequence - first_;
      result.delays.push_back(number < sent_at.size() ? std::chrono::duration_cast<std::chrono::microseconds>(now - sent_at[number]).count() : 1'000'000);
    }
  }
  bool turn_until(RelayMember& member, const std::function<bool()>& done) {
    for (const Time end = steady_now() + 20s; steady_now() < end;) {
      member.turn(1);
      host_.turn(0);
      if (done()) return true;
    }
    return false;
  }

  RelayMember host_;
  RelayMember timed_;
  RelayRoom room_;
  std::vector<std::unique_ptr<RelayMember>> others_;
  std::uint32_t first_ = 0;
};

}  // namespace

/// The long form, at half of what one processor forwards, wants a machine with nothing else to do; the short one bounds nothing by the clock of a busy machine.
TEST_CASE("a relay adds little to the way of a packet, and loses none", "[runtime]") {
  const bool whole = std::getenv("CONCLAVE_LONG") != nullptr;
  RelayServerConfig config;
  config.limits.media = {.per_second = 1e6, .burst = 1e6};
  config.limits.resume_window = {};
  const auto server = started(config);
  Crowd crowd(*server);
  (void)crowd.run(100, 200ms);
  auto result = crowd.run(whole ? 2'500 : 100, whole ? Duration(10s) : Duration(1s));
  if (whole) {
    std::cout << result.sent << " packets to " << receivers << " receivers: p50 " << result.at(0.5) << " us, p99 " << result.at(0.99) << " us, most " << result.at(1) << " us" << std::endl;
    CHECK(result.at(0.99) <= 2'000);
  }
  CHECK(result.sent > 50);
  CHECK(result.delays.size() == result.sent);
  CHECK(server->report().unsent == 0);
}

}  // namespace conclave::test
