#include "transport/websocket/server.h"

#include <algorithm>

#include "transport/websocket/connection.h"

namespace conclave::transport::websocket {
namespace {

void add(TransportCounters& sum, const TransportCounters& part) {
  sum.media_sent += part.media_sent;
  sum.media_received += part.media_received;
  sum.malformed += part.malformed;
  sum.oversized += part.oversized;
  sum.overflowed += part.overflowed;
  sum.stale += part.stale;
  sum.unfinished += part.unfinished;
}

Error no_such_connection() { return Error{ErrorCode::invalid_state, "there is no such connection"}; }

}  // namespace

Result<std::unique_ptr<WebSocketServer>> WebSocketServer::make(const quic::RelayKey& key, const ServerConfig& config, crypto::Random& random) {
  CONCLAVE_ASSIGN(credentials, ServerCredentials::make(key));
  return std::unique_ptr<WebSocketServer>(new WebSocketServer(config, std::make_unique<ServerCredentials>(std::move(credentials)), random));
}

WebSocketServer::WebSocketServer(const ServerConfig& config, std::unique_ptr<ServerCredentials> credentials, crypto::Random& random)
    : config_(config), credentials_(std::move(credentials)), random_(random) {}
WebSocketServer::~WebSocketServer() = default;

// ---- the network's side ----

bool WebSocketServer::takes_newcomers(Time now) {
  newcomers_until_ = std::max(newcomers_until_, now - std::chrono::seconds(1));
  if (newcomers_until_ < now) return true;
  ++counters_.held_up;
  return false;
}

bool WebSocketServer::has_room(const Address& from) {
  if (config_.max_half_open == 0 || connections_.size() >= config_.max_connections) {
    ++counters_.refused;
    return false;
  }
  const auto crowd = crowds_.find(block_of(from));
  if (crowd == crowds_.end()) return true;
  if (crowd->second.connections < config_.max_per_address && crowd->second.half_open < config_.max_half_open_per_address) return true;
  ++counters_.crowded;
  return false;
}

/// The most crowded address's oldest: an honest handshake is over long before its turn comes, and who wants all places takes them from itself.
void WebSocketServer::displace_one() {
  std::size_t most = 0;
  ConnectionId oldest = 0;
  for (const ConnectionId id : half_open_) {  // the oldest first
    const std::size_t crowd = crowds_.at(block_of(connections_.at(id).from)).half_open;
    if (crowd <= most) continue;
    most = crowd;
    oldest = id;
  }
  Entry& entry = connections_.at(oldest);
  half_open_.erase(oldest);
  --crowds_.at(block_of(entry.from)).half_open;
  ++counters_.displaced;
  entry.connection->read_end({ErrorCode::limit_exceeded, "others want to come in"});
  settle(oldest, entry);
}

std::optional<ConnectionId> WebSocketServer::accept(const Address& from, Time now) {
  if (!has_room(from)) return std::nullopt;
  if (half_open_.size() >= config_.max_half_open) displace_one();
  newcomers_until_ = std::max(newcomers_until_, now - std::chrono::seconds(1));
  newcomers_until_ += Duration(std::chrono::seconds(1)) / static_cast<std::int64_t>(std::max<std::size_t>(config_.newcomers_per_second, 1));
  Timeouts timeouts;
  timeouts.handshake = config_.handshake_timeout;
  timeouts.idle = config_.idle_timeout;
  timeouts.message = config_.message_timeout;
  auto connection = Connection::accept(*credentials_, timeouts, random_, now);
  if (!connection) return std::nullopt;
  const ConnectionId id = next_id_++;
  ++counters_.accepted;
  Crowd& crowd = crowds_[block_of(from)];
  ++crowd.connections;
  ++crowd.half_open;
  half_open_.insert(id);
  Entry& entry = connections_.emplace(id, Entry{std::move(connection), from}).first->second;
  settle(id, entry);
  return id;
}

void WebSocketServer::receive(ConnectionId id, ByteView bytes, Time now) {
  Entry* const entry = find(id);
  if (entry == nullptr) return;
  entry->connection->read(bytes, now);
  settle(id, *entry);
  bound_unfinished(now);
}

void WebSocketServer::bound_unfinished(Time now) {
  while (unfinished_.total() > config_.max_unfinished) {
    const auto id = unfinished_.greatest();
    if (!id) return;
    Entry& entry = connections_.at(*id);
    entry.connection->end_unfinished(now);
    settle(*id, entry);
  }
}

void WebSocketServer::receive_end(ConnectionId id) {
  Entry* const entry = find(id);
  if (entry == nullptr) return;
  entry->connection->read_end({ErrorCode::connection_lost, "the connection broke"});
  settle(id, *entry);
}

ByteView WebSocketServer::output(ConnectionId id, Time now) {
  Entry* const entry = find(id);
  return entry == nullptr ? ByteView() : entry->connection->output(now);
}

void WebSocketServer::consume(ConnectionId id, std::size_t size) {
  if (Entry* const entry = find(id)) entry->connection->consume(size);
}

bool WebSocketServer::said_all(ConnectionId id) const {
  const auto found = connections_.find(id);
  return found != connections_.end() && found->second.connection->said_all();
}

std::vector<ConnectionId> WebSocketServer::take_talkative() {
  std::vector<ConnectionId> ids(talkative_.begin(), talkative_.end());
  talkative_.clear();
  return ids;
}

bool WebSocketServer::forget_if_finished(ConnectionId id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return true;
  Entry& entry = found->second;
  settle(id, entry);  // writing may have brought it further
  if (!entry.connection->finished() || entry.connection->has_events()) {
    talkative_.erase(id);
    return false;
  }
  add(counters_.transport, entry.connection->counters());
  const auto crowd = crowds_.find(block_of(entry.from));
  if (--crowd->second.connections == 0) crowds_.erase(crowd);
  eventful_.erase(id);
  talkative_.erase(id);
  unfinished_.note(id, block_of(entry.from), 0);
  deadlines_.erase({entry.deadline, id});
  connections_.erase(found);
  return true;
}

/// Brings our books in line with what a connection became.
void WebSocketServer::settle(ConnectionId id, Entry& entry) {
  const Connection& connection = *entry.connection;
  if (!connection.handshaking()) leave_half_open(id, entry);
  if (connection.has_events()) eventful_.insert(id);
  talkative_.insert(id);
  if (const std::size_t held = connection.unfinished(); held != entry.unfinished) {
    entry.unfinished = held;
    unfinished_.note(id, block_of(entry.from), held);
  }
  const Time deadline = connection.has_events() ? never : connection.deadline();  // events are fetched anyway
  if (deadline == entry.deadline) return;
  deadlines_.erase({entry.deadline, id});
  entry.deadline = deadline;
  deadlines_.insert({deadline, id});
}

void WebSocketServer::leave_half_open(ConnectionId id, const Entry& entry) {
  if (half_open_.erase(id) == 0) return;
  --crowds_.at(block_of(entry.from)).half_open;
  count_failure(*entry.connection);
}

void WebSocketServer::count_failure(const Connection& connection) {
  switch (connection.failure()) {
    case Failure::none: break;
    case Failure::tls: ++counters_.tls_failed; break;
    case Failure::upgrade: ++counters_.not_upgraded; break;
    case Failure::timeout: ++counters_.timed_out; break;
    case Failure::gone: ++counters_.abandoned; break;
  }
}

// ---- the relay's side ----

std::vector<ServerEvent> WebSocketServer::poll(Time now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const auto [due, id] = *deadlines_.begin();
    Entry& entry = connections_.at(id);
    entry.connection->expire(now);
    settle(id, entry);
    if (deadlines_.begin()->first != due || deadlines_.begin()->second != id) continue;
    deadlines_.erase({due, id});  // it has nothing more to wait for: its owner is told
    entry.deadline = never;
    deadlines_.insert({never, id});
  }
  std::vector<ServerEvent> events;
  for (const ConnectionId id : std::exchange(eventful_, {})) {
    Entry* const entry = find(id);
    if (entry == nullptr) continue;
    for (TransportEvent& event : entry->connection->take_events()) {
      const bool begins = std::holds_alternative<TransportConnected>(event);
      events.push_back({id, std::move(event), begins ? block_of(entry->from) : AddressBlock{}});
    }
    settle(id, *entry);
  }
  return events;
}

Time WebSocketServer::next_deadline() const {
  if (!eventful_.empty()) return Time{};
  return deadlines_.empty() ? never : deadlines_.begin()->first;
}

WebSocketServer::Entry* WebSocketServer::find(ConnectionId id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : &found->second;
}

Connection* WebSocketServer::touch(ConnectionId id) {
  Entry* const entry = find(id);
  if (entry == nullptr) return nullptr;
  talkative_.insert(id);
  return entry->connection.get();
}

Result<void> WebSocketServer::send_message(ConnectionId id, Channel channel, ByteView message, Time) {
  Connection* const connection = touch(id);
  return connection == nullptr ? no_such_connection() : connection->send_message(channel, message);
}

Result<void> WebSocketServer::send_media(ConnectionId id, const MediaPacket& packet, Time now) {
  Connection* const connection = touch(id);
  return connection == nullptr ? no_such_connection() : connection->send_media(packet, now);
}

Result<void> WebSocketServer::send_feedback(ConnectionId id, ByteView feedback, Time now) {
  Connection* const connection = touch(id);
  return connection == nullptr ? no_such_connection() : connection->send_feedback(feedback, now);
}

void WebSocketServer::admit(ConnectionId id) {
  if (Entry* const entry = find(id)) entry->connection->allow_messages_up_to(max_message_size);
}

void WebSocketServer::close(ConnectionId id, ErrorCode code, std::string_view reason, Time now) {
  Entry* const entry = find(id);
  if (entry == nullptr) return;
  entry->connection->close(code, reason, now);
  eventful_.erase(id);
  settle(id, *entry);
}

std::optional<Address> WebSocketServer::address_of(ConnectionId id) const {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return std::nullopt;
  return found->second.from;
}

ServerCounters WebSocketServer::counters() const {
  ServerCounters counters = counters_;
  counters.unfinished_bytes = unfinished_.total();
  for (const auto& [id, entry] : connections_) add(counters.transport, entry.connection->counters());
  return counters;
}

}  // namespace conclave::transport::websocket
