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
  CHECK(world.server->counters().refused == 170);
  world.run(seconds(6));
  CHECK(world.server->half_open() == 0);
  CHECK(honest.got<TransportClosed>().empty());
  (void)world.joined();
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
