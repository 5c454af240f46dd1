// The public relay: plain configuration in, plain numbers out.
#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "conclave/relay.h"
#include "runtime/relay_metrics.h"
#include "runtime/relay_server.h"
#include "runtime/resolver.h"

namespace conclave {
namespace {

using runtime::RelayServer;
using runtime::RelayServerConfig;

Result<relay::Openers> openers_of(const RoomOpeners& listed) {
  relay::Openers openers;
  for (const auto& token : listed.tokens) {
    if (token.empty() || token.size() > transport::max_token_size) return Error{ErrorCode::invalid_argument, "a token has 1 to 128 bytes"};
    openers.add_token(as_bytes(token));
  }
  for (const auto& key : listed.keys) openers.add_key(key);
  return openers;
}

relay::Limits limits_of(const RelayLimits& given) {
  relay::Limits limits;
  limits.connections = given.connections;
  limits.rooms = given.rooms;
  limits.members = given.members_per_room;
  limits.knocks = given.knocks_per_room;
  limits.knock_pace = {.per_second = given.knocks_per_second, .burst = std::max(1.0, 5 * given.knocks_per_second)};
  limits.lane_knocks = given.invited_knocks_per_room;
  limits.lane_pace = {.per_second = given.invited_knocks_per_second, .burst = std::max(1.0, 5 * given.invited_knocks_per_second)};
  limits.knock_timeout = std::chrono::seconds(given.knock_seconds);
  limits.free_visits = static_cast<double>(given.free_visits);
  limits.work_bits = static_cast<std::uint8_t>(std::min<std::size_t>(given.work_bits, transport::max_work_bits));
  limits.log_entries = given.log_entries_per_room;
  limits.log_bytes = given.log_bytes_per_room;
  limits.resume_window = std::chrono::seconds(given.resume_seconds);
  limits.streams_published = given.streams_per_member;
  limits.streams_subscribed = given.subscriptions_per_member;
  limits.media = {.per_second = given.media_packets_per_second, .burst = given.media_packets_per_second};
  return limits;
}

Result<RelayServerConfig> server_config(const RelayConfig& config) {
  RelayServerConfig out;
  out.listen = config.listen;
  out.port = config.port;
  out.tcp_port = config.tcp_port;
  out.key_file = config.key_file;
  out.state_file = config.state_file;
  out.limits = limits_of(config.limits);
  out.quic.max_connections = config.limits.connections;
  out.quic.max_half_open = config.limits.half_open;
  out.quic.newcomers_per_second = std::max<std::size_t>(config.limits.newcomers_per_second, 1);
  out.limits.seats_away_per_address = config.limits.connections_per_address;
  out.quic.max_per_address = config.limits.connections_per_address;
  out.websocket.max_connections = config.limits.connections;
  out.websocket.max_half_open = config.limits.half_open;
  out.websocket.newcomers_per_second = out.quic.newcomers_per_second;
  out.websocket.max_half_open_per_address = std::max<std::size_t>(config.limits.half_open / 4, 1);
  out.websocket.max_per_address = config.limits.connections_per_address;
  out.quic.seal_payloads = config.full_hop;
  out.keep_notes = config.keep_notes;
  CONCLAVE_ASSIGN(openers, openers_of(config.openers));
  out.openers = std::move(openers);
  return out;
}

const char* name_of(relay::NoteKind kind) {
  switch (kind) {
    case relay::NoteKind::connected: return "connected";
    case relay::NoteKind::disconnected: return "disconnected";
    case relay::NoteKind::refused: return "refused";
    case relay::NoteKind::room_opened: return "room opened";
    case relay::NoteKind::room_closed: return "room closed";
  }
  return "";
}

}  // namespace

class RelayService::State {
 public:
  State(RelayConfig used, std::unique_ptr<RelayServer> running) : config(std::move(used)), server(std::move(running)) {}
  RelayConfig config;
  std::unique_ptr<RelayServer> server;
};

Result<RelayService> RelayService::start(const RelayConfig& config) {
  CONCLAVE_ASSIGN(inner, server_config(config));
  CONCLAVE_ASSIGN(server, RelayServer::start(inner));
  return RelayService(std::make_unique<State>(config, std::move(server)));
}

RelayService::RelayService(std::unique_ptr<State> state) : state_(std::move(state)) {}
RelayService::RelayService(RelayService&&) noexcept = default;
RelayService& RelayService::operator=(RelayService&&) noexcept = default;
RelayService::~RelayService() = default;

Result<void> RelayService::reload(const RelayConfig& config) {
  const RelayConfig& old = state_->config;
  if (config.listen != old.listen || config.port != old.port || config.tcp_port != old.tcp_port || config.key_file != old.key_file || config.state_file != old.state_file) {
    return Error{ErrorCode::invalid_argument, "another address, port, key file or state file needs a new start"};
  }
  CONCLAVE_ASSIGN(inner, server_config(config));
  state_->server->reload(inner);
  state_->config = config;
  return {};
}

void RelayService::drain() { state_->server->drain(); }
void RelayService::stop() { state_->server->stop(); }
std::uint16_t RelayService::port() const { return state_->server->port(); }
std::uint16_t RelayService::tcp_port() const { return state_->server->tcp_port(); }
const std::array<std::uint8_t, 32>& RelayService::key_hash() const { return state_->server->key_hash(); }
std::size_t RelayService::rooms() const { return state_->server->report().rooms; }
std::vector<RelayMetric> RelayService::metrics() const { return runtime::metrics_of(state_->server->report()); }

std::vector<RelayNote> RelayService::take_notes() {
  std::vector<RelayNote> out;
  for (const auto& [note, address] : state_->server->take_notes()) {
    const bool room = note.room != relay::RoomId{};
    out.push_back({name_of(note.kind), address ? runtime::address_text(*address) : "", room ? to_hex(note.room) : ""});
  }
  return out;
}

}  // namespace conclave
