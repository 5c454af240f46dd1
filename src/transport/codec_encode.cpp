#include "transport/codec.h"
#include "transport/codec_tokens.h"
#include "transport/proto/relay.pb.h"

namespace conclave::transport {
namespace {

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }
/// In place: no copy is left beside it.
void put_secret(std::string& out, ByteView secret) { out.assign(secret.begin(), secret.end()); }

template <class Message>
Bytes serialized(const Message& message) {
  Bytes out(message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(out.data());
  return out;
}

proto::PublishedStream* fill(proto::PublishedStream* out, const PublishedStream& stream) {
  out->set_stream_id(stream.stream_id);
  out->set_temporal_layers(stream.temporal_layers);
  out->set_priority(stream.priority);
  out->set_spatial_layers(stream.spatial_layers);
  return out;
}

// ---- member to relay ----

void fill(proto::ClientMessage& out, const Hello& hello) {
  out.mutable_hello()->set_version(hello.version);
  out.mutable_hello()->set_room_id(text_of(hello.room_id));
}
void fill(proto::ClientMessage& out, const OpenRoom& open) {
  out.mutable_open_room()->set_gate_key(text_of(open.gate_key));
  out.mutable_open_room()->set_card(text_of(open.card));
  put_secret(*out.mutable_open_room()->mutable_token(), open.token.expose());
  out.mutable_open_room()->set_opener_key(text_of(open.opener_key));
  out.mutable_open_room()->set_opener_signature(text_of(open.opener_signature));
  out.mutable_open_room()->set_lane_key(text_of(open.lane_key));
}
void fill(proto::ClientMessage& out, const Knock& knock) {
  out.mutable_knock()->set_sealed(text_of(knock.sealed));
  out.mutable_knock()->set_signature(text_of(knock.signature));
  out.mutable_knock()->set_work(knock.work);
}
void fill(proto::ClientMessage& out, const RefuseKnock& refuse) {
  out.mutable_refuse_knock()->set_knock_id(refuse.knock_id);
}
void fill(proto::ClientMessage& out, const AppendCommit& append) {
  auto* body = out.mutable_append_commit();
  body->set_epoch(append.epoch);
  body->set_message(text_of(append.message));
  for (const auto& welcome : append.welcomes) {
    auto* item = body->add_welcomes();
    item->set_knock_id(welcome.knock_id);
    item->set_welcome(text_of(welcome.welcome));
    for (const std::uint64_t other : welcome.others) item->add_others(other);
  }
}
void fill(proto::ClientMessage& out, const Broadcast& broadcast) {
  out.mutable_broadcast()->set_message(text_of(broadcast.message));
}
void fill(proto::ClientMessage& out, const Publish& publish) {
  auto* body = out.mutable_publish();
  for (const auto& stream : publish.streams) fill(body->add_streams(), stream);
}
void fill(proto::ClientMessage& out, const Subscribe& subscribe) {
  auto* body = out.mutable_subscribe();
  for (const auto& stream : subscribe.streams) {
    auto* item = body->add_streams();
    item->set_stream_id(stream.stream_id);
    item->set_max_temporal_layer(stream.max_temporal_layer);
    item->set_max_spatial_layer(stream.max_spatial_layer);
    item->set_rank(stream.rank);
  }
}
void fill(proto::ClientMessage& out, const Leave&) { out.mutable_leave(); }
void fill(proto::ClientMessage& out, const CloseRoom&) { out.mutable_close_room(); }
void fill(proto::ClientMessage& out, const KeepSeat& keep) { out.mutable_keep_seat()->set_digest(text_of(keep.digest)); }
void fill(proto::ClientMessage& out, const Resume& resume) {
  auto* body = out.mutable_resume();
  body->set_connection(resume.connection);
  put_secret(*body->mutable_token(), resume.token.expose());
  body->set_next_digest(text_of(resume.next_digest));
  body->set_next_index(resume.next_index);
  body->set_last_entry(text_of(resume.last_entry));
}
void fill(proto::ClientMessage& out, const ShareDoor& share) {
  out.mutable_share_door()->set_connection(share.connection);
  out.mutable_share_door()->set_rank(static_cast<std::uint32_t>(share.rank));
}

proto::SeatHeirs* fill(proto::SeatHeirs* out, const SeatHeirs& heirs) {
  out->set_quorum(heirs.quorum);
  for (const std::uint64_t connection : heirs.connections) out->add_connections(connection);
  return out;
}
void fill(proto::ClientMessage& out, const SeatHeirs& heirs) { fill(out.mutable_seat_heirs(), heirs); }
void fill(proto::ClientMessage& out, const Acclaim& acclaim) { out.mutable_acclaim()->set_connection(acclaim.connection); }

// ---- relay to member ----

void fill(proto::RelayMessage& out, const HelloAccepted& accepted) {
  auto* body = out.mutable_hello_accepted();
  body->set_version(accepted.version);
  body->set_connection(accepted.connection);
  body->set_challenge(text_of(accepted.challenge));
  body->set_card(text_of(accepted.card));
  body->set_work_bits(accepted.work_bits);
}
void fill(proto::RelayMessage& out, const RoomOpened&) { out.mutable_room_opened(); }
void fill(proto::RelayMessage& out, const Refused& refused) {
  out.mutable_refused()->set_code(static_cast<std::uint32_t>(refused.code));
  out.mutable_refused()->set_reason(refused.reason);
}
void fill(proto::RelayMessage& out, const KnockArrived& knock) {
  out.mutable_knock_arrived()->set_knock_id(knock.knock_id);
  out.mutable_knock_arrived()->set_sealed(text_of(knock.sealed));
}
void fill(proto::RelayMessage& out, const KnockWithdrawn& knock) {
  out.mutable_knock_withdrawn()->set_knock_id(knock.knock_id);
}
void fill(proto::RelayMessage& out, const KnockAnswered& answer) {
  out.mutable_knock_answered()->set_admitted(answer.admitted);
  out.mutable_knock_answered()->set_welcome(text_of(answer.welcome));
  out.mutable_knock_answered()->set_next_index(answer.next_index);
}
void fill(proto::RelayMessage& out, const LogEntry& entry) {
  auto* body = out.mutable_log_entry();
  body->set_index(entry.index);
  body->set_commit(entry.commit);
  body->set_epoch(entry.epoch);
  body->set_connection(entry.connection);
  body->set_message(text_of(entry.message));
}
void fill(proto::RelayMessage& out, const StreamsAvailable& available) {
  auto* body = out.mutable_streams_available();
  for (const auto& stream : available.streams) {
    auto* item = body->add_streams();
    item->set_connection(stream.connection);
    fill(item->mutable_stream(), stream.stream);
  }
}
void fill(proto::RelayMessage& out, const LayersWanted& wanted) {
  auto* body = out.mutable_layers_wanted();
  for (const auto& stream : wanted.streams) {
    auto* item = body->add_streams();
    item->set_stream_id(stream.stream_id);
    item->set_spatial_layers(stream.spatial_layers);
  }
}
void fill(proto::RelayMessage& out, const HeirsSeated& seated) { fill(out.mutable_heirs_seated(), seated.heirs); }
void fill(proto::RelayMessage& out, const PeerGone& gone) {
  out.mutable_peer_gone()->set_connection(gone.connection);
  out.mutable_peer_gone()->set_left(gone.left);
}
void fill(proto::RelayMessage& out, const RoomClosed&) { out.mutable_room_closed(); }
void fill(proto::RelayMessage& out, const Resumed& resumed) { out.mutable_resumed()->set_end_index(resumed.end_index); }

}  // namespace

Bytes encode(const ClientMessage& message) {
  proto::ClientMessage out;
  std::visit([&out](const auto& body) { fill(out, body); }, message);
  Bytes bytes = serialized(out);
  wipe_tokens(out);
  return bytes;
}

Bytes encode(const RelayMessage& message) {
  proto::RelayMessage out;
  std::visit([&out](const auto& body) { fill(out, body); }, message);
  return serialized(out);
}

}  // namespace conclave::transport
