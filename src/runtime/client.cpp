#include "conclave/client.h"

#include <unistd.h>

#include <array>
#include <system_error>
#include <thread>

#include "base/bytes.h"
#include "runtime/local_address.h"
#include "runtime/member.h"
#include "runtime/quic_path.h"
#include "runtime/relay_server.h"
#include "runtime/socket_address.h"
#include "runtime/steady_time.h"
#include "runtime/websocket_path.h"

namespace conclave {
namespace {

using runtime::DatagramPort;
using runtime::MemberPath;
using runtime::RelayServer;
using transport::Address;

/// A wildcard of either family: reached from within through loopback, from without through the machine's address.
bool listens_everywhere(const Address& address) {
  return runtime::is_wildcard(address) || address.ip == Address::v4(0, 0, 0, 0, 0).ip;
}

/// Where the relay of this process is reached from within it.
std::string inner_host(const HostConfig& host, const Address& local) {
  return listens_everywhere(local) ? "127.0.0.1" : host.listen;
}

std::string advertised_host(const HostConfig& host, const Address& local) {
  if (host.advertise.empty()) return listens_everywhere(local) ? runtime::local_address() : runtime::ip_text(local);
  const auto address = runtime::parse_address(host.advertise, host.port);
  return address ? runtime::ip_text(*address) : host.advertise;
}

/// Links are strict: what they cannot say must not stand in one.
bool fits_a_link(Link place) {
  place.port = 1;
  return Link::parse(place.text()).ok();
}

/// What this process alone shows the relay inside it: nobody else may open its one room.
std::string own_permit() {
  std::array<std::uint8_t, 32> secret{};
  if (::getentropy(secret.data(), secret.size()) != 0) throw std::system_error(errno, std::generic_category(), "getentropy");
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : secret) text += {digits[byte >> 4], digits[byte & 15]};
  return text;
}

/// The system's refusals of threads and descriptors are thrown by the standard library: they end here.
template <class Make>
Result<Client> contained(Make make) {
  try {
    return make();
  } catch (const std::system_error& error) {
    return Error{ErrorCode::out_of_resources, std::string("the system lends no more: ") + error.what()};
  }
}

/// Where the datagrams go. With a carrier no name is looked up: a literal address stands for the relay that it reaches.
Result<std::unique_ptr<DatagramPort>> port_for(MemberPath& path, ClientConfig& config) {
  if (config.carrier) {
    path.host = "127.0.0.1";
    return std::make_unique<DatagramPort>(std::move(config.carrier), *runtime::parse_address(path.host, path.port));
  }
  CONCLAVE_ASSIGN(socket, runtime::UdpSocket::bind({}));
  return std::make_unique<DatagramPort>(std::move(socket));
}

/// A carrier brings datagrams, and so QUIC alone.
runtime::RouteDials dials_for(const Link& link, const ClientConfig& config, bool carried) {
  runtime::RouteDials dials;
  dials.timeout = config.connect_timeout;
  if (carried || config.transport != TransportChoice::websocket) dials.quic = runtime::dial_by_quic(link, config.connect_timeout, config.full_hop);
  if (!carried && config.transport != TransportChoice::quic) dials.websocket = runtime::dial_by_websocket(link, config.connect_timeout);
  return dials;
}

void settle_media(ClientConfig& config) {
  config.conference.send_video = config.video != nullptr;
  config.conference.send_audio = config.audio != nullptr;
}

}  // namespace

/// The member, its thread, and the relay of a host, which outlives both.
class Client::Runner {
 public:
  Runner(std::unique_ptr<RelayServer> relay, std::unique_ptr<runtime::Member> member, Link link)
      : relay_(std::move(relay)),
        member_(std::move(member)),
        link_(std::move(link)),
        thread_([this] { member_->run(); }) {}
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  ~Runner() {
    member_->abandon();
    join();
  }

  static Result<std::unique_ptr<Runner>> make(std::unique_ptr<RelayServer> relay, Conference conference,
                                              MemberPath path, ClientConfig config, bool hosting) {
    Link link = conference.link();
    CONCLAVE_ASSIGN(port, port_for(path, config));
    path.dials = dials_for(link, config, port->carried());
    path.may_change = config.conference.reconnect_window > Duration::zero();  // it comes back to its seat
    auto member = std::make_unique<runtime::Member>(std::move(conference), std::move(port), std::move(path),
                                                    std::move(config), hosting);
    return std::make_unique<Runner>(std::move(relay), std::move(member), std::move(link));
  }

  /// Opens a room at somebody's relay.
  static Result<Client> host_at(const RelayPlace& relay, ClientConfig config) {
    settle_media(config);
    Link place;
    place.host = relay.host;
    place.port = relay.port;
    place.relay_key_hash = relay.key_hash;
    const MemberPath path{relay.host, relay.port, {}};
    CONCLAVE_ASSIGN(conference, Conference::host(config.conference, place, runtime::wall_now(), runtime::steady_now()));
    CONCLAVE_ASSIGN(runner, make(nullptr, std::move(conference), path, std::move(config), true));
    return Client(std::move(runner));
  }

  static Result<Client> host(ClientConfig config, HostConfig host);
  static Result<Client> join(ClientConfig config, const Link& link);

  [[nodiscard]] runtime::Member& member() const { return *member_; }
  [[nodiscard]] const Link& link() const { return link_; }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::unique_ptr<RelayServer> relay_;
  std::unique_ptr<runtime::Member> member_;
  Link link_;
  std::thread thread_;
};

Result<Client> Client::host(ClientConfig config, HostConfig host) {
  return contained([&] { return Runner::host(std::move(config), std::move(host)); });
}

Result<Client> Client::join(ClientConfig config, const Link& link) {
  return contained([&] { return Runner::join(std::move(config), link); });
}

Result<Client> Client::Runner::host(ClientConfig config, HostConfig host) {
  if (host.relay) return Runner::host_at(*host.relay, std::move(config));
  if (config.carrier) return Error{ErrorCode::invalid_argument, "who carries the datagrams says at which relay the room is"};
  const auto local = runtime::parse_address(host.listen, host.port);
  if (!local) return Error{ErrorCode::invalid_argument, "the address to listen at is not an address"};
  Link place;
  place.host = advertised_host(host, *local);
  if (!fits_a_link(place)) return Error{ErrorCode::invalid_argument, "the advertised host is no name or address that a link can say"};
  settle_media(config);
  auto relay_config = runtime::embedded_relay();
  relay_config.listen = host.listen;
  relay_config.port = host.port;
  relay_config.tcp_port = host.tcp_port;
  relay_config.key_file = host.relay_key_file;
  relay_config.limits.resume_window = config.conference.reconnect_window;
  if (config.conference.room_permit.token.empty()) config.conference.room_permit.token = own_permit();
  relay_config.openers.add_token(as_bytes(config.conference.room_permit.token));
  CONCLAVE_ASSIGN(relay, RelayServer::start(relay_config));
  place.port = relay->port();
  place.relay_key_hash = relay->key_hash();
  const MemberPath path{inner_host(host, *local), place.port, {}};
  CONCLAVE_ASSIGN(conference, Conference::host(config.conference, place, runtime::wall_now(), runtime::steady_now()));
  CONCLAVE_ASSIGN(runner, Runner::make(std::move(relay), std::move(conference), path, std::move(config), true));
  return Client(std::move(runner));
}

Result<Client> Client::Runner::join(ClientConfig config, const Link& link) {
  settle_media(config);
  const MemberPath path{link.host, link.port, {}};
  CONCLAVE_ASSIGN(conference, Conference::join(config.conference, link, runtime::wall_now(), runtime::steady_now()));
  CONCLAVE_ASSIGN(runner, Runner::make(nullptr, std::move(conference), path, std::move(config), false));
  return Client(std::move(runner));
}

Time monotonic_now() { return runtime::steady_now(); }

Client::Client(std::unique_ptr<Runner> runner) : runner_(std::move(runner)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Link Client::link() const { return runner_->link(); }
std::optional<ClientEvent> Client::wait(Duration timeout) { return runner_->member().wait(timeout); }
bool Client::admit(std::uint64_t knock_id) { return runner_->member().post(AdmitKnock{knock_id}); }
bool Client::refuse(std::uint64_t knock_id) { return runner_->member().post(RefuseKnocker{knock_id}); }
bool Client::remove(MemberId member) { return runner_->member().post(RemoveMember{member}); }
bool Client::command(RoomCommand command) { return runner_->member().post(std::move(command)); }
Result<void> Client::receive(ByteView datagram) { return runner_->member().deliver(datagram); }
bool Client::rotate_keys() { return runner_->member().post(RotateKeys{}); }
void Client::leave() { runner_->member().leave(); }
ClientReport Client::report() const { return runner_->member().report(); }

Result<void> Client::finish() {
  runner_->member().abandon();
  runner_->join();
  return runner_->member().finish();
}

}  // namespace conclave
