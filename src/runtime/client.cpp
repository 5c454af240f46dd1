#include "conclave/client.h"

#include <thread>

#include "runtime/local_address.h"
#include "runtime/member.h"
#include "runtime/quic_path.h"
#include "runtime/relay_server.h"
#include "runtime/socket_address.h"
#include "runtime/steady_time.h"

namespace conclave {
namespace {

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
  if (!host.advertise.empty()) return host.advertise;
  return listens_everywhere(local) ? runtime::local_address() : host.listen;
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
    CONCLAVE_ASSIGN(socket, runtime::UdpSocket::bind({}));
    Link link = conference.link();
    path.timeout = config.connect_timeout;
    path.dial = runtime::dial_by_quic(link, config.connect_timeout);
    auto member = std::make_unique<runtime::Member>(std::move(conference), std::move(socket), std::move(path),
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
    const MemberPath path{relay.host, relay.port, {}, {}};
    CONCLAVE_ASSIGN(conference, Conference::host(config.conference, place, runtime::wall_now(), runtime::steady_now()));
    CONCLAVE_ASSIGN(runner, make(nullptr, std::move(conference), path, std::move(config), true));
    return Client(std::move(runner));
  }

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
  if (host.relay) return Runner::host_at(*host.relay, std::move(config));
  const auto local = runtime::parse_address(host.listen, host.port);
  if (!local) return Error{ErrorCode::invalid_argument, "the address to listen at is not an address"};
  settle_media(config);
  auto relay_config = runtime::embedded_relay();
  relay_config.listen = host.listen;
  relay_config.port = host.port;
  relay_config.key_file = host.relay_key_file;
  CONCLAVE_ASSIGN(relay, RelayServer::start(relay_config));
  Link place;
  place.host = advertised_host(host, *local);
  place.port = relay->port();
  place.relay_key_hash = relay->key_hash();
  const MemberPath path{inner_host(host, *local), place.port, {}, {}};
  CONCLAVE_ASSIGN(conference, Conference::host(config.conference, place, runtime::wall_now(), runtime::steady_now()));
  CONCLAVE_ASSIGN(runner, Runner::make(std::move(relay), std::move(conference), path, std::move(config), true));
  return Client(std::move(runner));
}

Result<Client> Client::join(ClientConfig config, const Link& link) {
  settle_media(config);
  const MemberPath path{link.host, link.port, {}, {}};
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
void Client::admit(std::uint64_t knock_id) { runner_->member().post(AdmitKnock{knock_id}); }
void Client::refuse(std::uint64_t knock_id) { runner_->member().post(RefuseKnocker{knock_id}); }
void Client::remove(MemberId member) { runner_->member().post(RemoveMember{member}); }
void Client::rotate_keys() { runner_->member().post(RotateKeys{}); }
void Client::leave() { runner_->member().post(LeaveConference{}); }
ClientReport Client::report() const { return runner_->member().report(); }

Result<void> Client::finish() {
  runner_->member().abandon();
  runner_->join();
  return runner_->member().finish();
}

}  // namespace conclave
