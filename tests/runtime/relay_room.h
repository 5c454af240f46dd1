// A room at a relay, for tests that need more members than two.
#pragma once

#include "crypto/work.h"
#include "relay_member.h"

namespace conclave::test {

/// Opened by its host, which lets everybody in who comes. `drive` turns a member and the host until something is so, and says whether it became so.
class RelayRoom {
 public:
  using Drive = std::function<bool(RelayMember& member, const std::function<bool()>& done)>;

  RelayRoom(RelayMember& host, std::uint16_t number, Drive drive) : host_(host), id_(16, 1), drive_(std::move(drive)) {
    id_[0] = static_cast<std::uint8_t>(number);
    id_[1] = static_cast<std::uint8_t>(number >> 8);
    greet(host_);
    host_.send(Channel::control, transport::OpenRoom{to_bytes(key_.public_key().bytes()), Bytes(200, 2)});
    REQUIRE(drive_(host_, [this] { return host_.find<transport::RoomOpened>() != nullptr; }));
    host_.send(Channel::control, transport::Publish{{{7, 1, 7}}});
  }

  /// The guest is a member then, takes the host's stream 7, and keeps its seat.
  void let_in(RelayMember& guest, std::size_t welcome_size) {
    greet(guest);
    const auto knocks = host_.count<transport::KnockArrived>();
    guest.send(Channel::handshake, signed_knock(*guest.find<transport::HelloAccepted>()));
    REQUIRE(drive_(guest, [&] { return host_.count<transport::KnockArrived>() > knocks; }));
    const auto knock_id = host_.last<transport::KnockArrived>()->knock_id;
    host_.send(Channel::handshake, transport::AppendCommit{epoch_++, Bytes(1000, 3), {{knock_id, Bytes(welcome_size, 4)}}});
    REQUIRE(drive_(guest, [&] { return guest.find<transport::KnockAnswered>() != nullptr; }));
    REQUIRE(guest.find<transport::KnockAnswered>()->admitted);
    guest.send(Channel::handshake, transport::KeepSeat{Bytes(32, 1)});
    guest.send(Channel::control, transport::Subscribe{{{7, 7}}});
  }
  [[nodiscard]] RelayMember& host() const { return host_; }

 private:
  void greet(RelayMember& member) {
    member.send(Channel::control, transport::Hello{transport::protocol_version, id_});
    REQUIRE(drive_(member, [&] { return member.find<transport::HelloAccepted>() != nullptr; }));
  }
  [[nodiscard]] transport::Knock signed_knock(const transport::HelloAccepted& hello) const {
    Bytes subject = id_;
    subject.insert(subject.end(), hello.challenge.begin(), hello.challenge.end());
    Bytes text = to_bytes(as_bytes("conclave knock v1"));
    text.insert(text.end(), subject.begin(), subject.end());
    text.push_back(9);
    return {{9}, key_.sign(text).value(), crypto::find_work(subject, hello.work_bits, 0, 1 << 24).value()};
  }

  RelayMember& host_;
  Bytes id_;
  Drive drive_;
  crypto::SignaturePrivateKey key_ = crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, crypto::system_random()).value();
  std::uint64_t epoch_ = 0;
};

}  // namespace conclave::test
