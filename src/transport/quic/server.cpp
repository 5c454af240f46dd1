#include "transport/quic/server.h"

#include <algorithm>
#include <string>

#include "transport/hop/record.h"
#include "transport/quic/connection.h"
#include "transport/quic/door.h"
#include "transport/quic/reserve.h"

namespace conclave::transport::quic {
namespace {

void add(TransportCounters& sum, const TransportCounters& part) {
  sum.media_sent += part.media_sent;
  sum.media_received += part.media_received;
  sum.malformed += part.malformed;
  sum.forged += part.forged;
  sum.replayed += part.replayed;
  sum.unknown_connection += part.unknown_connection;
  sum.oversized += part.oversized;
  sum.overflowed += part.overflowed;
  sum.unfinished += part.unfinished;
}

constexpr std::size_t largest_reserve = 4096;  ///< packets

Error unknown_connection() { return Error{ErrorCode::invalid_state, "there is no such connection"}; }

}  // namespace

Result<std::unique_ptr<QuicServer>> QuicServer::make(const RelayKey& key, const ServerConfig& config, crypto::Random& random) {
  auto credentials = ServerCredentials::make(key);
  if (!credentials.ok()) return Error{ErrorCode::invalid_argument, credentials.error().detail};
  Door::ResetSecret reset_secret(32);
  CONCLAVE_TRY(key.derive("conclave reset", reset_secret.expose_mutable()));
  auto door = std::make_unique<Door>(std::move(*credentials), std::move(reset_secret), random);
  return std::unique_ptr<QuicServer>(new QuicServer(config, std::move(door), random));
}

QuicServer::QuicServer(const ServerConfig& config, std::unique_ptr<Door> door, crypto::Random& random)
    : config_(config), door_(std::move(door)), random_(random), reserve_(std::make_unique<Reserve>()) {}
QuicServer::~QuicServer() = default;

// ---- the network's side ----

void QuicServer::receive(const Address& from, ByteView packet, Time now) {
  if (packet.empty()) return;
  if (hop::is_hop_packet(packet)) return receive_hop(from, packet, now);
  receive_quic(from, packet, now);
}

void QuicServer::receive_hop(const Address& from, ByteView packet, Time now) {
  const auto clear = hop::read_clear_header(packet);
  if (!clear) {
    ++counters_.transport.malformed;
    return;
  }
  const auto found = by_hop_id_.find(clear->connection_id);
  if (found == by_hop_id_.end()) {
    ++counters_.transport.unknown_connection;
    return;
  }
  connections_.at(found->second).connection->read_hop(from, packet, now);
  settle(found->second, now);
}

void QuicServer::receive_quic(const Address& from, ByteView packet, Time now) {
  ngtcp2_version_cid ids{};
  const int parsed = ngtcp2_pkt_decode_version_cid(&ids, packet.data(), packet.size(), server_cid_size);
  if (parsed == NGTCP2_ERR_VERSION_NEGOTIATION) {
    counters_.version_negotiations += door_->offer_versions(ids, from) ? 1 : 0;
    return;
  }
  if (parsed != 0) {
    ++counters_.transport.malformed;
    return;
  }
  const auto found = by_quic_id_.find(std::string(ids.dcid, ids.dcid + ids.dcidlen));
  if (found == by_quic_id_.end()) return admit_newcomer(from, packet, now);
  const ConnectionId id = found->second;
  connections_.at(id).connection->read(from, packet, now);
  settle(id, now);
  bound_unfinished(now);
}

void QuicServer::admit_newcomer(const Address& from, ByteView packet, Time now) {
  ngtcp2_pkt_hd header{};
  if (ngtcp2_accept(&header, packet.data(), packet.size()) != 0) {
    const bool short_header = (packet[0] & 0x80) == 0;
    ++counters_.transport.unknown_connection;
    if (short_header) counters_.resets += door_->reset(packet, from) ? 1 : 0;
    return;
  }
  const auto original = door_->open_token(header, from, now);
  if (!original && must_show_address(now)) {
    counters_.retries += door_->ask_to_retry(header, from, now) ? 1 : 0;
    return;
  }
  if (half_open_.size() >= config_.max_half_open || connections_.size() >= config_.max_connections) {
    door_->refuse(header, from);
    ++counters_.refused;
    return;
  }
  const AddressBlock origin = block_of(from);
  if (const auto known = by_origin_.find(origin); known != by_origin_.end() && known->second >= config_.max_per_address) {
    door_->refuse(header, from);
    ++counters_.crowded;
    return;
  }
  Timeouts timeouts;
  timeouts.handshake = config_.handshake_timeout;
  timeouts.idle = config_.idle_timeout;
  timeouts.message = config_.message_timeout;
  const Greeting greeting{&header, original, from, &door_->credentials(), door_->reset_secret(), reserve_->get(), config_.seal_payloads};
  auto connection = Connection::accept(greeting, timeouts, random_, now);
  if (!connection) return;
  const ConnectionId id = next_id_++;
  ++counters_.accepted;
  half_open_.insert(id);
  ++by_origin_[origin];
  Connection& made = *connections_.emplace(id, Entry{std::move(connection), {}, never, origin}).first->second.connection;
  made.read(from, packet, now);
  settle(id, now);
  if (made.finished()) remove(id);  // at once: a damaged copy must not stand in the way of the packet itself
}

/// A packet that only looks like a beginning costs us a TLS session too, and leaves nothing to be counted: so the rate counts.
bool QuicServer::must_show_address(Time now) {
  if (half_open_.size() >= config_.retry_from) return true;
  newcomers_until_ = std::max(newcomers_until_, now - std::chrono::seconds(1));
  if (newcomers_until_ >= now) return true;
  newcomers_until_ += Duration(std::chrono::seconds(1)) / static_cast<std::int64_t>(config_.newcomers_per_second);
  return false;
}

/// Brings our books in line with what a connection became.
void QuicServer::settle(ConnectionId id, Time now) {
  Entry& entry = connections_.at(id);
  Connection& connection = *entry.connection;
  note_ids(id, entry);
  if (!connection.handshaking() && half_open_.erase(id) > 0 && connection.hop_id()) {
    const bool fresh = by_hop_id_.emplace(*connection.hop_id(), id).second;
    if (!fresh) connection.close(static_cast<std::uint64_t>(ErrorCode::refused), "try again", now);
  }
  note_touched(id, entry);
  if (connection.has_events()) eventful_.insert(id);
  if (const std::size_t held = connection.unfinished(); held != entry.unfinished) {
    entry.unfinished = held;
    unfinished_.note(id, entry.origin, held);
  }
}

void QuicServer::bound_unfinished(Time now) {
  while (unfinished_.total() > config_.max_unfinished) {
    const auto id = unfinished_.greatest();
    if (!id) return;
    connections_.at(*id).connection->end_unfinished(now);
    settle(*id, now);
  }
}

void QuicServer::note_ids(ConnectionId id, Entry& entry) {
  for (auto& change : entry.connection->take_id_changes()) {
    if (change.added) {
      if (by_quic_id_.emplace(change.id, id).second) entry.quic_ids.push_back(std::move(change.id));
    } else if (std::erase(entry.quic_ids, change.id) > 0) {
      by_quic_id_.erase(change.id);
    }
  }
}

void QuicServer::remove(ConnectionId id) {
  const auto found = connections_.find(id);
  const Entry& entry = found->second;
  add(counters_.transport, entry.connection->counters());
  if (const auto hop_id = entry.connection->hop_id()) {
    const auto named = by_hop_id_.find(*hop_id);
    if (named != by_hop_id_.end() && named->second == id) by_hop_id_.erase(named);
  }
  for (const std::string& quic_id : entry.quic_ids) by_quic_id_.erase(quic_id);
  if (const auto origin = by_origin_.find(entry.origin); --origin->second == 0) by_origin_.erase(origin);
  counters_.abandoned += half_open_.erase(id);
  eventful_.erase(id);
  unfinished_.note(id, entry.origin, 0);
  deadlines_.erase({entry.deadline, id});
  connections_.erase(found);
}

void QuicServer::schedule(ConnectionId id, Entry& entry, Time deadline) {
  Time& current = entry.deadline;
  if (current == deadline) return;
  deadlines_.erase({current, id});
  current = deadline;
  deadlines_.insert({deadline, id});
}

std::vector<OutgoingPacket> QuicServer::transmit(Time now) {
  std::vector<OutgoingPacket> out;
  out.reserve(last_batch_);
  door_->take_packets(out);
  for (const ConnectionId id : std::exchange(talkative_, {})) {
    Entry* const entry = find(id);
    if (entry == nullptr) continue;
    entry->connection->write(out, now);
    settle(id, now);
    entry->talkative = false;
    if (entry->connection->finished() && !entry->connection->has_events()) remove(id);
    else schedule(id, *entry, entry->connection->deadline());
  }
  talkative_.clear();  // whom `settle` put there again
  last_batch_ = std::min(out.size(), largest_reserve);
  return out;
}

// ---- the relay's side ----

std::vector<ServerEvent> QuicServer::poll(Time now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const ConnectionId id = deadlines_.begin()->second;
    Entry& entry = connections_.at(id);
    schedule(id, entry, never);  // until `transmit`
    entry.connection->expire(now);
    settle(id, now);
  }
  std::vector<ServerEvent> events;
  for (const ConnectionId id : std::exchange(eventful_, {})) {
    Connection* const connection = touch(id);
    if (connection == nullptr) continue;
    for (TransportEvent& event : connection->take_events()) {
      const bool begins = std::holds_alternative<TransportConnected>(event);
      events.push_back({id, std::move(event), begins ? connections_.at(id).origin : AddressBlock{}});
    }
  }
  return events;
}

Time QuicServer::next_deadline() const {
  if (!eventful_.empty() || !talkative_.empty()) return at_once;
  return deadlines_.empty() ? never : deadlines_.begin()->first;
}

QuicServer::Entry* QuicServer::find(ConnectionId id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : &found->second;
}

void QuicServer::note_touched(ConnectionId id, Entry& entry) {
  if (!std::exchange(entry.talkative, true)) talkative_.push_back(id);
}

Connection* QuicServer::touch(ConnectionId id) {
  Entry* const entry = find(id);
  if (entry == nullptr) return nullptr;
  note_touched(id, *entry);
  return entry->connection.get();
}

Result<void> QuicServer::send_message(ConnectionId id, Channel channel, ByteView message, Time) {
  Connection* const connection = touch(id);
  if (connection == nullptr) return unknown_connection();
  return connection->send_message(channel, message);
}

Result<void> QuicServer::send_media(ConnectionId id, const MediaPacket& packet, Time now) {
  Connection* const connection = touch(id);
  if (connection == nullptr) return unknown_connection();
  return connection->send_media(packet, now);
}

Result<void> QuicServer::send_feedback(ConnectionId id, ByteView feedback, Time) {
  Connection* const connection = touch(id);
  if (connection == nullptr) return unknown_connection();
  return connection->send_feedback(feedback);
}

void QuicServer::admit(ConnectionId id) {
  if (Entry* const entry = find(id)) entry->connection->allow_messages_up_to(max_message_size);
}

void QuicServer::close(ConnectionId id, ErrorCode code, std::string_view reason, Time now) {
  Connection* const connection = touch(id);
  if (connection == nullptr) return;
  connection->close(static_cast<std::uint64_t>(code), reason, now);
  eventful_.erase(id);
}

std::optional<Address> QuicServer::address_of(ConnectionId id) const {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return std::nullopt;
  return found->second.connection->peer();
}

ServerCounters QuicServer::counters() const {
  ServerCounters counters = counters_;
  counters.unfinished_bytes = unfinished_.total();
  for (const auto& [id, entry] : connections_) add(counters.transport, entry.connection->counters());
  return counters;
}

}  // namespace conclave::transport::quic
