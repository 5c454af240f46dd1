// A relay and clients that say whatever a test wants, in virtual time and without a transport.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "crypto/random.h"
#include "crypto/signature.h"
#include "crypto/work.h"
#include "relay/memory_commit_log.h"
#include "relay/relay.h"
#include "transport/codec.h"

namespace conclave::relay::testing {

using namespace std::chrono_literals;

inline transport::ResumeToken seat_token(std::uint8_t number) { return transport::ResumeToken::copy_of(Bytes(transport::resume_token_size, number)); }

inline RoomId room_number(std::uint8_t number) {
  RoomId id{};
  id.fill(number);
  return id;
}

/// A frame of one packet that needs no other, as those of sound are.
inline MediaPacket media_packet(std::uint16_t stream_id, std::uint32_t sequence, std::size_t size = 100,
                                std::uint8_t temporal_layer = 0) {
  MediaPacket packet;
  packet.header.frame.stream_id = stream_id;
  packet.header.frame.temporal_layer = temporal_layer;
  packet.header.frame.keyframe = packet.header.start = packet.header.end = true;
  packet.header.stream_sequence = sequence & 0xffffff;
  packet.payload = SealedPayload::received(Bytes(size, static_cast<std::uint8_t>(sequence)));
  return packet;
}

class Harness {
 public:
  explicit Harness(Limits limits = {}, RoomStore* store = nullptr)
      : limits_(limits), log_(limits.log_entries, limits.log_bytes), relay_(limits, log_, random_, store == nullptr ? no_store_ : *store) {
    auto key = crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random_);
    gate_key_ = std::move(key).value();
    lane_key_ = crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random_).value();
  }

  // ---- raw ----
  ConnectionId connect() {
    const ConnectionId id = next_connection_++;
    handle({id, TransportConnected{}, origin});
    return id;
  }
  void disconnect(ConnectionId id) { handle({id, TransportClosed{Error{ErrorCode::connection_lost, "lost"}}}); }
  void send(ConnectionId id, const transport::ClientMessage& message) { send_bytes(id, transport::encode(message)); }
  void send_bytes(ConnectionId id, Bytes bytes) { handle({id, TransportMessage{Channel::control, std::move(bytes)}}); }
  void send_media(ConnectionId id, MediaPacket packet) { handle({id, std::move(packet)}); }
  void send_feedback(ConnectionId id, const std::vector<transport::Feedback>& items) {
    handle({id, TransportFeedback{transport::encode_feedback(items).value()}});
  }
  void handle(transport::ServerEvent event) { collect(relay_.handle(std::move(event), now_)); }
  void say_written() { collect(relay_.say_written()); }
  void shut_down() { collect(relay_.shut_down()); }
  /// Lets time pass, with a tick at each deadline on the way.
  void advance(Duration duration) {
    const Time end = now_ + duration;
    while (relay_.next_deadline() <= end) {
      now_ = std::max(now_, relay_.next_deadline());
      collect(relay_.tick(now_));
    }
    now_ = end;
  }

  // ---- what clients do ----
  ConnectionId visit(const RoomId& room = room_number(1)) {
    const ConnectionId id = connect();
    send(id, transport::Hello{transport::protocol_version, Bytes(room.begin(), room.end())});
    return id;
  }
  ConnectionId open(const RoomId& room = room_number(1), Bytes card = Bytes(300, 0xca)) {
    const ConnectionId id = visit(room);
    send(id, transport::OpenRoom{to_bytes(gate_key_.public_key().bytes()), std::move(card), {}, {}, {}, to_bytes(lane_key_.public_key().bytes())});
    return id;
  }
  transport::Knock signed_knock(ByteView challenge, const RoomId& room = room_number(1), Bytes sealed = Bytes(40, 0x5e), bool in_lane = false) {
    Bytes message = to_bytes(as_bytes("conclave knock v1"));
    message.insert(message.end(), room.begin(), room.end());
    message.insert(message.end(), challenge.begin(), challenge.end());
    message.insert(message.end(), sealed.begin(), sealed.end());
    return {std::move(sealed), (in_lane ? lane_key_ : gate_key_).sign(message).value()};
  }
  ConnectionId knock(const RoomId& room = room_number(1)) {
    const ConnectionId id = visit(room);
    const auto hello = last<transport::HelloAccepted>(id);
    auto knock = signed_knock(hello.challenge, room);
    knock.work = crypto::find_work(subject_of(room, hello.challenge), hello.work_bits, 0, 1 << 24).value();
    send(id, knock);
    return id;
  }
  static Bytes subject_of(const RoomId& room, ByteView challenge) {
    Bytes subject(room.begin(), room.end());
    subject.insert(subject.end(), challenge.begin(), challenge.end());
    return subject;
  }
  /// Lets somebody in by a commit of `host` for its next epoch.
  ConnectionId join(ConnectionId host, const RoomId& room = room_number(1)) {
    const ConnectionId id = knock(room);
    admit(host, last<transport::KnockArrived>(host).knock_id, epochs_[host]++);
    return id;
  }
  void admit(ConnectionId host, std::uint64_t knock_id, std::uint64_t epoch, Bytes welcome = Bytes(20, 0x77)) {
    send(host, transport::AppendCommit{epoch, Bytes(30, 0xc0), {{knock_id, std::move(welcome)}}});
  }
  void publish(ConnectionId id, std::vector<transport::PublishedStream> streams) { send(id, transport::Publish{std::move(streams)}); }
  void subscribe(ConnectionId id, std::vector<transport::Subscription> streams) { send(id, transport::Subscribe{std::move(streams)}); }

  // ---- what clients got ----
  template <class Message>
  std::vector<Message> all(ConnectionId id) const {
    std::vector<Message> out;
    const auto found = messages_.find(id);
    if (found == messages_.end()) return out;
    for (const auto& message : found->second) {
      if (const auto* wanted = std::get_if<Message>(&message)) out.push_back(*wanted);
    }
    return out;
  }
  template <class Message>
  Message last(ConnectionId id) const {
    const auto found = all<Message>(id);
    REQUIRE_FALSE(found.empty());
    return found.back();
  }
  template <class Item>
  std::vector<Item> feedback(ConnectionId id) const {
    std::vector<Item> out;
    const auto found = feedback_.find(id);
    if (found == feedback_.end()) return out;
    for (const auto& item : found->second) {
      if (const auto* wanted = std::get_if<Item>(&item)) out.push_back(*wanted);
    }
    return out;
  }
  const std::vector<MediaPacket>& media(ConnectionId id) { return media_[id]; }
  std::vector<MediaPacket> take_media(ConnectionId id) { return std::exchange(media_[id], {}); }
  bool closed(ConnectionId id) const { return closed_.contains(id); }
  bool admitted(ConnectionId id) const { return admitted_.contains(id); }
  ErrorCode close_code(ConnectionId id) const { return closed_.at(id).code; }
  void forget_received() { messages_.clear(), media_.clear(), feedback_.clear(); }

  Relay& relay() { return relay_; }
  AddressBlock origin{};  ///< where those who connect from now on come from
  const Counters& counters() const { return relay_.counters(); }
  MemoryCommitLog& log() { return log_; }
  Time now() const { return now_; }
  const crypto::SignaturePrivateKey& gate_key() const { return gate_key_; }

 private:
  void collect(const Outputs& outputs) {
    for (const Output& output : outputs) std::visit([&](const auto& wish) { collect(wish); }, output);
  }
  void collect(const SendMessage& wish) {
    auto message = transport::decode_relay_message(*wish.message);
    REQUIRE(message.ok());
    REQUIRE_FALSE(closed(wish.connection));
    messages_[wish.connection].push_back(std::move(message).value());
  }
  void collect(const SendMedia& wish) {
    for (const Receiver& receiver : *wish.receivers) media_[receiver.connection].push_back(numbered(wish.packet, receiver));
  }
  void collect(const SendFeedback& wish) {
    auto items = transport::decode_feedback(wish.feedback);
    REQUIRE(items.ok());
    for (const auto& item : *items) feedback_[wish.connection].push_back(item);
  }
  void collect(const Admit& wish) { admitted_.insert(wish.connection); }
  void collect(const Close& wish) { closed_.emplace(wish.connection, wish); }

  Limits limits_;
  crypto::SeededRandom random_{7};
  MemoryCommitLog log_;
  NoStore no_store_;
  Relay relay_;
  crypto::SignaturePrivateKey gate_key_;
  crypto::SignaturePrivateKey lane_key_;  ///< of personal invitations
  Time now_{std::chrono::seconds(1)};
  ConnectionId next_connection_ = 1;
  std::map<ConnectionId, std::uint64_t> epochs_;
  std::map<ConnectionId, std::vector<transport::RelayMessage>> messages_;
  std::map<ConnectionId, std::vector<MediaPacket>> media_;
  std::map<ConnectionId, std::vector<transport::Feedback>> feedback_;
  std::map<ConnectionId, Close> closed_;
  std::set<ConnectionId> admitted_;
};

}  // namespace conclave::relay::testing
