#include "transport/quic/relay_key.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "transport/quic/message_stream.h"

using namespace conclave;
using namespace conclave::transport::quic;

TEST_CASE("a relay's key survives its encoding", "[transport][quic]") {
  const auto key = RelayKey::generate();
  REQUIRE(key.ok());
  const auto pem = key->pem();
  REQUIRE(pem.ok());
  const auto read = RelayKey::parse(pem->expose());
  REQUIRE(read.ok());
  CHECK(read->hash() == key->hash());
  const auto other = RelayKey::generate();
  REQUIRE(other.ok());
  CHECK(other->hash() != key->hash());
}

TEST_CASE("what is no Ed25519 key is refused", "[transport][quic]") {
  CHECK(RelayKey::parse({}).error().code == ErrorCode::malformed);
  CHECK(RelayKey::parse(as_bytes("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")).error().code == ErrorCode::malformed);
}

TEST_CASE("messages come out of a stream as they went in, however it is cut", "[transport][quic]") {
  SendBuffer buffer;
  std::vector<Bytes> sent;
  for (std::size_t i = 1; i < 40; ++i) {
    sent.emplace_back(i * i, static_cast<std::uint8_t>(i));
    buffer.push_message(sent.back());
  }
  MessageReader reader;
  std::vector<Bytes> got;
  std::uint64_t offset = 0;
  for (std::size_t step = 1; buffer.has_unsent(); step = step * 7 % 613) {
    const ByteView piece = buffer.unsent(1).at(0);
    const std::size_t size = std::min(piece.size(), step);
    REQUIRE(reader.push(piece.first(size), 4000, got) == MessageReader::Verdict::good);
    buffer.mark_sent(size);
    offset += size;
  }
  CHECK(got == sent);
  CHECK(buffer.held() == offset);
  buffer.mark_acked(offset - 1);
  CHECK(buffer.held() == 1);
  buffer.mark_acked(offset);
  CHECK(buffer.held() == 0);
}

TEST_CASE("a length is refused before anything is kept for it", "[transport][quic][attack]") {
  std::vector<Bytes> got;
  CHECK(MessageReader().push(Bytes{0, 0, 0x10, 1}, 4096, got) == MessageReader::Verdict::oversized);
  CHECK(MessageReader().push(Bytes{0xff, 0xff, 0xff, 0xff}, 4096, got) == MessageReader::Verdict::oversized);
  CHECK(MessageReader().push(Bytes{0, 0, 0, 0}, 4096, got) == MessageReader::Verdict::empty_message);
  CHECK(MessageReader().push(Bytes{0, 0, 0x10, 0}, 4096, got) == MessageReader::Verdict::good);
  CHECK(got.empty());
}
