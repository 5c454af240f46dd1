#include "transport/websocket/upgrade.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"

using namespace conclave;
using namespace conclave::transport::websocket;

namespace {

constexpr const char* key = "dGhlIHNhbXBsZSBub25jZQ==";  // the key of RFC 6455 section 1.3

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

unsigned refused(const std::string& head) {
  const auto verdict = read_upgrade_request(head);
  CHECK(verdict.key.empty());
  return verdict.refusal.status;
}

}  // namespace

TEST_CASE("the upgrade is the one of RFC 6455", "[transport][websocket]") {
  CHECK(accept_value(key).value() == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(read_upgrade_request(upgrade_request(key)).key == key);
  CHECK(read_upgrade_answer(upgrade_answer(accept_value(key).value()), key).ok());
  crypto::SeededRandom random(1);
  const std::string fresh = new_upgrade_key(random);
  CHECK(read_upgrade_request(upgrade_request(fresh)).key == fresh);
  CHECK(new_upgrade_key(random) != fresh);
}

TEST_CASE("a request that is none of ours is refused with its reason", "[transport][websocket][attack]") {
  const std::string good = upgrade_request(key);
  CHECK(refused("GET / HTTP/1.1\r\nHost: x\r\n\r\n") == 404);
  CHECK(refused("GET /conclave/1 HTTP/1.1\r\nHost: x\r\n\r\n") == 426);
  CHECK(refused(replaced(good, "GET", "POST")) == 405);
  CHECK(refused(replaced(good, "HTTP/1.1", "HTTP/1.0")) == 400);
  CHECK(refused(replaced(good, "conclave.1", "conclave.2")) == 426);
  CHECK(refused(replaced(good, "Version: 13", "Version: 8")) == 426);
  CHECK(refused(replaced(good, "Upgrade: websocket", "Upgrade: h2c")) == 426);
  CHECK(refused(replaced(good, key, "c2hvcnQ=")) == 400);
  CHECK(refused(replaced(good, "Host", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nHost")) == 400);
  CHECK(refused(replaced(good, "Host: relay", "Content-Length: 5\r\nHost: relay")) == 400);
  CHECK(refused("\x16\x03\x01 nonsense\r\n\r\n") == 400);
  for (std::size_t size = 0; size < good.size(); ++size) CHECK(read_upgrade_request(good.substr(0, size)).key.empty());
}

TEST_CASE("an answer of anybody but a relay is not taken", "[transport][websocket][attack]") {
  const std::string good = upgrade_answer(accept_value(key).value());
  const auto code = [&](const std::string& answer) { return read_upgrade_answer(answer, key).error().code; };
  CHECK(code("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n") == ErrorCode::connection_lost);
  CHECK(code(refusal_answer({426})) == ErrorCode::version_mismatch);
  CHECK(code(refusal_answer({404})) == ErrorCode::connection_lost);
  CHECK(code(upgrade_answer("s3pPLMBiTxaQ9kYGzzhZRbK+xOp=")) == ErrorCode::connection_lost);
  CHECK(code(replaced(good, "conclave.1", "conclave.2")) == ErrorCode::connection_lost);
  CHECK(code(replaced(good, "Upgrade: websocket", "Sec-WebSocket-Extensions: permessage-deflate\r\nUpgrade: websocket")) == ErrorCode::connection_lost);
  for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(read_upgrade_answer(good.substr(0, size), key).ok());
}

TEST_CASE("a head ends at its empty line, wherever it is cut, or is too long", "[transport][websocket]") {
  const std::string text = upgrade_request(key) + "rest";
  for (std::size_t step = 1; step < text.size(); ++step) {
    HeadReader head;
    std::size_t at = 0;
    while (!head.complete()) at += head.take(as_bytes(text).subspan(at, std::min(step, text.size() - at)));
    CHECK(text.substr(at) == "rest");
    CHECK(head.text() == upgrade_request(key));
  }
  HeadReader endless;
  const std::string much(max_head_size + 1, 'x');
  CHECK(endless.take(as_bytes(much)) == max_head_size);
  CHECK(endless.oversized());
}
