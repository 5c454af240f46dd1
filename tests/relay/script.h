// Several connections of one relay that do what a string of bytes says: for the fuzz target, and for tests with random bytes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>

#include "base/bytes.h"
#include "crypto/random.h"
#include "crypto/signature.h"
#include "relay/memory_commit_log.h"
#include "relay/relay.h"
#include "transport/codec.h"
#include "transport/fec/parity.h"

namespace conclave::relay::testing {

/// Aborts when the relay breaks a promise: its memory grows, an output does not parse, or something is sent to who was closed.
class Script {
 public:
  explicit Script(ByteView script) : script_(script) {
    gate_key_ = crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random_).value();
  }

  void run() {
    while (!script_.empty()) {
      step();
      promise(relay_.connection_count() <= limits_.connections && relay_.room_count() <= limits_.rooms);
      for (std::uint8_t room = 0; room < 2; ++room) promise(log_.bytes_kept(room_id(room)) <= limits_.log_bytes + max_message_size);
    }
    now_ += std::chrono::hours(1);
    for (int i = 0; i < 100 && relay_.next_deadline() <= now_; ++i) carry(relay_.tick(now_));
    promise(relay_.next_deadline() > now_);
  }

 private:
  static void promise(bool kept) {
    if (!kept) std::abort();
  }
  static Limits small_limits() {
    Limits limits;
    limits.connections = 5;
    limits.rooms = 2;
    limits.members = 3;
    limits.knocks = limits.lane_knocks = 2;
    limits.log_entries = 8;
    limits.log_bytes = 2000;
    limits.ring_packets = 8;
    limits.ring_bytes = 2000;
    limits.streams_per_room = 6;
    return limits;
  }
  static RoomId room_id(std::uint8_t number) {
    RoomId id{};
    id.fill(number);
    return id;
  }

  std::uint8_t byte() {
    if (script_.empty()) return 0;
    const std::uint8_t value = script_.front();
    script_ = script_.subspan(1);
    return value;
  }
  ByteView bytes(std::size_t most) {
    const std::size_t size = std::min(most, script_.size());
    const ByteView taken = script_.first(size);
    script_ = script_.subspan(size);
    return taken;
  }

  void step() {
    const std::uint8_t action = byte();
    const ConnectionId connection = byte() % 6 + 1;
    switch (action % 16) {
      case 0: carry(relay_.handle({fresh(connection), TransportConnected{}}, now_)); break;
      case 1: carry(relay_.handle({ids_[connection], TransportClosed{}}, now_)); break;
      case 2: now_ += Duration(std::uint64_t{1} << (byte() % 32)); break;
      case 3: carry(relay_.tick(now_)); break;
      case 4: message(connection, bytes(byte())); break;
      case 5: carry(relay_.handle({ids_[connection], TransportFeedback{to_bytes(bytes(byte()))}}, now_)); break;
      case 6: carry(relay_.handle({ids_[connection], packet()}, now_)); break;
      case 7: feedback(connection); break;
      case 8: say(connection, transport::Hello{transport::protocol_version, to_bytes(room_id(byte() % 2))}); break;
      case 9: say(connection, transport::OpenRoom{to_bytes(gate_key_.public_key().bytes()), {1}}); break;
      case 10: knock(connection); break;
      case 11: say(connection, commit()); break;
      case 12: say(connection, transport::Broadcast{Bytes(byte() + 1u, 2)}); break;
      case 13: say(connection, publish()); break;
      case 14: say(connection, subscribe()); break;
      default: ending(connection, byte()); break;
    }
  }

  /// Connection ids are never used again.
  ConnectionId fresh(ConnectionId slot) { return ids_[slot] = next_id_++; }
  void say(ConnectionId slot, const transport::ClientMessage& content) { message(slot, transport::encode(content)); }
  void message(ConnectionId slot, ByteView content) {
    carry(relay_.handle({ids_[slot], TransportMessage{Channel::control, to_bytes(content)}}, now_));
  }
  void knock(ConnectionId slot) {
    const RoomId room = room_id(byte() % 2);
    Bytes text = to_bytes(as_bytes("conclave knock v1"));
    text.insert(text.end(), room.begin(), room.end());
    const Bytes& challenge = challenges_[ids_[slot]];
    text.insert(text.end(), challenge.begin(), challenge.end());
    text.push_back(9);
    say(slot, transport::Knock{{9}, gate_key_.sign(text).value()});
  }
  transport::AppendCommit commit() {
    transport::AppendCommit commit{byte() % 4u, Bytes(byte() * 8u + 1, 3), {}};
    for (int i = byte() % 3; i > 0; --i) commit.welcomes.push_back({byte() % 8u, Bytes(byte() + 1u, 4)});
    return commit;
  }
  transport::Publish publish() {
    transport::Publish publish;
    std::set<std::uint16_t> named;
    for (int i = byte() % 4; i > 0; --i) {
      const std::uint16_t id = byte() % 8;
      const std::uint8_t layers = byte();
      const bool sound = layers >= 0xe0;
      if (named.insert(id).second) publish.streams.push_back({id, static_cast<std::uint8_t>(layers % 8 + 1), sound ? std::uint8_t{7} : std::uint8_t{0}, static_cast<std::uint8_t>(layers / 8 % 4 + 1)});
    }
    return publish;
  }
  transport::Subscribe subscribe() {
    transport::Subscribe subscribe;
    const std::uint8_t wanted = byte();
    for (std::uint16_t id = 0; id < 8; ++id) {
      if ((wanted >> id & 1) != 0) subscribe.streams.push_back(wish(id, byte()));
    }
    return subscribe;
  }
  static transport::Subscription wish(std::uint16_t id, std::uint8_t layers) {
    return {id, static_cast<std::uint8_t>(layers % 8), static_cast<std::uint8_t>(layers / 8 % 4)};
  }
  MediaPacket packet() {
    MediaPacket packet;
    packet.header.frame.stream_id = byte() % 8;
    packet.header.stream_sequence = static_cast<std::uint32_t>(byte() << 16 | byte());
    packet.header.frame.temporal_layer = byte() % 8;
    const std::uint8_t kind = byte();
    packet.header.frame.keyframe = kind % 2 != 0;
    packet.header.frame.discardable = (kind & 2) != 0;
    packet.header.frame.spatial_layer = kind / 4 % 4;
    packet.header.start = (kind & 16) != 0;
    packet.payload = SealedPayload::received(Bytes(byte() * 4u, 5));
    if ((kind & 32) != 0) make_parity(packet);
    return packet;
  }
  void make_parity(MediaPacket& packet) {
    packet.header.frame.temporal_layer = packet.header.frame.spatial_layer = 0;
    packet.header.frame.keyframe = packet.header.frame.discardable = packet.header.start = false;
    packet.header.fec = true;
    Bytes payload(packet.payload.size() + transport::fec::parity_overhead, 6);
    payload[0] = byte() % transport::fec::max_rows;
    payload[1] = static_cast<std::uint8_t>(0x80 | byte());
    std::fill_n(payload.begin() + 2, 5, std::uint8_t{0});
    packet.payload = SealedPayload::received(payload);
  }
  void feedback(ConnectionId slot) {
    const std::uint16_t stream = byte() % 8;
    std::vector<transport::Feedback> items{transport::KeyframeRequest{stream}, transport::ReceiverReport{.stream_id = stream}};
    items.push_back(transport::Nack{stream, {byte(), byte(), static_cast<std::uint32_t>(byte() << 16)}});
    const std::uint32_t packets = reported_ += byte();
    const std::uint32_t late = byte();  // a queue that comes and goes
    items.emplace_back(transport::PathReport{packets, packets / 8, packets * 100, late * 64, 0, 0});
    carry(relay_.handle({ids_[slot], TransportFeedback{transport::encode_feedback(items).value()}}, now_));
  }
  void ending(ConnectionId slot, std::uint8_t how) {
    if (how % 16 == 4) share_door(slot, how);
    else if (how % 32 == 12) seat_heirs(slot);
    else if (how % 32 == 28) say(slot, transport::Acclaim{any_peer()});
    else if (how % 4 == 0) say(slot, transport::Leave{});
    else if (how % 4 == 1) say(slot, transport::CloseRoom{});
    else if (how % 8 == 2) say(slot, transport::RefuseKnock{how / 4u % 8});
    else if (how % 8 == 3) say(slot, transport::KeepSeat{transport::seat_digest(token(how / 8u % 4))});
    else resume(slot, how);
  }

  /// A rank for any seat that somebody has or had, or for none.
  void share_door(ConnectionId slot, std::uint8_t how) {
    say(slot, transport::ShareDoor{any_peer(), static_cast<transport::DoorRank>(how / 16u % 4)});
  }
  std::uint64_t any_peer() { return peers_[ids_[static_cast<ConnectionId>(byte() % 8)]]; }
  void seat_heirs(ConnectionId slot) {
    std::set<std::uint64_t> seats;
    for (std::uint8_t count = byte() % 4; count > 0; --count) seats.insert(any_peer());
    const std::size_t quorum = seats.empty() ? 0 : 1 + byte() % seats.size();
    say(slot, transport::SeatHeirs{static_cast<std::uint8_t>(quorum), {seats.begin(), seats.end()}});
  }

  static transport::ResumeToken token(std::size_t number) { return transport::ResumeToken::copy_of(Bytes(32, static_cast<std::uint8_t>(number))); }
  /// Of any seat that somebody has or had.
  void resume(ConnectionId slot, std::uint8_t how) {
    const std::uint64_t peer = peers_[ids_[static_cast<ConnectionId>(byte() % 6 + 1)]];
    say(slot, transport::Resume{peer, token(how / 8u % 4), transport::seat_digest(token(byte() % 4)), byte() % 16u});
  }

  void carry(const Outputs& outputs) {
    for (const Output& output : outputs) std::visit([&](const auto& wish) { check(wish); }, output);
  }
  void check(const SendMessage& wish) {
    promise(!closed_.contains(wish.connection));
    const auto message = transport::decode_relay_message(*wish.message);
    promise(message.ok());
    if (const auto* hello = std::get_if<transport::HelloAccepted>(&*message)) {
      challenges_[wish.connection] = hello->challenge;
      peers_[wish.connection] = hello->connection;
    }
  }
  void check(const SendMedia& wish) {
    promise(wish.receivers != nullptr && !wish.receivers->empty());
    for (const Receiver& receiver : *wish.receivers) promise(!closed_.contains(receiver.connection));
  }
  void check(const SendFeedback& wish) {
    promise(!closed_.contains(wish.connection) && transport::decode_feedback(wish.feedback).ok());
  }
  void check(const Admit& wish) { promise(!closed_.contains(wish.connection)); }
  void check(const Close& wish) { promise(closed_.insert(wish.connection).second); }

  ByteView script_;
  Limits limits_ = small_limits();
  crypto::SeededRandom random_{1};
  MemoryCommitLog log_{limits_.log_entries, limits_.log_bytes};
  Relay relay_{limits_, log_, random_};
  crypto::SignaturePrivateKey gate_key_;
  Time now_{std::chrono::seconds(1)};
  ConnectionId next_id_ = 1;
  std::array<ConnectionId, 8> ids_{};
  std::uint32_t reported_ = 0;
  std::map<ConnectionId, Bytes> challenges_;
  std::map<ConnectionId, std::uint64_t> peers_;
  std::set<ConnectionId> closed_;
};

}  // namespace conclave::relay::testing
