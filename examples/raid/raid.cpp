#include "raid.h"

#include <algorithm>
#include <chrono>

#include "stage.h"

namespace conclave::raid {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t waiting_room = 64;  // whom the relay keeps; the others are turned away
constexpr int speakers = 3;
constexpr int invited_by_mistake = 20;
constexpr Duration knock_travels = std::chrono::milliseconds(60);
constexpr Duration between_arrivals = std::chrono::milliseconds(300);

double to_ms(Duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

double percentile_99(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[(values.size() - 1) * 99 / 100];
}

class Raid {
 public:
  explicit Raid(const Plan& plan) : plan_(plan), stage_(plan.seed, plan.hostile_relay) {}

  Report run() {
    fill();
    give_floor();
    talk_under_fire();
    remove_the_mistaken();
    return report();
  }

 private:
  void tell(std::string_view what, int done, int of) const {
    if (plan_.progress) plan_.progress(what, done, of);
  }
  Identity identity() {
    Bytes seed(32);
    for (std::uint8_t& byte : seed) byte = static_cast<std::uint8_t>(stage_.random());
    return std::move(*Identity::from_seed(seed));
  }

  /// Lets time pass until the seat is there.
  bool admit(std::uint64_t request, int patience = 100) {
    stage_.pass(knock_travels);
    auto step = stage_.host().session->admit(request, stage_.waiting.at(request).key_package(), stage_.at());
    if (!step.ok()) return false;
    stage_.send(0, std::move(*step));
    for (int i = 0; i < patience && !stage_.take_seat(request); ++i) stage_.pass(milliseconds(20));
    return true;
  }

  /// Some raiders knock, under a member's name or the host's; the host lets the newest wait and admits none.
  void knock_of_raiders(int count) {
    for (int i = 0; i < count && raiders_left_ > 0; ++i, --raiders_left_) {
      const std::uint64_t request = stage_.knock(identity(), stage_.random() % 2 == 0 ? "Adа" : "Host", {});
      knocks_.push_back(request);
      if (knocks_.size() > waiting_room) stage_.waiting.erase(std::exchange(knocks_.front(), 0)), knocks_.pop_front();
    }
  }

  void fill() {
    raiders_left_ = plan_.raiders;
    const int each = plan_.raiders / std::max(1, plan_.members - 1) + 1;
    for (int member = 1; member < plan_.members; ++member) {
      tell("members seated:", member, plan_.members);
      knock_of_raiders(each);
      const Identity who = identity();
      const Bytes invitation = *Room(*stage_.host().session).invite(stage_.owner_identity, "member " + std::to_string(member), {}, {stage_.at().wall.value + 86'400});
      const Time start = stage_.now;
      const std::uint64_t request = stage_.knock(who, "Member " + std::to_string(member), invitation);
      if (admit(request)) join_delays_.push_back(to_ms(stage_.now - start));
      stage_.pass(between_arrivals);
    }
  }

  void give_floor() {
    for (int i = 1; i < speakers; ++i) give(static_cast<std::size_t>(i));
  }
  void give(std::size_t attendee) {
    const MemberId member = stage_.attendees[attendee].session->self();
    auto step = Room(*stage_.host().session).give(member, Right::publish_audio, stage_.at());
    if (step.ok()) stage_.send(0, std::move(*step));
    stage_.pass(milliseconds(300));
  }

  /// One frame of each speaker; what raiders make of it goes to everybody as well.
  void speak(std::size_t attendee, bool raider) {
    Attendee& speaker = stage_.attendees[attendee];
    auto sealer = speaker.session->make_sealer(0);
    if (sealer.ok()) sealers_.insert_or_assign(attendee, std::move(*sealer));
    const auto kept = sealers_.find(attendee);
    if (kept == sealers_.end()) return;
    const FrameInfo info{static_cast<std::uint16_t>(attendee), frame_++, true, false, false, 0, 0, 7, 0};
    const auto sealed = kept->second.seal(info, Bytes(80, 1));
    if (!sealed.ok()) return;
    const Bytes frame(sealed->bytes().begin(), sealed->bytes().end());
    stage_.carry(frame, info, raider, attendee);
    if (!raider) expected_ += seated();
    if (raider) forget_heard();  // it has the floor until the commit that removes it is read
    forge(frame, info);
  }
  /// Replays it, damages it, and sends noise: whatever opens of these is a raider's.
  void forge(const Bytes& frame, const FrameInfo& info) {
    Bytes damaged = frame;
    damaged[stage_.random() % damaged.size()] ^= static_cast<std::uint8_t>(1 + stage_.random() % 255);
    Bytes noise(frame.size());
    for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(stage_.random());
    FrameInfo other = info;
    other.frame_number = static_cast<std::uint16_t>(other.frame_number + 1);
    for (const Bytes* each : {&frame, static_cast<const Bytes*>(&damaged), static_cast<const Bytes*>(&noise)}) stage_.carry(*each, other, true, stage_.attendees.size());
    count_forged();
  }
  void forget_heard() {
    for (Attendee& attendee : stage_.attendees) attendee.raiders_heard = 0;
  }
  void count_forged() {
    for (Attendee& attendee : stage_.attendees) decoded_ += std::exchange(attendee.raiders_heard, 0);
  }

  [[nodiscard]] std::uint64_t seated() const {
    return static_cast<std::uint64_t>(std::ranges::count_if(stage_.attendees, [](const Attendee& a) { return !a.ended; })) - 1;
  }

  void talk_under_fire() {
    constexpr int frames = 50;
    for (int i = 0; i < frames; ++i) {
      tell("frames spoken under fire:", i, frames);
      for (int speaker = 0; speaker < speakers; ++speaker) speak(static_cast<std::size_t>(speaker), false);
      knock_of_raiders(3);
      stage_.pass(milliseconds(20));
    }
  }

  /// Raiders who were let in and given the floor by mistake, and are removed one after the other.
  void remove_the_mistaken() {
    const int count = std::min(invited_by_mistake, plan_.raiders);
    for (int i = 0; i < count; ++i) {
      tell("raiders removed:", i, count);
      const Identity who = identity();
      const Bytes invitation = *Room(*stage_.host().session).invite(stage_.owner_identity, "Guest " + std::to_string(i), {}, {stage_.at().wall.value + 86'400});
      const std::uint64_t request = stage_.knock(who, "Guest " + std::to_string(i), invitation);
      if (!admit(request)) continue;
      const std::size_t raider = stage_.attendees.size() - 1;
      stage_.pass(milliseconds(200));
      give(raider);
      flood_log(raider);
      silence(raider);
      come_back(who, invitation);
    }
  }
  /// From inside, and with the relay's help: noise, commits of before, and damaged ones.
  void flood_log(std::size_t raider) {
    auto own = stage_.attendees[raider].session->rotate(stage_.at());
    for (ToLog& entry : own.send) {
      entry.message[stage_.random() % entry.message.size()] ^= 1;
      stage_.smuggle(std::move(entry.message));
    }
    for (int i = 0; i < 5; ++i) {
      Bytes noise(200);
      for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(stage_.random());
      stage_.smuggle(std::move(noise));
      stage_.smuggle(stage_.log[stage_.random() % stage_.log.size()].entry.message);
    }
  }
  /// With the same identity and invitation, without the invitation, and as somebody else with it: the host lets whoever it is told to in.
  void come_back(const Identity& who, const Bytes& invitation) {
    const Identity accomplice = identity();
    const std::uint64_t attempts[] = {stage_.knock(who, "Guest", invitation), stage_.knock(who, "Ada", {}), stage_.knock(accomplice, "Guest", invitation)};
    for (const std::uint64_t request : attempts) {
      const std::size_t before = stage_.attendees.size();
      (void)admit(request, 10);
      if (stage_.attendees.size() > before) ++returned_;
      if (stage_.attendees.size() == before) ++refused_;
    }
  }
  void silence(std::size_t raider) {
    const MemberId member = stage_.attendees[raider].session->self();
    for (Attendee& attendee : stage_.attendees) attendee.last_heard.erase(member);
    const Time click = stage_.now;
    auto step = Room(*stage_.host().session).ban(member, stage_.at());
    if (step.ok()) stage_.send(0, std::move(*step)), ++removed_;
    for (int i = 0; i < 30; ++i) {
      speak(raider, true);
      stage_.pass(milliseconds(20));
    }
    for (const Attendee& attendee : stage_.attendees) {
      const auto heard = attendee.last_heard.find(member);
      silences_.push_back(heard == attendee.last_heard.end() ? 0 : to_ms(heard->second - click));
    }
  }

  Report report() {
    Report report;
    report.raider_frames_decoded = decoded_;
    for (const std::uint64_t request : knocks_) report.raiders_with_keys += request != 0 && stage_.take_seat(request) ? 1 : 0;
    report.raiders_with_keys += returned_;
    report.raiders_removed = removed_;
    report.rejoins_refused = refused_;
    std::uint64_t heard = 0;
    for (const Attendee& attendee : stage_.attendees) heard += attendee.honest_heard;
    report.honest_loss = expected_ == 0 ? 1 : 1 - static_cast<double>(heard) / static_cast<double>(expected_);
    report.join_delay_p99_ms = percentile_99(join_delays_);
    report.removal_to_silence_p99_ms = percentile_99(silences_);
    report.relay_peak_bytes = stage_.peak_bytes;
    const auto state = stage_.host().session->save(Bytes(32, 1), 1);
    report.host_state_bytes = state.ok() ? state->size() : ~std::uint64_t{0};
    report.members = stage_.host().session->roster().size();
    report.refused_messages = stage_.refused_messages;
    report.virtual_seconds = to_ms(stage_.now - Time{}) / 1000 - 100;
    return report;
  }

  Plan plan_;
  Stage stage_;
  int raiders_left_ = 0;
  std::deque<std::uint64_t> knocks_;
  std::map<std::size_t, FrameSealer> sealers_;
  std::uint16_t frame_ = 0;
  std::uint64_t expected_ = 0;
  std::uint64_t decoded_ = 0;
  std::uint64_t returned_ = 0, refused_ = 0, removed_ = 0;
  std::vector<double> join_delays_;
  std::vector<double> silences_;
};

}  // namespace

Report run(const Plan& plan) { return Raid(plan).run(); }

}  // namespace conclave::raid
