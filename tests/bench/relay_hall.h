// A relay with its sockets on loopback, one who sends and many who receive, in virtual time and on one thread: so that the relay's
// share of the processor can be told from everybody else's.
#pragma once

#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include "base/bytes.h"
#include "crypto/random.h"
#include "crypto/signature.h"
#include "hall_doors.h"
#include "relay/memory_commit_log.h"
#include "relay/pump.h"
#include "transport/codec.h"
#include "transport/hop/record.h"
#include "transport/path_meter.h"

namespace conclave::bench {

using namespace std::chrono_literals;

inline constexpr std::size_t payload_size = 1100 - transport::hop::media_overhead;  // of datagrams of 1,100 bytes
inline constexpr std::uint32_t burst = 8;
inline constexpr Duration burst_period = 16ms;  // 500 packets a second
inline constexpr Duration report_period = 50ms;

/// Seconds of the processor that this thread has used.
inline double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

class HallMember {
 public:
  explicit HallMember(std::unique_ptr<Link> link) : link_(std::move(link)) {}

  void say(const transport::ClientMessage& message, Time now) {
    if (!transport().send_message(Channel::control, transport::encode(message), now).ok()) throw std::runtime_error("not sent");
  }
  /// Receives and sends what there is; true when something arrived.
  bool turn(Time now) {
    const bool stirred = link_->receive(now);
    for (auto& event : transport().poll(now)) take(event, now);
    link_->send(now);
    return stirred;
  }
  void send_burst(std::uint32_t first, Time now) {
    for (std::uint32_t i = 0; i < burst; ++i) {
      MediaPacket packet;
      packet.header.frame.stream_id = 1;
      packet.header.frame.keyframe = true;
      packet.header.start = i == 0;
      packet.header.stream_sequence = (first + i) & 0xffffff;
      packet.payload = SealedPayload::received(Bytes(payload_size, 7));
      (void)transport().send_media(packet, now);
    }
    link_->send(now);
  }
  /// Of every `one_lost_in`-th packet that it did not come; 0: all came.
  void report(std::uint32_t one_lost_in, Time now) {
    transport::ReceiverReport report{1, highest_, received_, 0, 0, last_send_time_, 0};
    received_ = 0;
    std::vector<transport::Feedback> items{report};
    if (auto path = meter_.report(now)) {
      if (one_lost_in > 0) path->lost += path->packets / one_lost_in;
      items.emplace_back(*path);
    }
    (void)transport().send_feedback(transport::encode_feedback(items).value(), now);
    link_->send(now);
  }

  std::vector<transport::RelayMessage> messages;
  std::uint64_t media = 0;  ///< packets, parity left out

 private:
  Transport& transport() { return link_->transport(); }
  void take(TransportEvent& event, Time now) {
    if (const auto* message = std::get_if<TransportMessage>(&event)) {
      messages.push_back(transport::decode_relay_message(message->message).value());
    } else if (const auto* packet = std::get_if<MediaPacket>(&event)) {
      media += packet->header.fec ? 0 : 1;
      meter_.note(packet->header, packet->payload.size(), now);
      ++received_;
      highest_ = packet->header.stream_sequence;
      last_send_time_ = packet->header.send_time;
    }
  }

  std::unique_ptr<Link> link_;
  transport::PathMeter meter_;
  std::uint32_t received_ = 0;
  std::uint32_t highest_ = 0;
  std::uint32_t last_send_time_ = 0;
};

class Hall {
 public:
  using MakeDoor = std::function<std::unique_ptr<Door>(crypto::Random&)>;

  /// `one_lost_in`: as the receivers report from the first burst on.
  Hall(std::size_t receivers, const MakeDoor& make_door, std::uint32_t one_lost_in = 0) : door_(make_door(random_)), one_lost_in_(one_lost_in) {
    limits_.commits = limits_.messages = {.per_second = 1e6, .burst = 1e6};
    relay_ = std::make_unique<relay::Relay>(limits_, log_, random_);
    const auto gate = crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random_).value();
    (void)enter();
    founder().say(transport::OpenRoom{to_bytes(gate.public_key().bytes()), {1}}, now_);
    founder().say(transport::Publish{{{1, 1, 4}}}, now_);
    settle();
    for (std::size_t i = 0; i < receivers; ++i) join(gate);
  }

  [[nodiscard]] Time now() const { return now_; }
  HallMember& founder() { return *members_.front(); }

  /// One burst from the founder to everybody; returns the relay's processor time.
  double forward() {
    founder().send_burst(sequence_, now_);
    sequence_ += burst;
    double used = relay_turn();
    const bool reporting = now_ >= report_due_;
    for (auto& member : members_) {
      (void)member->turn(now_);
      if (reporting && member != members_.front()) member->report(one_lost_in_, now_);
    }
    if (reporting) {
      report_due_ = now_ + report_period;
      used += relay_turn();
    }
    now_ += burst_period;
    return used;
  }
  /// What a full socket still held back; the relay's processor time.
  double catch_up() {
    double used = 0;
    for (int i = 0; i < 100; ++i) {
      for (auto& member : members_) (void)member->turn(now_);
      used += relay_turn();
    }
    return used;
  }
  [[nodiscard]] const relay::Counters& counters() const { return relay_->counters(); }

  /// Bytes on the heap that the relay has taken and not given back.
  [[nodiscard]] std::int64_t heap() const { return heap_; }

  [[nodiscard]] std::uint64_t delivered() const {
    std::uint64_t sum = 0;
    for (const auto& member : members_) sum += member->media;
    return sum;
  }

 private:
  void relay_turn_measured() {
    const auto before = static_cast<std::int64_t>(::mallinfo2().uordblks);
    (void)relay_turn();
    heap_ += static_cast<std::int64_t>(::mallinfo2().uordblks) - before;
  }
  double relay_turn() {
    const double begin = cpu_seconds();
    door_->receive(now_);
    (void)relay::pump(*relay_, door_->server(), now_);
    door_->send(now_);
    return cpu_seconds() - begin;
  }
  /// Until the founder and the newest have nothing more to say; then everybody else gets a turn.
  void settle() {
    for (int quiet = 0; quiet < 20;) {
      relay_turn_measured();
      const bool first = founder().turn(now_);
      const bool stirred = members_.back()->turn(now_) || first;
      quiet = stirred ? 0 : quiet + 1;
      now_ += 1ms;
    }
    for (auto& member : members_) (void)member->turn(now_);
    relay_turn_measured();
  }
  HallMember& enter() {
    HallMember& member = *members_.emplace_back(std::make_unique<HallMember>(door_->new_link(now_)));
    settle();
    member.say(transport::Hello{transport::protocol_version, Bytes(16, 0)}, now_);
    settle();
    return member;
  }
  void join(const crypto::SignaturePrivateKey& gate) {
    HallMember& guest = enter();
    Bytes text = to_bytes(as_bytes("conclave knock v1"));
    text.resize(text.size() + 16);
    const auto& challenge = std::get<transport::HelloAccepted>(guest.messages.front()).challenge;
    text.insert(text.end(), challenge.begin(), challenge.end());
    text.push_back(1);
    guest.say(transport::Knock{{1}, gate.sign(text).value()}, now_);
    settle();
    const auto knock = std::get<transport::KnockArrived>(founder().messages.back()).knock_id;
    founder().say(transport::AppendCommit{knock, {1}, {{knock, {1}}}}, now_);
    settle();
    guest.say(transport::Subscribe{{{1, 7}}}, now_);
    settle();
    now_ += 100ms;
  }

  crypto::SeededRandom random_{1};
  std::unique_ptr<Door> door_;
  std::uint32_t one_lost_in_;
  relay::Limits limits_;
  relay::MemoryCommitLog log_{limits_.log_entries, limits_.log_bytes};
  std::unique_ptr<relay::Relay> relay_;
  std::vector<std::unique_ptr<HallMember>> members_;
  Time now_{1s};
  Time report_due_{};
  std::uint32_t sequence_ = 0;
  std::int64_t heap_ = 0;
};

}  // namespace conclave::bench
