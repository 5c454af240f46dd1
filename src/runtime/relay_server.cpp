#include "runtime/relay_server.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "crypto/random.h"
#include "relay/memory_commit_log.h"
#include "relay/pump.h"
#include "runtime/event_loop.h"
#include "runtime/relay_key_file.h"
#include "runtime/resolver.h"
#include "runtime/send_backlog.h"
#include "runtime/short_slices.h"
#include "runtime/state_writer.h"
#include "runtime/steady_time.h"
#include "runtime/stream_door.h"
#include "transport/joint_server.h"

namespace conclave::runtime {
namespace {

using transport::quic::QuicServer;
using transport::quic::RelayKey;
using transport::websocket::WebSocketServer;

constexpr Duration goodbye_time = std::chrono::milliseconds(300);
constexpr Duration patience = std::chrono::milliseconds(500);
constexpr std::size_t most_notes = 4096;
constexpr int batches_per_turn = 16;  // then timers and other threads have their turn
constexpr std::size_t datagrams_per_step = 8;  // a burst; what comes of them leaves before the next are looked at

Result<RelayKey> obtain_key(const std::string& file) {
  return file.empty() ? RelayKey::generate() : relay_key_in(file);
}

/// The same after a restart: a card that changed would say that the relay was started again, and that the room is not there.
void keep_false_cards(relay::Relay& relay, const RelayKey& key) {
  std::array<std::uint8_t, 32> derived{};
  if (key.derive("conclave false cards", derived).ok()) relay.set_false_card_key(derived);
  wipe(derived);
}

Result<std::unique_ptr<SqliteStore>> open_store(const RelayServerConfig& config) {
  if (config.state_file.empty()) return std::unique_ptr<SqliteStore>();
  return SqliteStore::open(config.state_file, config.limits.log_entries, config.limits.log_bytes);
}

/// The ports of one relay.
struct Sockets {
  UdpSocket udp;
  std::optional<TcpListener> tcp;
};

Result<Sockets> bind_once(const transport::Address& address, const std::optional<std::uint16_t>& tcp_port) {
  CONCLAVE_ASSIGN(udp, UdpSocket::bind(address));
  Sockets sockets{std::move(udp), std::nullopt};
  if (tcp_port == 0) return sockets;
  CONCLAVE_ASSIGN(tcp, TcpListener::bind({address.ip, tcp_port.value_or(sockets.udp.local_address().port)}));
  sockets.tcp = std::move(tcp);
  return sockets;
}

/// Any free port is one whose number is free for both.
Result<Sockets> bind_sockets(const transport::Address& address, const std::optional<std::uint16_t>& tcp_port) {
  constexpr int tries = 16;
  Result<Sockets> sockets = bind_once(address, tcp_port);
  for (int i = 1; i < tries && address.port == 0 && !tcp_port && !sockets.ok(); ++i) sockets = bind_once(address, tcp_port);
  return sockets;
}

}  // namespace

/// Everything below belongs to the thread once it runs, but for the report.
class RelayServer::Worker {
 public:
  Worker(const RelayServerConfig& config, Sockets sockets, std::unique_ptr<QuicServer> server, std::unique_ptr<WebSocketServer> websocket,
         const RelayKey& key, std::unique_ptr<SqliteStore> store)
      : before_state_write_(config.before_state_write), disk_patience_(config.disk_patience), socket_(std::move(sockets.udp)), server_(std::move(server)), websocket_(std::move(websocket)),
        joint_(*server_, websocket_.get(), transport::websocket::first_id), hash_(key.hash()), store_(std::move(store)),
        memory_log_(config.limits.log_entries, config.limits.log_bytes), relay_(config.limits, log(), crypto::system_random(), rooms()) {
    if (sockets.tcp) door_.emplace(std::move(*sockets.tcp), *websocket_, loop_, [this] { turn(); });
    keep_false_cards(relay_, key);
    if (store_) relay_.restore(store_->rooms(), steady_now());
    relay_.set_openers(config.openers);
    if (config.keep_notes) relay_.keep_notes();
  }

  void launch() {
    if (store_) {
      const auto done = [this](const StateVerdict& verdict) { loop_.post([this, verdict] { note_written(verdict); }); };
      writer_ = std::make_unique<StateWriter>(store_->file(), done, before_state_write_);
    }
    loop_.on_readable(socket_.descriptor(), [this] { receive(); });
    if (door_) door_->open();
    loop_.on_deadline([this] { turn(); });
    thread_ = std::thread([this] {
      ask_for_short_slices();
      turn();
      loop_.run();
    });
  }

  void stop() {
    if (!thread_.joinable()) return;
    loop_.post([this] { say_goodbye(); });
    thread_.join();
    finish_state();
    ended_ = true;
  }

  [[nodiscard]] std::uint16_t port() const { return socket_.local_address().port; }
  [[nodiscard]] std::uint16_t tcp_port() const { return door_ ? door_->port() : std::uint16_t{0}; }
  [[nodiscard]] const transport::quic::KeyHash& key_hash() const { return hash_; }
  void reload(const RelayServerConfig& config) {
    loop_.post([this, limits = config.limits, quic = config.quic, websocket = config.websocket, openers = config.openers] {
      relay_.set_limits(limits);
      relay_.set_openers(openers);
      server_->set_config(quic);
      websocket_->set_config(websocket);
    });
  }
  void drain() {
    loop_.post([this] { relay_.drain(); });
  }
  [[nodiscard]] RelayServerReport report() {
    if (!ended_) bring_up_to_date();
    const std::lock_guard lock(shared_);
    return report_;
  }
  std::vector<AddressedNote> take_notes() {
    const std::lock_guard lock(shared_);
    return std::exchange(notes_, {});
  }

 private:
  relay::CommitLog& log() { return store_ ? static_cast<relay::CommitLog&>(*store_) : memory_log_; }
  relay::RoomStore& rooms() { return store_ ? static_cast<relay::RoomStore&>(*store_) : no_store_; }

  void bring_up_to_date() {
    auto done = std::make_shared<std::promise<void>>();
    auto told = done->get_future();
    loop_.post([this, done] {
      update_report();
      done->set_value();
    });
    (void)told.wait_for(patience);  // in vain when the thread ends meanwhile
  }

  void receive() {
    for (int i = 0; i < batches_per_turn; ++i) {
      const auto datagrams = socket_.receive();
      const Time now = steady_now();
      std::size_t taken = 0;
      for (const auto& datagram : datagrams) {
        server_->receive(datagram.from, datagram.bytes, now);
        if (++taken % datagrams_per_step == 0) forward(now);
      }
      if (datagrams.size() < UdpSocket::batch) break;
    }
    turn();
  }

  /// After a pause many have arrived, and each may leave for hundreds: the first does not wait until the last is sealed.
  void forward(Time now) {
    (void)relay::pump(relay_, joint_, now);
    keep_notes();
    send(now);
  }

  void turn() {
    const Time now = steady_now();
    forward(now);
    write_state(now);
    if (door_) door_->flush(now);
    ++turns_;
    loop_.set_deadline(std::min({relay_.next_deadline(), joint_.next_deadline(), door_ ? door_->next_deadline() : never, goodbye_until_.value_or(never), store_ && store_->collecting() ? Time{} : never}));
    if (!goodbye_until_ || (server_->connections() + websocket_->connections() > 0 && now < *goodbye_until_)) return;
    update_report();
    loop_.stop();
  }

  /// What was told goes to the thread that writes; what tells of it waits in the relay meanwhile.
  void write_state(Time now) {
    if (!store_) return;
    if (auto job = store_->take_job(now)) writer_->submit(std::move(*job));
  }

  void note_written(const StateVerdict& verdict) {
    store_->settle(verdict, steady_now());
    turn();
  }

  /// After the loop: nobody hears of it any more, but those who come back. A disk that hangs is left alone: nothing was said of what it did not take.
  void finish_state() {
    if (!store_) return;
    const Time end = steady_now() + disk_patience_;
    for (;;) {
      if (store_->busy()) store_->settle(writer_->wait(end - steady_now()).value_or(StateVerdict{}), steady_now());
      auto job = store_->take_job(steady_now());
      if (job) writer_->submit(std::move(*job));
      else if (!store_->collecting()) break;
    }
    writer_.reset();
    update_report();
  }

  /// Before `send`, which forgets who is gone.
  void keep_notes() {
    const auto fresh = relay_.take_notes();
    if (fresh.empty()) return;
    const std::lock_guard lock(shared_);
    for (const auto& note : fresh) {
      if (notes_.size() < most_notes) notes_.push_back({note, address_of(note.connection)});
    }
  }

  [[nodiscard]] std::optional<transport::Address> address_of(transport::ConnectionId id) const {
    return id >= transport::websocket::first_id ? websocket_->address_of(id) : server_->address_of(id);
  }

  void send(Time now) {
    backlog_.add(server_->transmit(now));
    backlog_.drain(socket_);
    if (!backlog_.empty() && !waiting_) {
      waiting_ = true;
      loop_.when_writable(socket_.descriptor(), [this] {
        waiting_ = false;
        turn();
      });
    }
  }

  void say_goodbye() {
    const Time now = steady_now();
    goodbye_until_ = now + goodbye_time;
    relay::shut_down(relay_, joint_, now);
    turn();
  }

  void update_report() {
    const std::lock_guard lock(shared_);
    report_ = {relay_.counters(), server_->counters(), websocket_->counters(), socket_.counters(), websocket_->connections(),
               door_ ? door_->accepts_failed() : 0, backlog_.dropped(), relay_.connection_count(),
               server_->half_open() + websocket_->half_open(), relay_.room_count(), relay_.seats_away(), relay_.messages_waiting(), store_ && store_->intact(),
               store_ ? store_->counters() : SqliteStoreCounters{}, turns_};
  }

  std::function<void()> before_state_write_;
  Duration disk_patience_;
  UdpSocket socket_;
  std::unique_ptr<QuicServer> server_;
  std::unique_ptr<WebSocketServer> websocket_;
  transport::JointServer joint_;
  transport::quic::KeyHash hash_;
  std::unique_ptr<SqliteStore> store_;
  relay::MemoryCommitLog memory_log_;
  relay::NoStore no_store_;
  relay::Relay relay_;
  EventLoop loop_;
  std::optional<StreamDoor> door_;
  std::unique_ptr<StateWriter> writer_;  ///< goes before the loop to which it reports
  SendBacklog backlog_;
  bool waiting_ = false;  ///< for the socket to take more
  std::optional<Time> goodbye_until_;
  std::uint64_t turns_ = 0;
  std::atomic<bool> ended_ = false;
  std::mutex shared_;
  RelayServerReport report_;           ///< under `shared_`
  std::vector<AddressedNote> notes_;   ///< under `shared_`
  std::thread thread_;
};

RelayServerConfig embedded_relay() {
  RelayServerConfig config;
  config.limits.rooms = 1;
  config.limits.connections = 64;
  config.limits.members = 32;
  config.limits.knocks = 16;
  config.limits.knock_pace = {.per_second = 2, .burst = 20};  // each visit may cost the host two commits: within what it is granted
  config.limits.visit_timeout = std::chrono::seconds(10);
  config.quic.retry_from = 8;
  config.quic.max_half_open = 32;
  config.quic.max_connections = 96;
  config.quic.max_per_address = 24;  // of 64: nobody fills it from one place
  config.quic.max_unfinished = config.websocket.max_unfinished = std::size_t{16} << 20;
  config.websocket.max_half_open = config.quic.max_half_open;
  config.websocket.max_half_open_per_address = 8;
  config.websocket.max_connections = config.quic.max_connections;
  config.websocket.max_per_address = config.quic.max_per_address;
  return config;
}

Result<std::unique_ptr<RelayServer>> RelayServer::start(const RelayServerConfig& config) {
  const auto address = parse_address(config.listen, config.port);
  if (!address) return Error{ErrorCode::invalid_argument, "the address to listen on is no literal address"};
  CONCLAVE_ASSIGN(key, obtain_key(config.key_file));
  CONCLAVE_ASSIGN(server, QuicServer::make(key, config.quic, crypto::system_random()));
  CONCLAVE_ASSIGN(websocket, WebSocketServer::make(key, config.websocket, crypto::system_random()));
  CONCLAVE_ASSIGN(sockets, bind_sockets(*address, config.tcp_port));
  CONCLAVE_ASSIGN(store, open_store(config));
  try {
    auto worker = std::make_unique<Worker>(config, std::move(sockets), std::move(server), std::move(websocket), key, std::move(store));
    worker->launch();
    return std::unique_ptr<RelayServer>(new RelayServer(std::move(worker)));
  } catch (const std::system_error& error) {
    return Error{ErrorCode::out_of_resources, std::string("cannot start the relay's thread: ") + error.what()};
  }
}

RelayServer::RelayServer(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
RelayServer::~RelayServer() { stop(); }
void RelayServer::stop() { worker_->stop(); }
std::uint16_t RelayServer::port() const { return worker_->port(); }
std::uint16_t RelayServer::tcp_port() const { return worker_->tcp_port(); }
const transport::quic::KeyHash& RelayServer::key_hash() const { return worker_->key_hash(); }
void RelayServer::reload(const RelayServerConfig& config) { worker_->reload(config); }
void RelayServer::drain() { worker_->drain(); }
RelayServerReport RelayServer::report() const { return worker_->report(); }
std::vector<AddressedNote> RelayServer::take_notes() { return worker_->take_notes(); }

}  // namespace conclave::runtime
