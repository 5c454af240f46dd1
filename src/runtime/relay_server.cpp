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
#include "runtime/state_writer.h"
#include "runtime/steady_time.h"

namespace conclave::runtime {
namespace {

using transport::quic::QuicServer;
using transport::quic::RelayKey;

constexpr Duration goodbye_time = std::chrono::milliseconds(300);
constexpr Duration patience = std::chrono::milliseconds(500);
constexpr std::size_t most_notes = 4096;
constexpr int batches_per_turn = 16;  // then timers and other threads have their turn

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

}  // namespace

/// Everything below belongs to the thread once it runs, but for the report.
class RelayServer::Worker {
 public:
  Worker(const RelayServerConfig& config, UdpSocket socket, std::unique_ptr<QuicServer> server, const RelayKey& key,
         std::unique_ptr<SqliteStore> store)
      : before_state_write_(config.before_state_write), socket_(std::move(socket)), server_(std::move(server)), hash_(key.hash()), store_(std::move(store)),
        memory_log_(config.limits.log_entries, config.limits.log_bytes), relay_(config.limits, log(), crypto::system_random(), rooms()) {
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
    loop_.on_deadline([this] { turn(); });
    thread_ = std::thread([this] {
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
  [[nodiscard]] const transport::quic::KeyHash& key_hash() const { return hash_; }
  void reload(const RelayServerConfig& config) {
    loop_.post([this, limits = config.limits, quic = config.quic, openers = config.openers] {
      relay_.set_limits(limits);
      relay_.set_openers(openers);
      server_->set_config(quic);
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
      for (const auto& datagram : datagrams) server_->receive(datagram.from, datagram.bytes, now);
      if (datagrams.size() < UdpSocket::batch) break;
    }
    turn();
  }

  void turn() {
    const Time now = steady_now();
    (void)relay::pump(relay_, *server_, now);
    write_state(now);
    keep_notes();
    send(now);
    ++turns_;
    loop_.set_deadline(std::min({relay_.next_deadline(), server_->next_deadline(), goodbye_until_.value_or(never)}));
    if (!goodbye_until_ || (server_->connections() > 0 && now < *goodbye_until_)) return;
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

  /// After the loop: nobody hears of it any more, but those who come back.
  void finish_state() {
    if (!store_) return;
    const auto last = writer_->stop();
    if (store_->busy() && last) store_->settle(*last, steady_now());
    store_->flush(steady_now());
  }

  /// Before `send`, which forgets who is gone.
  void keep_notes() {
    const auto fresh = relay_.take_notes();
    if (fresh.empty()) return;
    const std::lock_guard lock(shared_);
    for (const auto& note : fresh) {
      if (notes_.size() < most_notes) notes_.push_back({note, server_->address_of(note.connection)});
    }
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
    relay::shut_down(relay_, *server_, now);
    turn();
  }

  void update_report() {
    const std::lock_guard lock(shared_);
    report_ = {relay_.counters(), server_->counters(), socket_.counters(), backlog_.dropped(), relay_.connection_count(),
               server_->half_open(), relay_.room_count(), relay_.seats_away(), relay_.messages_waiting(), store_ && store_->intact(),
               store_ ? store_->counters() : SqliteStoreCounters{}, turns_};
  }

  std::function<void()> before_state_write_;
  UdpSocket socket_;
  std::unique_ptr<QuicServer> server_;
  transport::quic::KeyHash hash_;
  std::unique_ptr<SqliteStore> store_;
  relay::MemoryCommitLog memory_log_;
  relay::NoStore no_store_;
  relay::Relay relay_;
  EventLoop loop_;
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
  return config;
}

Result<std::unique_ptr<RelayServer>> RelayServer::start(const RelayServerConfig& config) {
  const auto address = parse_address(config.listen, config.port);
  if (!address) return Error{ErrorCode::invalid_argument, "the address to listen on is no literal address"};
  CONCLAVE_ASSIGN(key, obtain_key(config.key_file));
  CONCLAVE_ASSIGN(server, QuicServer::make(key, config.quic, crypto::system_random()));
  CONCLAVE_ASSIGN(socket, UdpSocket::bind(*address));
  CONCLAVE_ASSIGN(store, open_store(config));
  try {
    auto worker = std::make_unique<Worker>(config, std::move(socket), std::move(server), key, std::move(store));
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
const transport::quic::KeyHash& RelayServer::key_hash() const { return worker_->key_hash(); }
void RelayServer::reload(const RelayServerConfig& config) { worker_->reload(config); }
void RelayServer::drain() { worker_->drain(); }
RelayServerReport RelayServer::report() const { return worker_->report(); }
std::vector<AddressedNote> RelayServer::take_notes() { return worker_->take_notes(); }

}  // namespace conclave::runtime
