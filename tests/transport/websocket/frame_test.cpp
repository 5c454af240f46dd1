#include "transport/websocket/frame.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"

using namespace conclave;
using namespace conclave::transport::websocket;
using Verdict = FrameReader::Verdict;

namespace {

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + size);
  return bytes;
}

Bytes frame(std::initializer_list<unsigned> head, std::size_t payload = 0) {
  Bytes out;
  for (const unsigned byte : head) out.push_back(static_cast<std::uint8_t>(byte));
  out.resize(out.size() + payload, 0x55);
  return out;
}

Verdict read(bool masked, const Bytes& bytes) {
  FrameReader reader(masked);
  std::vector<Frame> complete;
  return reader.push(bytes, complete);
}

}  // namespace

TEST_CASE("frames of every size survive, masked or not, however the stream is cut", "[transport][websocket]") {
  for (const bool masked : {false, true}) {
    const std::optional<MaskKey> mask = masked ? std::optional(MaskKey{1, 2, 3, 4}) : std::nullopt;
    Bytes stream;
    std::vector<Bytes> said;
    for (const std::size_t size : {0u, 1u, 5u, 125u, 126u, 127u, 300u, 1199u, 1200u}) {
      said.push_back(pattern(size));
      const std::size_t cut = size / 3;
      write_frame(Opcode::binary, ByteView(said.back()).first(cut), ByteView(said.back()).subspan(cut), mask, stream);
    }
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{1000}, stream.size()}) {
      FrameReader reader(masked);
      std::vector<Frame> complete;
      for (std::size_t at = 0; at < stream.size(); at += step) {
        REQUIRE(reader.push(ByteView(stream).subspan(at, std::min(step, stream.size() - at)), complete) == Verdict::good);
      }
      REQUIRE(complete.size() == said.size());
      for (std::size_t i = 0; i < said.size(); ++i) CHECK(complete[i].payload == said[i]);
      CHECK_FALSE(reader.halfway());
    }
  }
}

TEST_CASE("what this protocol never says is refused by the frame's head", "[transport][websocket][attack]") {
  CHECK(read(true, frame({0x82, 0x85, 1, 2, 3, 4}, 5)) == Verdict::good);
  CHECK(read(true, frame({0x82, 0x05}, 5)) == Verdict::malformed);          // a client's must be masked
  CHECK(read(false, frame({0x82, 0x85, 1, 2, 3, 4}, 5)) == Verdict::malformed);  // a server's must not
  CHECK(read(true, frame({0x81, 0x85})) == Verdict::not_binary);
  CHECK(read(true, frame({0x02, 0x85})) == Verdict::malformed);             // not the final fragment
  CHECK(read(true, frame({0x80, 0x85})) == Verdict::malformed);             // a continuation
  CHECK(read(true, frame({0xc2, 0x85})) == Verdict::malformed);             // compressed
  CHECK(read(true, frame({0xa2, 0x85})) == Verdict::malformed);
  CHECK(read(true, frame({0x92, 0x85})) == Verdict::malformed);
  CHECK(read(true, frame({0x83})) == Verdict::malformed);                   // reserved, by its first byte
  CHECK(read(true, frame({0x8b})) == Verdict::malformed);
  CHECK(read(true, frame({0x89, 0xfe, 0, 126})) == Verdict::malformed);     // a control frame of more than 125 bytes
  CHECK(read(true, frame({0x82, 0xfe, 0, 125})) == Verdict::malformed);     // a length in more bytes than it needs
  CHECK(read(true, frame({0x82, 0xfe, 0x04, 0xb0})) == Verdict::good);
  CHECK(read(true, frame({0x82, 0xfe, 0x04, 0xb1})) == Verdict::oversized);  // before any of its 1,201 bytes
  CHECK(read(true, frame({0x82, 0xff})) == Verdict::oversized);
}

TEST_CASE("a frame that does not end holds its own bytes and no more", "[transport][websocket][attack]") {
  FrameReader reader(true);
  std::vector<Frame> complete;
  REQUIRE(reader.push(frame({0x82, 0xfe, 0x04, 0xb0, 1, 2, 3, 4}), complete) == Verdict::good);
  for (int i = 0; i < 1199; ++i) REQUIRE(reader.push(frame({7}), complete) == Verdict::good);
  CHECK(complete.empty());
  CHECK(reader.halfway());
  REQUIRE(reader.push(frame({7}), complete) == Verdict::good);
  CHECK(complete.size() == 1);
}

TEST_CASE("a goodbye keeps its code and its printable reason", "[transport][websocket]") {
  const auto notice = read_close(close_payload(4302, "full\x01 house"));
  REQUIRE(notice);
  CHECK(notice->code == 4302);
  CHECK(notice->reason == "full? house");
  CHECK(close_payload(1000, std::string(500, 'x')).size() == max_control_payload);
  CHECK(read_close({})->code == 1005);
  CHECK_FALSE(read_close(Bytes{3}));
  CHECK_FALSE(read_close(Bytes{0, 1}));
}
