// What somebody at the relay's TCP port does who is no member, or none that keeps to the protocol.
#include <openssl/ssl.h>

#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "transport/websocket/stream_world.h"
#include "transport/websocket/tls.h"
#include "transport/websocket/upgrade.h"

using namespace conclave;
using namespace conclave::test;
using websocket::TlsSession;

namespace {

const Address attacker = Address::v4(6, 6, 6, 6, 6);

/// Speaks TLS as we do, and inside it whatever the test wants.
class Rogue {
 public:
  explicit Rogue(StreamWorld& world) : world_(world), id_(*world.server->accept(attacker, world.now)), tls_(TlsSession::client(relay_key().hash())) {
    REQUIRE(tls_->begin() == TlsSession::State::going_on);
    exchange();
    REQUIRE(tls_->established());
  }

  void say(ByteView bytes) {
    if (!gone_) (void)tls_->send(bytes);
    exchange();
  }
  void say(const std::string& text) { say(as_bytes(text)); }
  void upgrade() {
    say(websocket::upgrade_request("dGhlIHNhbXBsZSBub25jZQ=="));
    REQUIRE(heard().starts_with("HTTP/1.1 101 "));
    heard_.clear();
  }
  void frame(std::initializer_list<unsigned> head, std::size_t payload) {
    Bytes bytes;
    for (const unsigned byte : head) bytes.push_back(static_cast<std::uint8_t>(byte));
    bytes.resize(bytes.size() + payload);
    say(bytes);
  }
  /// Moves what both want to say, and forgets the connection when the relay does.
  void exchange() {
    for (int round = 0; round < 6 && !gone_; ++round) {
      Bytes out;
      tls_->take_output(out);
      if (!out.empty()) world_.server->receive(id_, out, world_.now);
      for (auto& event : world_.server->poll(world_.now)) world_.events.push_back(std::move(event));
      const Bytes in = to_bytes(world_.server->output(id_, world_.now));
      world_.server->consume(id_, in.size());
      (void)tls_->receive(in, heard_);
      if (world_.server->said_all(id_)) said_all_ = true;
      gone_ = world_.server->forget_if_finished(id_);
    }
  }
  [[nodiscard]] std::string heard() const { return {heard_.begin(), heard_.end()}; }
  /// The code of the Close frame that came last.
  [[nodiscard]] unsigned close_code() const {
    REQUIRE(heard_.size() >= 4);
    REQUIRE(heard_[0] == 0x88);
    return static_cast<unsigned>(heard_[2] << 8 | heard_[3]);
  }
  [[nodiscard]] bool refused() const { return gone_ || said_all_; }
  [[nodiscard]] ConnectionId id() const { return id_; }

 private:
  StreamWorld& world_;
  ConnectionId id_;
  std::unique_ptr<TlsSession> tls_;
  Bytes heard_;
  bool gone_ = false;
  bool said_all_ = false;
};

unsigned code_after(StreamWorld& world, std::initializer_list<unsigned> head, std::size_t payload = 0) {
  Rogue rogue(world);
  rogue.upgrade();
  rogue.frame(head, payload);
  CHECK(rogue.refused());
  return rogue.close_code();
}

unsigned status_after(StreamWorld& world, const std::string& request) {
  Rogue rogue(world);
  rogue.say(request);
  CHECK(rogue.refused());
  REQUIRE(rogue.heard().starts_with("HTTP/1.1 "));
  return static_cast<unsigned>(std::stoul(rogue.heard().substr(9, 3)));
}

/// A first flight of a TLS client that knows no version after 1.2.
Bytes old_hello() {
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  SSL* const session = SSL_new(context);
  BIO* const out = BIO_new(BIO_s_mem());
  SSL_set_bio(session, BIO_new(BIO_s_mem()), out);
  SSL_set_connect_state(session);
  (void)SSL_do_handshake(session);
  Bytes hello(BIO_ctrl_pending(out));
  (void)BIO_read(out, hello.data(), static_cast<int>(hello.size()));
  SSL_free(session);
  SSL_CTX_free(context);
  return hello;
}

/// A TLS client that does with its session whatever the library lets it do.
class BareClient {
 public:
  BareClient() : context_(SSL_CTX_new(TLS_client_method())), session_(SSL_new(context_)), in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem())) {
    BIO_set_mem_eof_return(in_, -1);
    SSL_set_bio(session_, in_, out_);
    constexpr unsigned char protocol[] = "\x08http/1.1";
    REQUIRE(SSL_set_alpn_protos(session_, protocol, sizeof protocol - 1) == 0);
    SSL_set_connect_state(session_);
  }
  ~BareClient() {
    SSL_free(session_);
    SSL_CTX_free(context_);
  }
  BareClient(const BareClient&) = delete;
  BareClient& operator=(const BareClient&) = delete;

  void hear(ByteView bytes) { (void)BIO_write(in_, bytes.data(), static_cast<int>(bytes.size())); }
  bool shake_hands() { return SSL_do_handshake(session_) == 1; }
  void ask_for_new_keys() {
    REQUIRE(SSL_key_update(session_, SSL_KEY_UPDATE_REQUESTED) == 1);
    REQUIRE(shake_hands());
  }
  Bytes words() {
    Bytes bytes(BIO_ctrl_pending(out_));
    if (!bytes.empty()) (void)BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }

 private:
  SSL_CTX* context_;
  SSL* session_;
  BIO* in_;
  BIO* out_;
};

/// A relay's end and a client's, with the handshake behind them.
std::unique_ptr<TlsSession> standing_with(BareClient& client, const websocket::ServerCredentials& credentials) {
  auto relay = TlsSession::server(credentials);
  Bytes plain;
  for (int round = 0; round < 3; ++round) {
    (void)client.shake_hands();
    const Bytes words = client.words();
    if (!words.empty()) REQUIRE(relay->receive(words, plain) == TlsSession::State::going_on);
    Bytes answer;
    relay->take_output(answer);
    client.hear(answer);
  }
  REQUIRE(relay->established());
  return relay;
}

}  // namespace

TEST_CASE("a relay with another key is refused inside the TLS handshake", "[transport][websocket][attack]") {
  const auto other = transport::quic::RelayKey::generate();
  REQUIRE(other.ok());
  StreamWorld world(1, {}, *other);
  StreamMember& member = world.join();
  REQUIRE(member.client.send_message(Channel::control, Bytes{1}, world.now).ok());
  world.run(seconds(3));
  REQUIRE(member.events.size() == 1);
  CHECK(member.got<TransportClosed>().at(0).error.code == ErrorCode::identity_mismatch);
  CHECK(world.events.empty());
  CHECK(world.server->connections() == 0);
  CHECK(world.server->counters().tls_failed == 1);
}

TEST_CASE("TLS 1.2 is refused by an alert, garbage by nothing more, and plain HTTP likewise", "[transport][websocket][attack]") {
  StreamWorld world(2);
  for (const Bytes& bytes : {old_hello(), Bytes(100, 0x41), to_bytes(as_bytes("GET / HTTP/1.1\r\nHost: relay\r\n\r\n")), Bytes(70'000, 0x16)}) {
    const auto id = world.server->accept(attacker, world.now);
    REQUIRE(id);
    world.server->receive(*id, bytes, world.now);
    CHECK(world.server->output(*id, world.now).size() < 30);
    world.server->consume(*id, world.server->output(*id, world.now).size());
    CHECK(world.server->said_all(*id));
    CHECK(world.server->half_open() == 0);
    world.now += seconds(2);
    (void)world.server->poll(world.now);
    CHECK(world.server->forget_if_finished(*id));
  }
  CHECK(world.server->counters().tls_failed == 4);
  CHECK(world.events.empty());
}

TEST_CASE("requests that are no upgrade of ours are answered shortly and closed", "[transport][websocket][attack]") {
  StreamWorld world(3);
  CHECK(status_after(world, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") == 404);
  CHECK(status_after(world, "POST /conclave/1 HTTP/1.1\r\nHost: x\r\n\r\n") == 405);
  CHECK(status_after(world, "GET /conclave/1 HTTP/1.1\r\nHost: x\r\n\r\n") == 426);
  CHECK(status_after(world, "no HTTP at all\r\n\r\n") == 400);
  CHECK(status_after(world, "GET /conclave/1 HTTP/1.1\r\nX: " + std::string(4000, 'y')) == 431);
  Rogue eager(world);
  eager.say(websocket::upgrade_request("dGhlIHNhbXBsZSBub25jZQ==") + "\x82");
  CHECK(eager.refused());
  CHECK(eager.heard().empty());
  CHECK(world.server->counters().not_upgraded == 6);
  CHECK(world.events.empty());
}

TEST_CASE("frames that this protocol never sends end their connection with a code that says why", "[transport][websocket][attack]") {
  StreamWorld world(4);
  CHECK(code_after(world, {0x81, 0x85, 0, 0, 0, 0}, 5) == 1003);        // text
  CHECK(code_after(world, {0x82, 0x05, 4}, 4) == 1002);                 // not masked
  CHECK(code_after(world, {0xc2, 0x85, 0, 0, 0, 0}, 5) == 1002);        // compressed
  CHECK(code_after(world, {0x02, 0x85, 0, 0, 0, 0}, 5) == 1002);        // a fragment
  CHECK(code_after(world, {0x82, 0xfe, 0x10, 0x00, 0, 0, 0, 0}) == 1009);
  CHECK(code_after(world, {0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0}) == 1009);
  const auto malformed = 4000 + static_cast<unsigned>(ErrorCode::malformed);
  CHECK(code_after(world, {0x82, 0x80, 0, 0, 0, 0}) == malformed);      // empty
  CHECK(code_after(world, {0x82, 0x81, 0, 0, 0, 0, 5}) == malformed);   // of an unknown kind
  CHECK(code_after(world, {0x82, 0x83, 0, 0, 0, 0, 3}, 2) == malformed);  // media without its header
  CHECK(code_after(world, {0x82, 0x85, 0, 0, 0, 0, 0}, 4) == malformed);  // an empty message
  CHECK(code_after(world, {0x82, 0x85, 0, 0, 0, 0, 0, 1, 0, 0, 0}) == 4000 + static_cast<unsigned>(ErrorCode::limit_exceeded));
  CHECK(world.got<TransportMessage>().empty());
  CHECK(world.got<MediaPacket>().empty());
  CHECK(world.got<TransportConnected>().size() == world.got<TransportClosed>().size());
}

TEST_CASE("bytes that trickle in do not keep a place", "[transport][websocket][attack]") {
  StreamWorld world(5);
  const auto silent = world.server->accept(attacker, world.now);
  Rogue slow(world);
  Rogue slower(world);
  slower.upgrade();
  const std::string request = websocket::upgrade_request("dGhlIHNhbXBsZSBub25jZQ==");
  Bytes endless{0x82, 0xfe, 0x04, 0x00, 0, 0, 0, 0};
  endless.resize(1000);
  for (std::size_t i = 0; i < 30; ++i) {
    slow.say(request.substr(i, 1));
    slower.say(ByteView(endless).subspan(i, 1));
    if (i == 12) CHECK((slow.refused() && world.server->forget_if_finished(*silent)));  // 5 s
    if (i == 17) CHECK_FALSE(slower.refused());
    world.now += milliseconds(450);
    (void)world.server->poll(world.now);
    slow.exchange();
    slower.exchange();
  }
  CHECK(slower.refused());  // 10 s without a whole frame
  CHECK(world.server->connections() == 0);
  CHECK(world.server->counters().timed_out == 2);
}

TEST_CASE("a flood of half-open connections is bounded, for one address sooner than for all", "[transport][websocket][attack]") {
  websocket::ServerConfig config;
  config.max_half_open = 50;
  config.max_half_open_per_address = 20;
  StreamWorld world(6, config);
  std::size_t taken = 0;
  for (int i = 0; i < 100'000; ++i) taken += world.server->accept(attacker, world.now) ? 1 : 0;
  CHECK(taken == 20);
  CHECK(world.server->counters().crowded == 99'980);
  StreamMember& honest = world.joined();
  for (std::uint8_t i = 0; i < 200; ++i) (void)world.server->accept(Address::v4(7, 7, 7, i, 1), world.now);
  CHECK(world.server->half_open() == 50);
  CHECK(world.server->counters().refused == 0);
  CHECK(world.server->counters().displaced == 170);
  (void)world.joined();  // the flood stands in nobody's way
  world.run(seconds(6));
  CHECK(world.server->half_open() == 0);
  CHECK(honest.got<TransportClosed>().empty());
  (void)world.joined();
}

TEST_CASE("where no half-open place is left, the oldest of the most crowded address gives way", "[transport][websocket][attack]") {
  websocket::ServerConfig config;
  config.max_half_open = 4;
  StreamWorld world(16, config);
  const auto lone = world.server->accept(Address::v4(7, 7, 7, 1, 1), world.now);
  const auto first = world.server->accept(attacker, world.now);
  const auto second = world.server->accept(attacker, world.now);
  REQUIRE(world.server->accept(attacker, world.now));
  REQUIRE(world.server->accept(Address::v4(7, 7, 7, 2, 1), world.now));
  CHECK(world.server->forget_if_finished(*first));
  CHECK_FALSE(world.server->forget_if_finished(*second));
  REQUIRE(world.server->accept(attacker, world.now));
  CHECK(world.server->forget_if_finished(*second));
  CHECK_FALSE(world.server->forget_if_finished(*lone));
  CHECK(world.server->half_open() == 4);
  CHECK(world.server->counters().displaced == 2);
  CHECK(world.server->counters().abandoned == 0);
}

TEST_CASE("handshakes over TCP begin at a bounded pace", "[transport][websocket][attack]") {
  websocket::ServerConfig config;
  config.newcomers_per_second = 10;
  StreamWorld world(17, config);
  const auto come = [&] {
    std::size_t taken = 0;
    for (std::uint8_t i = 0; i < 200 && world.server->takes_newcomers(world.now); ++i) taken += world.server->accept(Address::v4(7, 7, 7, i, 1), world.now) ? 1 : 0;
    return taken;
  };
  world.now += seconds(5);
  CHECK(come() == 10);
  CHECK(come() == 0);
  world.now += milliseconds(300);
  CHECK(come() == 3);
  world.now += seconds(10);
  CHECK(come() == 10);
  CHECK(world.server->counters().held_up == 4);
}

TEST_CASE("connections of one address are bounded", "[transport][websocket][attack]") {
  websocket::ServerConfig config;
  config.max_per_address = 3;
  StreamWorld world(7, config);
  for (int i = 0; i < 3; ++i) Rogue(world).upgrade();
  CHECK_FALSE(world.server->accept(attacker, world.now));
  CHECK(world.server->accept(Address::v4(6, 6, 6, 7, 6), world.now));
  Address six{{0x20, 1, 0xd, 0xb8, 0, 0, 0, 1}, 1};
  for (std::uint8_t i = 0; i < 3; ++i) {
    six.ip[15] = i;  // a /64 is one
    CHECK(world.server->accept(six, world.now));
  }
  six.ip[15] = 99;
  CHECK_FALSE(world.server->accept(six, world.now));
}

TEST_CASE("who asks for answers and does not read them makes none wait", "[transport][websocket][attack]") {
  StreamWorld world(8);
  Rogue rogue(world);
  rogue.upgrade();
  auto tls = TlsSession::client(relay_key().hash());
  const auto id = world.server->accept(Address::v4(6, 6, 6, 8, 6), world.now);
  REQUIRE(tls->begin() == TlsSession::State::going_on);
  Bytes heard;
  for (int round = 0; round < 4; ++round) {
    Bytes out;
    tls->take_output(out);
    world.server->receive(*id, out, world.now);
    const Bytes in = to_bytes(world.server->output(*id, world.now));
    world.server->consume(*id, in.size());
    (void)tls->receive(in, heard);
    if (round == 2) REQUIRE(tls->send(as_bytes(websocket::upgrade_request("dGhlIHNhbXBsZSBub25jZQ=="))) == TlsSession::State::going_on);
  }
  for (int i = 0; i < 2000; ++i) {  // pings of 125 bytes, and no answer is fetched
    Bytes ping{0x89, 0xfd, 0, 0, 0, 0};
    ping.resize(6 + 125);
    REQUIRE(tls->send(ping) == TlsSession::State::going_on);
    Bytes out;
    tls->take_output(out);
    world.server->receive(*id, out, world.now);
  }
  CHECK(world.server->output(*id, world.now).size() < 1000);
}

TEST_CASE("who asks for new TLS keys again and again is ended, and no answers pile up", "[transport][websocket][attack]") {
  const auto credentials = websocket::ServerCredentials::make(relay_key());
  REQUIRE(credentials.ok());
  BareClient patient;
  auto relay = standing_with(patient, *credentials);
  Bytes plain, answers;
  for (unsigned i = 0; i < TlsSession::most_key_updates; ++i) {
    patient.ask_for_new_keys();
    REQUIRE(relay->receive(patient.words(), plain) == TlsSession::State::going_on);
  }
  relay->take_output(answers);
  CHECK(answers.size() > 0);  // they were answered
  patient.ask_for_new_keys();
  CHECK(relay->receive(patient.words(), plain) == TlsSession::State::failed);

  BareClient hasty;
  relay = standing_with(hasty, *credentials);
  for (int i = 0; i < 10'000; ++i) hasty.ask_for_new_keys();
  const Bytes flood = hasty.words();
  std::size_t read = 0;
  constexpr std::size_t piece = 16 << 10;
  auto state = TlsSession::State::going_on;
  for (; state == TlsSession::State::going_on && read < flood.size(); read += piece) {
    state = relay->receive(ByteView(flood).subspan(read, std::min(piece, flood.size() - read)), plain);
  }
  CHECK(state == TlsSession::State::failed);
  CHECK(read == piece);
  answers.clear();
  relay->take_output(answers);
  CHECK(answers.size() <= TlsSession::most_unsent);
}

TEST_CASE("damaged streams end, and nothing of them is taken for what it was", "[transport][websocket][attack]") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    StreamWorld world(seed + 100);
    StreamMember& member = world.joined();
    REQUIRE(member.client.send_media(media_packet(1), world.now).ok());
    Bytes bytes = to_bytes(member.client.output(world.now));
    bytes[seed * 5 % bytes.size()] ^= static_cast<std::uint8_t>(1u << seed % 8);
    world.server->receive(member.id, bytes, world.now);
    (void)world.server->output(member.id, world.now);
    for (auto& event : world.server->poll(world.now)) world.events.push_back(std::move(event));
    CHECK(world.got<MediaPacket>().empty());
  }
}
