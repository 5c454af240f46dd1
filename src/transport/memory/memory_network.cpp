#include "transport/memory/memory_network.h"

#include "transport/hop/record.h"
#include "transport/memory/core.h"

namespace conclave::transport::memory {

// ---- a member's end ----

MemoryClient::~MemoryClient() { core_->abandon(id_); }

Result<void> MemoryClient::send_message(Channel channel, ByteView message, Time now) {
  return core_->send_message(id_, End::client, channel, message, now);
}

Result<void> MemoryClient::send_media(const MediaPacket& packet, Time now) {
  return core_->send_media(id_, End::client, packet, now);
}

Result<void> MemoryClient::send_feedback(ByteView feedback, Time now) {
  return core_->send_feedback(id_, End::client, feedback, now);
}

std::vector<TransportEvent> MemoryClient::poll(Time now) {
  std::vector<TransportEvent> events;
  for (ServerEvent& event : core_->poll(core_->connection(id_).to_client, End::client, now)) {
    events.push_back(std::move(event.event));
  }
  return events;
}

Time MemoryClient::next_deadline() const {
  const Mailbox& box = core_->connection(id_).to_client;
  return box.empty() ? never : box.begin()->first.first;
}

void MemoryClient::close(Time now) {
  core_->close(id_, End::client, Error{ErrorCode::connection_lost, "the peer said goodbye"}, now);
}

std::size_t MemoryClient::max_payload_size() const { return hop::max_payload_size; }
TransportCounters MemoryClient::counters() const { return core_->connection(id_).end(End::client).counters; }

void MemoryClient::change_up(Time at, const Impairments& impairments) { core_->connection(id_).up.change(at, impairments); }
void MemoryClient::change_down(Time at, const Impairments& impairments) {
  core_->connection(id_).down.change(at, impairments);
}

void MemoryClient::reset(Time at) { core_->lose(id_, at); }
void MemoryClient::cut(Time at) {
  Impairments nothing_passes;
  nothing_passes.loss = 1;
  change_up(at, nothing_passes);
  change_down(at, nothing_passes);
  core_->lose(id_, at + idle_timeout);
}

const PathCounters& MemoryClient::up() const { return core_->connection(id_).up.counters(); }
const PathCounters& MemoryClient::down() const { return core_->connection(id_).down.counters(); }

// ---- the relay's end ----

class MemoryNetwork::MemoryServer final : public Server {
 public:
  explicit MemoryServer(std::shared_ptr<Core> core) : core_(std::move(core)) {}

  std::vector<ServerEvent> poll(Time now) override { return core_->poll(core_->to_server, End::server, now); }

  [[nodiscard]] Time next_deadline() const override {
    return core_->to_server.empty() ? never : core_->to_server.begin()->first.first;
  }

  Result<void> send_message(ConnectionId id, Channel channel, ByteView message, Time now) override {
    return core_->send_message(id, End::server, channel, message, now);
  }
  Result<void> send_media(ConnectionId id, const MediaPacket& packet, Time now) override {
    return core_->send_media(id, End::server, packet, now);
  }
  Result<void> send_feedback(ConnectionId id, ByteView feedback, Time now) override {
    return core_->send_feedback(id, End::server, feedback, now);
  }
  void admit(ConnectionId id) override {
    if (Connection* const open = core_->find(id)) open->end(End::server).message_limit = max_message_size;
  }
  void close(ConnectionId id, ErrorCode code, std::string_view reason, Time now) override {
    core_->close(id, End::server, Error{code, std::string(reason)}, now);
  }

 private:
  std::shared_ptr<Core> core_;
};

MemoryNetwork::MemoryNetwork(std::uint64_t seed)
    : core_(std::make_shared<Core>(seed)), server_(std::make_unique<MemoryServer>(core_)) {}
MemoryNetwork::~MemoryNetwork() = default;

Server& MemoryNetwork::server() { return *server_; }

std::unique_ptr<MemoryClient> MemoryNetwork::connect(const Impairments& up, const Impairments& down, Time now) {
  const ConnectionId id = core_->connect(up, down, now);
  return std::unique_ptr<MemoryClient>(new MemoryClient(core_, id));
}

}  // namespace conclave::transport::memory
