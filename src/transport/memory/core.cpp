#include "transport/memory/core.h"

#include <algorithm>
#include <cassert>

#include "base/bytes.h"
#include "transport/feedback.h"
#include "transport/hop/record.h"

namespace conclave::transport::memory {
namespace {

constexpr std::size_t handshake_size = 1200;

End other(End end) { return end == End::client ? End::server : End::client; }
std::size_t index_of(Channel channel) { return static_cast<std::size_t>(channel); }

Result<void> check_open(const Connection* connection, End from) {
  if (connection == nullptr || connection->ends[static_cast<std::size_t>(from)].closed) {
    return Error{ErrorCode::invalid_state, "the connection is closed"};
  }
  return {};
}

Result<void> check_ready(const Connection* connection, End from) {
  CONCLAVE_TRY(check_open(connection, from));
  if (!connection->ends[static_cast<std::size_t>(from)].connected) {
    return Error{ErrorCode::invalid_state, "the connection does not stand yet"};
  }
  return {};
}

}  // namespace

Connection* Core::find(ConnectionId id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : &found->second;
}

ConnectionId Core::connect(const Impairments& up, const Impairments& down, Time now) {
  const ConnectionId id = connections_.size() + 1;
  const auto placed = connections_.try_emplace(id, Path(up, dice_.fork(2 * id)), Path(down, dice_.fork(2 * id + 1)));
  Connection& made = placed.first->second;
  made.end(End::server).message_limit = max_stranger_message_size;
  const Time arrival = made.up.send_reliably(handshake_size, now, connect_timeout);
  if (arrival != never) deliver(id, End::server, arrival, TransportConnected{});
  deliver(id, End::client, now + connect_timeout, TransportClosed{{ErrorCode::unreachable, "the relay does not answer"}});
  return id;
}

void Core::deliver(ConnectionId id, End to, Time at, TransportEvent event) {
  Mailbox& box = to == End::server ? to_server : connection(id).to_client;
  box.emplace(std::make_pair(at, events_++), ServerEvent{id, std::move(event)});
}

// ---- sending ----

Result<void> Core::send_message(ConnectionId id, End from, Channel channel, ByteView message, Time now) {
  Connection* const open = find(id);
  CONCLAVE_TRY(check_open(open, from));
  if (message.empty() || message.size() > max_message_size) return Error{ErrorCode::invalid_argument, "message size"};
  Endpoint& end = open->end(from);
  if (end.backlog + message.size() > max_backlog) return Error{ErrorCode::limit_exceeded, "the peer does not keep up"};
  end.backlog += message.size();
  TransportMessage owned{channel, to_bytes(message)};
  if (end.connected) {
    launch(id, from, std::move(owned), now);
  } else {
    open->waiting.push_back(std::move(owned));
  }
  return {};
}

void Core::launch(ConnectionId id, End from, TransportMessage message, Time now) {
  Connection& open = connection(id);
  const Time arrival = open.path_from(from).send_reliably(message.message.size(), now, idle_timeout);
  if (arrival == never) return lose(id, now + idle_timeout);
  Time& last = open.end(from).last_arrival[index_of(message.channel)];
  last = std::max(last, arrival);
  deliver(id, other(from), last, std::move(message));
}

Result<void> Core::send_media(ConnectionId id, End from, const MediaPacket& packet, Time now) {
  Connection* const open = find(id);
  CONCLAVE_TRY(check_ready(open, from));
  if (packet.payload.size() > hop::max_payload_size) return Error{ErrorCode::invalid_argument, "payload too large"};
  ++open->end(from).counters.media_sent;
  Path& path = open->path_from(from);
  MediaPacket sent = packet;
  sent.header.send_time = hop::send_time(now);
  const auto arrivals = path.send(packet.payload.size() + hop::media_overhead, now);
  std::uint32_t& lost = open->end(from).media_lost;
  sent.header.hop_lost = lost;
  bool arrived = false;
  for (const Arrival& arrival : arrivals) {
    MediaPacket copy = sent;
    if (arrived) {
      ++open->end(other(from)).counters.replayed;
    } else if (!arrival.corrupt || survives(*open, other(from), copy, path)) {
      deliver(id, other(from), arrival.at, std::move(copy));
      arrived = true;
    }
  }
  lost += arrived ? 0 : 1;
  return {};
}

/// The hop authenticates the header and the size: damage anywhere else is for the layers above to find.
bool Core::survives(Connection& open, End to, MediaPacket& packet, Path& path) {
  const ByteView body = packet.payload.bytes();
  assert(body.size() <= hop::max_payload_size);
  Bytes datagram(hop::media_overhead + body.size());
  std::copy(body.begin(), body.end(), datagram.begin() + hop::media_overhead);
  const Bytes before = datagram;
  path.corrupt(datagram);
  const bool whole = datagram.size() == before.size();
  if (!whole || !std::equal(before.begin(), before.begin() + hop::media_overhead, datagram.begin())) {
    ++open.end(to).counters.forged;
    return false;
  }
  packet.payload = SealedPayload::received(ByteView(datagram).subspan(hop::media_overhead));
  return true;
}

Result<void> Core::send_feedback(ConnectionId id, End from, ByteView feedback, Time now) {
  Connection* const open = find(id);
  CONCLAVE_TRY(check_ready(open, from));
  if (feedback.size() > max_feedback_size) return Error{ErrorCode::invalid_argument, "feedback too large"};
  const auto arrivals = open->path_from(from).send(feedback.size() + hop::feedback_overhead, now);
  TransportCounters& counters = open->end(other(from)).counters;
  bool arrived = false;
  for (const Arrival& arrival : arrivals) {
    if (arrived) {
      ++counters.replayed;
    } else if (arrival.corrupt) {
      ++counters.forged;
    } else {
      deliver(id, other(from), arrival.at, TransportFeedback{to_bytes(feedback)});
      arrived = true;
    }
  }
  return {};
}

// ---- the end of a connection ----

void Core::close(ConnectionId id, End from, Error error, Time now) {
  Connection* const open = find(id);
  if (open == nullptr || open->end(from).closed) return;
  Endpoint& end = open->end(from);
  const Time arrival = open->path_from(from).send_reliably(1, now, idle_timeout);
  if (arrival == never || !end.connected) {
    lose(id, now + idle_timeout);
  } else {
    const Time last = *std::max_element(end.last_arrival.begin(), end.last_arrival.end());
    deliver(id, other(from), std::max(arrival, last), TransportClosed{std::move(error)});
  }
  end.closed = true;
  if (from == End::client) open->to_client.clear();
}

void Core::lose(ConnectionId id, Time at) {
  for (const End end : {End::client, End::server}) {
    deliver(id, end, at, TransportClosed{{ErrorCode::connection_lost, "nothing gets through any more"}});
  }
}

void Core::abandon(ConnectionId id) {
  Connection& open = connection(id);
  if (!open.end(End::client).closed && open.end(End::server).connected) lose(id, std::max(last_now_, Time()) + idle_timeout);
  open.end(End::client).closed = true;
  open.to_client.clear();
}

// ---- arriving ----

std::vector<ServerEvent> Core::poll(Mailbox& box, End end, Time now) {
  last_now_ = std::max(last_now_, now);
  std::vector<ServerEvent> events;
  while (!box.empty() && box.begin()->first.first <= now) {
    const Time at = box.begin()->first.first;
    ServerEvent event = std::move(box.begin()->second);
    box.erase(box.begin());
    if (arrive(event, end, at)) events.push_back(std::move(event));
    if (refused_) events.push_back({event.connection, TransportClosed{*std::exchange(refused_, std::nullopt)}});
  }
  return events;
}

bool Core::arrive(const ServerEvent& event, End end, Time at) {
  Connection& open = connection(event.connection);
  Endpoint& here = open.end(end);
  if (const auto* message = std::get_if<TransportMessage>(&event.event)) {
    return arrive_message(open, event.connection, end, *message, at);
  }
  if (here.closed) return false;
  if (const auto* closed = std::get_if<TransportClosed>(&event.event)) {
    if (closed->error.code == ErrorCode::unreachable && here.connected) return false;
    const bool was_known = here.connected || end == End::client;
    here.closed = true;
    return was_known;
  }
  if (std::holds_alternative<TransportConnected>(event.event)) {
    here.connected = true;
    end == End::server ? accept(event.connection, at) : flush_waiting(event.connection, at);
    return true;
  }
  if (std::holds_alternative<MediaPacket>(event.event)) ++here.counters.media_received;
  return here.connected;
}

bool Core::arrive_message(Connection& open, ConnectionId id, End end, const TransportMessage& message, Time at) {
  open.end(other(end)).backlog -= message.message.size();
  Endpoint& here = open.end(end);
  if (here.closed) return false;
  if (message.message.size() <= here.message_limit) return true;
  ++here.counters.oversized;
  const Error error{ErrorCode::limit_exceeded, "message too large"};
  close(id, end, error, at);
  refused_ = error;
  return false;
}

void Core::accept(ConnectionId id, Time at) {
  const Time arrival = connection(id).down.send_reliably(handshake_size, at, connect_timeout);
  if (arrival != never) deliver(id, End::client, arrival, TransportConnected{});
}

void Core::flush_waiting(ConnectionId id, Time at) {
  for (TransportMessage& message : std::exchange(connection(id).waiting, {})) launch(id, End::client, std::move(message), at);
}

}  // namespace conclave::transport::memory
