// A crowd at the door of a room at somebody's relay.
#include <catch2/catch.hpp>

#include "conclave/conference.h"
#include "conference/door.h"
#include "relay/memory_commit_log.h"
#include "relay/pump.h"
#include "transport/codec.h"
#include "transport/memory/memory_network.h"

using namespace conclave;
using namespace std::chrono_literals;

namespace {

/// Somebody who knocks and, once in, says nothing.
struct Caller {
  conference::Context context;
  std::unique_ptr<transport::memory::MemoryClient> transport;
  std::optional<conference::Door> door;
  std::optional<Time> entered;
  std::optional<Error> failed;
};

/// One host, one relay with the limits that everybody gets, and whoever comes.
class Crowd {
 public:
  Crowd() {
    ConferenceConfig config;
    config.seed = 1;
    config.send_audio = config.send_video = false;
    Link relay_place;
    relay_place.host = "relay.invalid";
    host_.emplace(Conference::host(config, relay_place, {1'700'000'000}, now_).value());
    transport_ = network_.connect(path(), path(), now_);
    run(1s);
    REQUIRE(ready_);
  }
  void come(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      auto caller = std::make_unique<Caller>();
      caller->context.config.display_name = "Guest " + std::to_string(callers_.size());
      caller->context.link = host_->link();
      caller->context.wall_start = {1'700'000'000};
      caller->context.seeded = std::make_unique<crypto::SeededRandom>(1000 + callers_.size());
      caller->context.config.seed = 1000 + callers_.size();
      caller->context.identity = std::make_shared<const Identity>(session::make_identity(*caller->context.seeded).value());
      caller->context.invitation.emplace(room::InvitationKeys::derive(caller->context.link).value());
      caller->transport = network_.connect(path(), path(), now_);
      caller->door.emplace(caller->context, now_);
      callers_.push_back(std::move(caller));
    }
  }
  void run(Duration duration) {
    for (const Time end = now_ + duration; now_ < end; now_ += 5ms) step();
  }
  [[nodiscard]] std::size_t entered() const {
    return static_cast<std::size_t>(std::ranges::count_if(callers_, [](const auto& caller) { return caller->entered.has_value(); }));
  }
  [[nodiscard]] const relay::Counters& counters() const { return relay_.counters(); }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] std::size_t members() const { return host_->report().roster.size(); }

 private:
  static transport::memory::Impairments path() {
    transport::memory::Impairments path;
    path.delay = 1ms;  // as in one house: nothing but the pace slows the host
    return path;
  }
  void step() {
    relay::pump(relay_, network_.server(), now_);
    for (TransportEvent& event : transport_->poll(now_)) take(host_->handle(std::move(event), now_));
    if (host_->next_deadline() <= now_) take(host_->handle(Tick{}, now_));
    for (const auto& caller : callers_) visit(*caller);
  }
  void take(ConferenceOutputs outputs) {
    for (ConferenceOutput& output : outputs) {
      if (auto* message = std::get_if<SendMessage>(&output)) (void)transport_->send_message(message->channel, message->message, now_);
      if (auto* knock = std::get_if<KnockReceived>(&output)) take(host_->handle(AdmitKnock{knock->knock_id}, now_));
      ready_ = ready_ || std::holds_alternative<RoomReady>(output);
      ended_ = ended_ || std::holds_alternative<ConferenceEnded>(output) || std::holds_alternative<Reconnecting>(output);
    }
  }
  void visit(Caller& caller) {
    for (TransportEvent& event : caller.transport->poll(now_)) {
      if (caller.entered || caller.failed) continue;
      ConferenceOutputs out;
      auto step = caller.door->handle(event, now_, out);
      if (std::holds_alternative<conference::Entered>(step)) caller.entered = now_;
      if (auto* error = std::get_if<Error>(&step)) caller.failed = *error;
      for (ConferenceOutput& output : out) {
        if (auto* message = std::get_if<SendMessage>(&output)) (void)caller.transport->send_message(message->channel, message->message, now_);
      }
    }
  }

  Time now_{std::chrono::seconds(1000)};
  transport::memory::MemoryNetwork network_{1};
  relay::MemoryCommitLog log_{4096, std::size_t{8} << 20};
  crypto::SeededRandom random_{7};
  relay::Relay relay_{relay::Limits{}, log_, random_};
  std::optional<Conference> host_;
  std::unique_ptr<transport::memory::MemoryClient> transport_;
  std::vector<std::unique_ptr<Caller>> callers_;
  bool ready_ = false;
  bool ended_ = false;
};

}  // namespace

TEST_CASE("a hundred who knock at once are all let in within ten seconds, and the relay takes it for no flood", "[conference][sim]") {
  Crowd crowd;
  crowd.come(100);
  crowd.run(10s);
  CHECK(crowd.entered() == 100);
  CHECK(crowd.members() == 101);
  CHECK_FALSE(crowd.ended());
  CHECK(crowd.counters().over_limit == 0);
  CHECK(crowd.counters().admissions == 100);
  CHECK(crowd.counters().commits < 20);
  CHECK(crowd.counters().knocks_over_limit == 0);
}
