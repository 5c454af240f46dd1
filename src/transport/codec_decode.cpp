#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <set>

#include "base/bytes.h"
#include "conclave/transport.h"
#include "transport/codec.h"
#include "transport/codec_tokens.h"
#include "transport/proto/relay.pb.h"

namespace conclave::transport {
namespace {

using google::protobuf::io::CodedInputStream;

Error malformed(const char* what) { return Error{ErrorCode::malformed, what}; }

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

bool has_size(const std::string& field, std::size_t smallest, std::size_t largest) {
  return field.size() >= smallest && field.size() <= largest;
}

// ---- bounds before Protobuf allocates ----

/// The most items that any message repeats, and a few fields more.
constexpr int max_fields = static_cast<int>(max_available_streams) + 16;

bool skip_field(CodedInputStream& in, std::uint32_t tag) {
  std::uint64_t number = 0;
  std::uint32_t size = 0;
  switch (tag & 7) {
    case 0: return in.ReadVarint64(&number);
    case 1: return in.Skip(8);
    case 2: return in.ReadVarint32(&size) && size <= max_message_size && in.Skip(static_cast<int>(size));
    case 5: return in.Skip(4);
    default: return false;
  }
}

/// Two bytes of an empty item become some sixty in memory, so items are counted before they are parsed.
bool fields_are_bounded(ByteView bytes) {
  CodedInputStream in(bytes.data(), static_cast<int>(bytes.size()));
  int fields = 0;
  while (const std::uint32_t tag = in.ReadTag()) {
    std::uint32_t size = 0;
    if ((tag & 7) != 2) return false;  // the body is a message
    if (!in.ReadVarint32(&size) || size > bytes.size()) return false;
    const auto limit = in.PushLimit(static_cast<int>(size));
    while (const std::uint32_t inner = in.ReadTag()) {
      if (++fields > max_fields || !skip_field(in, inner)) return false;
    }
    if (in.BytesUntilLimit() != 0) return false;
    in.PopLimit(limit);
  }
  return static_cast<std::size_t>(in.CurrentPosition()) == bytes.size();
}

template <class Message>
bool parse(Message& out, ByteView bytes) {
  return bytes.size() <= max_message_size && fields_are_bounded(bytes) &&
         out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// ---- streams ----

Result<std::uint16_t> stream_id(std::uint32_t value) {
  if (value > std::numeric_limits<std::uint16_t>::max()) return malformed("stream id");
  return static_cast<std::uint16_t>(value);
}

Result<PublishedStream> read(const proto::PublishedStream& in) {
  CONCLAVE_ASSIGN(id, stream_id(in.stream_id()));
  if (in.temporal_layers() < 1 || in.temporal_layers() > 8 || in.priority() > 7) return malformed("stream");
  if (in.spatial_layers() < 1 || in.spatial_layers() > 4) return malformed("stream");
  return PublishedStream{id, static_cast<std::uint8_t>(in.temporal_layers()), static_cast<std::uint8_t>(in.priority()),
                         static_cast<std::uint8_t>(in.spatial_layers())};
}

Result<Subscription> read(const proto::Subscription& in) {
  CONCLAVE_ASSIGN(id, stream_id(in.stream_id()));
  if (in.max_temporal_layer() > 7 || in.max_spatial_layer() > 3 || in.rank() > 7) return malformed("subscription");
  return Subscription{id, static_cast<std::uint8_t>(in.max_temporal_layer()), static_cast<std::uint8_t>(in.max_spatial_layer()),
                      static_cast<std::uint8_t>(in.rank())};
}

Result<AvailableStream> read(const proto::AvailableStream& in) {
  if (!in.has_stream()) return malformed("available stream");
  CONCLAVE_ASSIGN(stream, read(in.stream()));
  return AvailableStream{in.connection(), stream};
}

Result<LayersWanted::Item> read(const proto::LayersWanted::Item& in) {
  CONCLAVE_ASSIGN(id, stream_id(in.stream_id()));
  if (in.spatial_layers() > 15) return malformed("wanted layers");
  return LayersWanted::Item{id, static_cast<std::uint8_t>(in.spatial_layers())};
}

std::uint16_t id_of(const LayersWanted::Item& stream) { return stream.stream_id; }
std::uint16_t id_of(const PublishedStream& stream) { return stream.stream_id; }
std::uint16_t id_of(const Subscription& stream) { return stream.stream_id; }
std::uint16_t id_of(const AvailableStream& stream) { return stream.stream.stream_id; }

/// At most `most` items, no stream named twice.
template <class Value, class Items>
Result<std::vector<Value>> read_streams(const Items& items, std::size_t most) {
  if (static_cast<std::size_t>(items.size()) > most) return malformed("too many streams");
  std::vector<Value> out;
  std::vector<bool> seen(std::size_t{1} << 16);
  for (const auto& item : items) {
    CONCLAVE_ASSIGN(value, read(item));
    if (seen[id_of(value)]) return malformed("stream named twice");
    seen[id_of(value)] = true;
    out.push_back(value);
  }
  return out;
}

// ---- member to relay ----

Result<ClientMessage> read(const proto::Hello& in) {
  if (in.room_id().size() != room_id_size) return malformed("room id");
  return ClientMessage(Hello{in.version(), bytes_of(in.room_id())});
}

Result<ClientMessage> read(const proto::OpenRoom& in) {
  if (in.gate_key().size() != gate_key_size) return malformed("gate key");
  if (!has_size(in.card(), 1, max_card_size)) return malformed("card");
  if (in.token().size() > max_token_size) return malformed("token");
  const bool keyed = !in.opener_key().empty();
  if (keyed && in.opener_key().size() != gate_key_size) return malformed("opener's key");
  if (in.opener_signature().size() != (keyed ? knock_signature_size : 0)) return malformed("opener's signature");
  if (!in.lane_key().empty() && in.lane_key().size() != gate_key_size) return malformed("key of the lane");
  return ClientMessage(OpenRoom{bytes_of(in.gate_key()), bytes_of(in.card()), SecretBuffer::copy_of(as_bytes(in.token())), bytes_of(in.opener_key()),
                                bytes_of(in.opener_signature()), bytes_of(in.lane_key())});
}

Result<ClientMessage> read(const proto::Knock& in) {
  if (!has_size(in.sealed(), 1, max_knock_size)) return malformed("knock");
  if (in.signature().size() != knock_signature_size) return malformed("knock signature");
  return ClientMessage(Knock{bytes_of(in.sealed()), bytes_of(in.signature()), in.work()});
}

Result<ClientMessage> read(const proto::RefuseKnock& in) {
  return ClientMessage(RefuseKnock{in.knock_id()});
}

Result<ClientMessage> read(const proto::AppendCommit& in) {
  if (in.message().empty()) return malformed("commit");
  if (static_cast<std::size_t>(in.welcomes_size()) > max_welcomes) return malformed("too many welcomes");
  AppendCommit append{in.epoch(), bytes_of(in.message()), {}};
  std::size_t answered = 0;
  std::set<std::uint64_t> knocks;  // each is answered once: or one message would be multiplied by the relay
  for (const auto& item : in.welcomes()) {
    answered += 1 + static_cast<std::size_t>(item.others_size());
    if (item.welcome().empty() || answered > max_welcomes) return malformed("welcome");
    knocks.insert(item.knock_id());
    knocks.insert(item.others().begin(), item.others().end());
    if (knocks.size() != answered) return malformed("a knock that is answered twice");
    append.welcomes.push_back({item.knock_id(), bytes_of(item.welcome()), {item.others().begin(), item.others().end()}});
  }
  return ClientMessage(std::move(append));
}

Result<ClientMessage> read(const proto::Broadcast& in) {
  if (in.message().empty()) return malformed("broadcast");
  return ClientMessage(Broadcast{bytes_of(in.message())});
}

Result<ClientMessage> read(const proto::Publish& in) {
  CONCLAVE_ASSIGN(streams, read_streams<PublishedStream>(in.streams(), max_published_streams));
  return ClientMessage(Publish{std::move(streams)});
}

Result<ClientMessage> read(const proto::Subscribe& in) {
  CONCLAVE_ASSIGN(streams, read_streams<Subscription>(in.streams(), max_subscriptions));
  return ClientMessage(Subscribe{std::move(streams)});
}

Result<ClientMessage> read(const proto::KeepSeat& in) {
  if (in.digest().size() != seat_digest_size) return malformed("seat digest");
  return ClientMessage(KeepSeat{bytes_of(in.digest())});
}

Result<ClientMessage> read(const proto::Resume& in) {
  if (in.token().size() != resume_token_size || in.next_digest().size() != seat_digest_size) return malformed("resume token");
  if (!in.last_entry().empty() && in.last_entry().size() != seat_digest_size) return malformed("last entry");
  return ClientMessage(Resume{in.connection(), ResumeToken::copy_of(as_bytes(in.token())), bytes_of(in.next_digest()), in.next_index(), bytes_of(in.last_entry())});
}

Result<ClientMessage> read(const proto::ShareDoor& in) {
  if (in.rank() > static_cast<std::uint32_t>(DoorRank::keeper)) return malformed("rank at the door");
  return ClientMessage(ShareDoor{in.connection(), static_cast<DoorRank>(in.rank())});
}

Result<SeatHeirs> read_heirs(const proto::SeatHeirs& in) {
  const auto seats = static_cast<std::size_t>(in.connections_size());
  if (seats > max_heirs || in.quorum() > seats || (in.quorum() == 0) != (seats == 0)) return malformed("list of heirs");
  SeatHeirs heirs{static_cast<std::uint8_t>(in.quorum()), {in.connections().begin(), in.connections().end()}};
  const bool ascending = std::ranges::adjacent_find(heirs.connections, std::greater_equal{}) == heirs.connections.end();
  return ascending ? Result<SeatHeirs>(std::move(heirs)) : malformed("order of heirs");
}

Result<ClientMessage> read(const proto::SeatHeirs& in) {
  CONCLAVE_ASSIGN(heirs, read_heirs(in));
  return ClientMessage(std::move(heirs));
}

Result<ClientMessage> read(const proto::Acclaim& in) {
  return ClientMessage(Acclaim{in.connection()});
}

// ---- relay to member ----

Result<RelayMessage> read_seated(const proto::SeatHeirs& in) {
  CONCLAVE_ASSIGN(heirs, read_heirs(in));
  return RelayMessage(HeirsSeated{std::move(heirs)});
}

Result<RelayMessage> read(const proto::HelloAccepted& in) {
  if (in.challenge().size() != challenge_size) return malformed("challenge");
  if (in.card().size() > max_card_size) return malformed("card");
  if (in.work_bits() > max_work_bits) return malformed("price of a knock");
  return RelayMessage(HelloAccepted{in.version(), in.connection(), bytes_of(in.challenge()), bytes_of(in.card()),
                                    static_cast<std::uint8_t>(in.work_bits())});
}

Result<RelayMessage> read(const proto::Refused& in) {
  if (in.reason().size() > max_reason_size) return malformed("reason");
  for (const ErrorCode code : {ErrorCode::version_mismatch, ErrorCode::refused, ErrorCode::limit_exceeded, ErrorCode::malformed}) {
    if (in.code() == static_cast<std::uint32_t>(code)) return RelayMessage(Refused{code, in.reason()});
  }
  return malformed("refusal code");
}

Result<RelayMessage> read(const proto::KnockArrived& in) {
  if (!has_size(in.sealed(), 1, max_knock_size)) return malformed("knock");
  return RelayMessage(KnockArrived{in.knock_id(), bytes_of(in.sealed())});
}

Result<RelayMessage> read(const proto::KnockWithdrawn& in) {
  return RelayMessage(KnockWithdrawn{in.knock_id()});
}

Result<RelayMessage> read(const proto::KnockAnswered& in) {
  if (in.admitted() == in.welcome().empty()) return malformed("knock answer");
  if (!in.admitted() && in.next_index() != 0) return malformed("knock answer");
  return RelayMessage(KnockAnswered{in.admitted(), bytes_of(in.welcome()), in.next_index()});
}

Result<RelayMessage> read(const proto::LogEntry& in) {
  if (in.message().empty()) return malformed("log entry");
  return RelayMessage(LogEntry{in.index(), in.commit(), in.epoch(), in.connection(), bytes_of(in.message())});
}

Result<RelayMessage> read(const proto::StreamsAvailable& in) {
  CONCLAVE_ASSIGN(streams, read_streams<AvailableStream>(in.streams(), max_available_streams));
  return RelayMessage(StreamsAvailable{std::move(streams)});
}

Result<RelayMessage> read(const proto::LayersWanted& in) {
  CONCLAVE_ASSIGN(streams, read_streams<LayersWanted::Item>(in.streams(), max_published_streams));
  return RelayMessage(LayersWanted{std::move(streams)});
}

Result<RelayMessage> read(const proto::PeerGone& in) {
  return RelayMessage(PeerGone{in.connection(), in.left()});
}

// ---- the body ----

Result<ClientMessage> read_body(const proto::ClientMessage& in) {
  switch (in.body_case()) {
    case proto::ClientMessage::kHello: return read(in.hello());
    case proto::ClientMessage::kOpenRoom: return read(in.open_room());
    case proto::ClientMessage::kKnock: return read(in.knock());
    case proto::ClientMessage::kRefuseKnock: return read(in.refuse_knock());
    case proto::ClientMessage::kAppendCommit: return read(in.append_commit());
    case proto::ClientMessage::kBroadcast: return read(in.broadcast());
    case proto::ClientMessage::kPublish: return read(in.publish());
    case proto::ClientMessage::kSubscribe: return read(in.subscribe());
    case proto::ClientMessage::kLeave: return ClientMessage(Leave{});
    case proto::ClientMessage::kCloseRoom: return ClientMessage(CloseRoom{});
    case proto::ClientMessage::kKeepSeat: return read(in.keep_seat());
    case proto::ClientMessage::kResume: return read(in.resume());
    case proto::ClientMessage::kShareDoor: return read(in.share_door());
    case proto::ClientMessage::kSeatHeirs: return read(in.seat_heirs());
    case proto::ClientMessage::kAcclaim: return read(in.acclaim());
    case proto::ClientMessage::BODY_NOT_SET: break;
  }
  return malformed("no such client message");
}

Result<RelayMessage> read_body(const proto::RelayMessage& in) {
  switch (in.body_case()) {
    case proto::RelayMessage::kHelloAccepted: return read(in.hello_accepted());
    case proto::RelayMessage::kRoomOpened: return RelayMessage(RoomOpened{});
    case proto::RelayMessage::kRefused: return read(in.refused());
    case proto::RelayMessage::kKnockArrived: return read(in.knock_arrived());
    case proto::RelayMessage::kKnockWithdrawn: return read(in.knock_withdrawn());
    case proto::RelayMessage::kKnockAnswered: return read(in.knock_answered());
    case proto::RelayMessage::kLogEntry: return read(in.log_entry());
    case proto::RelayMessage::kStreamsAvailable: return read(in.streams_available());
    case proto::RelayMessage::kPeerGone: return read(in.peer_gone());
    case proto::RelayMessage::kRoomClosed: return RelayMessage(RoomClosed{});
    case proto::RelayMessage::kResumed: return RelayMessage(Resumed{in.resumed().end_index()});
    case proto::RelayMessage::kLayersWanted: return read(in.layers_wanted());
    case proto::RelayMessage::kHeirsSeated: return read_seated(in.heirs_seated());
    case proto::RelayMessage::BODY_NOT_SET: break;
  }
  return malformed("no such relay message");
}

/// A Hello of another version may say more than we know; its sender is told which version we speak.
bool is_foreign_hello(const ClientMessage& message) {
  const auto* hello = std::get_if<Hello>(&message);
  return hello != nullptr && hello->version != protocol_version;
}

}  // namespace

Result<ClientMessage> decode_client_message(ByteView bytes) {
  proto::ClientMessage in;
  if (!parse(in, bytes)) return malformed("client message");
  auto message = read_body(in);
  const bool secret = wipe_tokens(in);
  if (!message.ok() || is_foreign_hello(*message)) return message;
  Bytes spelled = encode(*message);
  const bool same = equal(spelled, bytes);
  if (secret) wipe(spelled);
  if (!same) return malformed("another spelling of a client message");
  return message;
}

Result<RelayMessage> decode_relay_message(ByteView bytes) {
  proto::RelayMessage in;
  if (!parse(in, bytes)) return malformed("relay message");
  CONCLAVE_ASSIGN(message, read_body(in));
  if (!equal(encode(message), bytes)) return malformed("another spelling of a relay message");
  return message;
}

}  // namespace conclave::transport
