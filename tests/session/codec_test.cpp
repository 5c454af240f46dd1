// Codec-aware frames: what must stay readable does, and nothing else; all of it is authenticated.
#include <catch2/catch.hpp>

#include "crypto/random.h"
#include "session/codec_units.h"
#include "session/meeting.h"

using namespace conclave;
using namespace conclave::test;

namespace {

Bytes noise(std::size_t size, std::uint64_t seed) {
  Bytes bytes(size);
  crypto::SeededRandom(seed).fill(bytes);
  return bytes;
}

void append(Bytes& to, const Bytes& bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

/// A NAL unit as an encoder writes it: with emulation prevention, its last byte not zero.
Bytes nal(Bytes head, const Bytes& body) {
  Bytes unit{0, 0, 0, 1};
  append(unit, head);
  unsigned zeros = 0;
  for (const std::uint8_t byte : body) {
    if (zeros >= 2 && byte <= 3) unit.push_back(3), zeros = 0;
    unit.push_back(byte);
    zeros = byte == 0 ? zeros + 1 : 0;
  }
  unit.push_back(0x80);
  return unit;
}

Bytes obu(std::uint8_t type, const Bytes& body) {
  Bytes unit{static_cast<std::uint8_t>(type << 3 | 2)};
  std::size_t size = body.size();
  for (; size >= 128; size >>= 7) unit.push_back(static_cast<std::uint8_t>(size | 128));
  unit.push_back(static_cast<std::uint8_t>(size));
  append(unit, body);
  return unit;
}

struct Sample {
  FrameMode mode;
  Bytes frame;
  Bytes readable;  ///< what must be found in the sealed frame
};

std::vector<Sample> samples(std::uint64_t seed, std::size_t size) {
  const Bytes content = noise(size, seed);
  std::vector<Sample> all;
  Bytes opus{0x78};
  append(opus, content);
  all.push_back({FrameMode::opus, opus, {0x78}});
  Bytes vp8_key{0x10, 2, 0, 0x9D, 1, 0x2A, 0x80, 2, 0xE0, 1};
  all.push_back({FrameMode::vp8, vp8_key, vp8_key});
  append(all.back().frame, content);
  all.push_back({FrameMode::vp8, {0x11}, {0x11}});
  append(all.back().frame, content);
  const Bytes vp9_key{0x82, 0x49, 0x83, 0x42, 0x00, 0x27, 0xF0, 0x1D, 0xF0};  // 640x480
  all.push_back({FrameMode::vp9, vp9_key, vp9_key});
  append(all.back().frame, content);
  all.push_back({FrameMode::vp9, {0x86}, {0x86}});
  append(all.back().frame, content);
  const Bytes sps = nal({0x67}, {0x42, 0xC0, 0x1F, 0xDA}), pps = nal({0x68}, {0xCE, 0x3C});
  Bytes h264 = sps;
  append(h264, pps);
  append(h264, nal({0x65, 0xB8}, content));  // first macroblock 0, slice type 7 = ue 0001000, …
  append(h264, nal({0x65, 0xB8}, Bytes(size / 2, 0)));
  all.push_back({FrameMode::h264, h264, sps});
  const Bytes vps = nal({0x40, 1}, {0x0C, 1}), sps5 = nal({0x42, 1}, {1, 1, 0x60});
  Bytes h265 = vps;
  append(h265, sps5);
  append(h265, nal({0x26, 1, 0xAF}, content));
  append(h265, nal({0x4E, 1}, content));  // SEI: hidden
  all.push_back({FrameMode::h265, h265, sps5});
  const Bytes sequence = obu(1, {0, 0, 0, 0x2D, 0x4C});
  Bytes av1 = sequence;
  append(av1, obu(6, content));
  append(av1, obu(5, content));
  all.push_back({FrameMode::av1, av1, sequence});
  return all;
}

bool contains(ByteView where, ByteView what) {
  return std::search(where.begin(), where.end(), what.begin(), what.end()) != where.end();
}

/// Two members, and one's sealers for every mode.
struct Pair {
  Meeting meeting{};
  std::size_t bob = meeting.enter("Bob");
  std::map<FrameMode, FrameSealer> sealers;

  FrameSealer& sealer(FrameMode mode) {
    if (!sealers.contains(mode)) sealers.emplace(mode, *meeting.parties[0].session.make_sealer(static_cast<std::uint8_t>(mode), mode));
    return sealers.at(mode);
  }
  Bytes seal(FrameMode mode, ByteView frame, ByteView metadata = {}) {
    Bytes sealed(max_sealed_size(frame.size(), mode));
    const auto size = sealer(mode).seal(frame, metadata, sealed);
    if (!size.ok()) FAIL(size.error().detail);
    sealed.resize(*size);
    return sealed;
  }
  std::pair<OpenedFrame, Bytes> open(FrameMode mode, ByteView sealed, ByteView metadata = {}) {
    Bytes out(sealed.size() + 16);
    const OpenedFrame frame = meeting.parties[bob].opener.open(std::nullopt, sealed, metadata, out, mode);
    out.resize(frame.opened() ? frame.size : 0);
    return {frame, out};
  }
};

}  // namespace

TEST_CASE("frames of every codec come back as they were, and only what must be readable is", "[session]") {
  Pair pair;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    for (const Sample& sample : samples(seed, 40 + seed * 37)) {
      CAPTURE(static_cast<int>(sample.mode), seed);
      const Bytes sealed = pair.seal(sample.mode, sample.frame, as_bytes("metadata"));
      CHECK(contains(sealed, sample.readable));
      const ByteView content = ByteView(sample.frame).last(30);
      CHECK_FALSE(contains(sealed, content.first(20)));
      const auto [frame, out] = pair.open(sample.mode, sealed, as_bytes("metadata"));
      REQUIRE(frame.status == FrameStatus::opened);
      CHECK(out == sample.frame);
    }
  }
}

TEST_CASE("a packetiser finds the same units in a sealed frame as in the plain one", "[session]") {
  Pair pair;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    for (const Sample& sample : samples(seed, 300)) {
      session::CodecUnits plain, sealed_units;
      const Bytes sealed = pair.seal(sample.mode, sample.frame);
      REQUIRE(plain.find(sample.mode, sample.frame));
      REQUIRE(sealed_units.find(sample.mode, sealed));
      REQUIRE(plain.size() == sealed_units.size());
      for (std::size_t i = 0; i < plain.size(); ++i) CHECK(plain.begin()[i].clear == sealed_units.begin()[i].clear);
    }
  }
}

TEST_CASE("start codes may become shorter and OBU sizes go on the way", "[session]") {
  Pair pair;
  for (const Sample& sample : samples(3, 500)) {
    Bytes sealed = pair.seal(sample.mode, sample.frame);
    if (sample.mode == FrameMode::h264 || sample.mode == FrameMode::h265) {
      for (std::size_t i = sealed.size() - 4; i-- > 0;) {
        if (sealed[i] == 0 && sealed[i + 1] == 0 && sealed[i + 2] == 0 && sealed[i + 3] == 1) sealed.erase(sealed.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    if (sample.mode == FrameMode::av1) sealed.insert(sealed.begin(), {0x12, 0});  // a temporal delimiter
    CHECK(pair.open(sample.mode, sealed).second == sample.frame);
  }
}

TEST_CASE("every flipped bit and every truncation of a codec-aware frame is refused, the readable part included", "[session][attack]") {
  Pair pair;
  for (const Sample& sample : samples(9, 60)) {
    CAPTURE(static_cast<int>(sample.mode));
    const Bytes sealed = pair.seal(sample.mode, sample.frame, as_bytes("metadata"));
    const bool units = sample.mode == FrameMode::h264 || sample.mode == FrameMode::h265;
    std::size_t opened = 0;
    for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
      Bytes flipped = sealed;
      flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      const auto [frame, out] = pair.open(sample.mode, flipped, as_bytes("metadata"));
      if (frame.opened()) ++opened;
      CHECK((!frame.opened() || (units && out == sample.frame)));  // a zero before a start code carries nothing
    }
    CHECK(opened == 0);
    for (std::size_t size = 0; size < sealed.size(); ++size) CHECK_FALSE(pair.open(sample.mode, ByteView(sealed).first(size), as_bytes("metadata")).first.opened());
    CHECK(pair.open(sample.mode, sealed, as_bytes("metadatb")).first.status == FrameStatus::forged);
    CHECK(pair.open(sample.mode, sealed, as_bytes("metadata")).first.opened());
  }
}

TEST_CASE("a frame sealed codec-aware does not open as a whole one, nor the other way round", "[session][attack]") {
  Pair pair;
  const Bytes frame = samples(2, 80)[0].frame;
  CHECK_FALSE(pair.open(FrameMode::whole, pair.seal(FrameMode::opus, frame)).first.opened());
  CHECK_FALSE(pair.open(FrameMode::opus, pair.seal(FrameMode::whole, frame)).first.opened());
  CHECK_FALSE(pair.open(FrameMode::vp9, pair.seal(FrameMode::opus, frame)).first.opened());
}

TEST_CASE("what is no frame of the codec, or has nothing to hide, is not sealed; a buffer too small is told the size", "[session]") {
  Pair pair;
  Bytes out(1000);
  const auto code = [&](FrameMode mode, const Bytes& frame) { return pair.sealer(mode).seal(frame, {}, out).error().code; };
  for (const FrameMode mode : {FrameMode::opus, FrameMode::vp8, FrameMode::vp9, FrameMode::av1, FrameMode::h264, FrameMode::h265}) {
    CHECK(code(mode, {}) == ErrorCode::malformed);
  }
  CHECK(code(FrameMode::vp8, {0x10, 1, 2}) == ErrorCode::malformed);
  CHECK(code(FrameMode::h264, nal({0x67}, {1, 2, 3})) == ErrorCode::malformed);
  CHECK(code(FrameMode::h264, {1, 2, 3, 4}) == ErrorCode::malformed);
  CHECK(code(FrameMode::h264, {0, 0, 1, 0x65, 0, 0}) == ErrorCode::malformed);
  CHECK(code(FrameMode::av1, {0x32, 0x7F, 1}) == ErrorCode::malformed);
  CHECK(code(FrameMode::h265, {0, 0, 1}) == ErrorCode::malformed);
  const Bytes frame(100, 0x78);
  const auto small = pair.sealer(FrameMode::opus).seal(frame, {}, ByteSpan(out).first(100));
  CHECK(small.error().code == ErrorCode::buffer_too_small);
  CHECK(small.error().detail == std::to_string(max_sealed_size(100, FrameMode::opus)) + " bytes are needed");
}

TEST_CASE("any bytes are read as a codec's frame without harm", "[session][fuzz]") {
  Pair pair;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    Bytes bytes = noise(1 + seed % 200, seed);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] &= seed % 3 == 0 ? 0x03 : 0xFF;  // start codes are likely
    for (int mode = 1; mode <= 6; ++mode) {
      session::CodecUnits units;
      if (units.find(static_cast<FrameMode>(mode), bytes)) {
        for (const session::CodecUnit& unit : units) CHECK((unit.begin + unit.size <= bytes.size() && unit.clear <= unit.size));
        Bytes sealed(max_sealed_size(bytes.size(), static_cast<FrameMode>(mode)));
        CHECK(pair.sealer(static_cast<FrameMode>(mode)).seal(bytes, {}, sealed).ok());
      }
      CHECK_FALSE(pair.open(static_cast<FrameMode>(mode), bytes).first.opened());
    }
  }
}
