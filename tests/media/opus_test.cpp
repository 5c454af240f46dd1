#include "media/opus.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "media/synthetic_sound.h"
#include "support/sealed.h"

using namespace conclave;
using namespace conclave::media;
using namespace conclave::test;

namespace {

double energy(const AudioFrame& frame) {
  double sum = 0;
  for (const auto sample : frame.samples) sum += static_cast<double>(sample) * sample;
  return std::sqrt(sum / static_cast<double>(frame.samples.size()));
}

/// Correlation of `received` with `sent` at the lag, in samples, that fits best.
double best_correlation(const std::vector<std::int16_t>& sent, const std::vector<std::int16_t>& received) {
  double best = 0;
  for (std::size_t lag = 0; lag < 600; ++lag) {
    double product = 0, a = 1, b = 1;
    for (std::size_t i = lag; i < received.size(); ++i) {
      const double x = sent[i - lag], y = received[i];
      product += x * y;
      a += x * x;
      b += y * y;
    }
    best = std::max(best, product / std::sqrt(a * b));
  }
  return best;
}

std::vector<EncodedAudio> encode_speech(OpusEncoder& encoder, int frames, std::vector<std::int16_t>* sent = nullptr, int channels = 1) {
  SyntheticSound sound({.channels = channels});
  std::vector<EncodedAudio> out;
  for (int i = 0; i < frames; ++i) {
    const auto frame = sound.next(at_ms(i * 20));
    if (sent != nullptr) sent->insert(sent->end(), frame.samples.begin(), frame.samples.end());
    out.push_back(*encoder.encode(frame));
  }
  return out;
}

}  // namespace

TEST_CASE("speech survives Opus", "[media]") {
  auto encoder = *OpusEncoder::create({});
  auto decoder = *OpusDecoder::create(1);
  std::vector<std::int16_t> sent, received;
  for (const auto& packet : encode_speech(encoder, 50, &sent)) {
    const auto frame = decoder.decode(packet.data, packet.capture_time);
    REQUIRE(frame.ok());
    CHECK(frame->capture_time == packet.capture_time);
    received.insert(received.end(), frame->samples.begin(), frame->samples.end());
  }
  CHECK(best_correlation(sent, received) > 0.9);
}

TEST_CASE("with a constant bitrate silence and speech have the same size", "[media]") {
  for (const int channels : {1, 2}) {
    auto encoder = *OpusEncoder::create({.channels = channels, .bitrate = 32'000});
    for (const auto& packet : encode_speech(encoder, 150, nullptr, channels)) CHECK(packet.data.size() == 80);
    const AudioFrame silence{at_ms(0), channels, std::vector<std::int16_t>(static_cast<std::size_t>(960 * channels))};
    for (int i = 0; i < 100; ++i) CHECK(encoder.encode(silence)->data.size() == 80);
    REQUIRE(encoder.set_bitrate(24'000).ok());
    CHECK(encoder.encode(silence)->data.size() == 60);
  }
}

TEST_CASE("a lost frame comes back from the next one", "[media]") {
  AudioConfig config;
  config.expected_loss_percent = 20;
  auto encoder = *OpusEncoder::create(config);
  auto whole = *OpusDecoder::create(1), fec = *OpusDecoder::create(1), concealing = *OpusDecoder::create(1);
  const auto packets = encode_speech(encoder, 60);
  double error_fec = 0, error_concealed = 0;
  for (std::size_t i = 0; i + 1 < packets.size(); ++i) {
    const auto truth = *whole.decode(packets[i].data, {});
    const bool lost = i % 5 == 4;
    const auto repaired = lost ? *fec.decode_fec(packets[i + 1].data, {}) : *fec.decode(packets[i].data, {});
    const auto made_up = lost ? concealing.conceal({}) : *concealing.decode(packets[i].data, {});
    REQUIRE(repaired.samples.size() == 960);
    REQUIRE(made_up.samples.size() == 960);
    for (std::size_t s = 0; lost && s < truth.samples.size(); ++s) {
      error_fec += std::abs(truth.samples[s] - repaired.samples[s]);
      error_concealed += std::abs(truth.samples[s] - made_up.samples[s]);
    }
  }
  CHECK(error_fec < error_concealed);
}

TEST_CASE("a decoder that has heard nothing conceals with silence", "[media]") {
  auto decoder = *OpusDecoder::create(2);
  const auto frame = decoder.conceal(at_ms(5));
  CHECK(frame.samples.size() == 1'920);
  CHECK(energy(frame) < 1.0);
}

TEST_CASE("configurations and frames outside their range are refused", "[media]") {
  CHECK_FALSE(OpusEncoder::create({.channels = 3}).ok());
  CHECK_FALSE(OpusEncoder::create({.bitrate = 5'999}).ok());
  CHECK_FALSE(OpusEncoder::create({.expected_loss_percent = 101}).ok());
  CHECK_FALSE(OpusDecoder::create(0).ok());
  auto encoder = *OpusEncoder::create({});
  CHECK_FALSE(encoder.encode({{}, 2, std::vector<std::int16_t>(1'920)}).ok());
  CHECK_FALSE(encoder.encode({{}, 1, std::vector<std::int16_t>(480)}).ok());
}

TEST_CASE("packets that are not one frame of 20 ms are refused", "[media][attack]") {
  auto decoder = *OpusDecoder::create(1);
  CHECK(decoder.decode({}, {}).error().code == ErrorCode::malformed);
  CHECK(decoder.decode(Bytes(max_opus_packet_size + 1), {}).error().code == ErrorCode::malformed);
  CHECK(decoder.decode(Bytes{0x18, 1, 2, 3}, {}).error().code == ErrorCode::malformed);  // 60 ms
  CHECK(decoder.decode_fec({}, {}).error().code == ErrorCode::malformed);
}

TEST_CASE("truncated and bit-flipped packets never do more than sound wrong", "[media][fuzz]") {
  auto encoder = *OpusEncoder::create({});
  auto decoder = *OpusDecoder::create(1);
  std::mt19937 random(8);
  for (const auto& packet : encode_speech(encoder, 40)) {
    for (std::size_t size = 0; size < packet.data.size(); size += 3) {
      const auto frame = decoder.decode(ByteView(packet.data).first(size), {});
      if (frame.ok()) CHECK(frame->samples.size() == 960);
    }
    for (int i = 0; i < 20; ++i) {
      auto flipped = packet.data;
      flipped[random() % flipped.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
      const auto frame = random() % 2 == 0 ? decoder.decode(flipped, {}) : decoder.decode_fec(flipped, {});
      if (frame.ok()) CHECK(frame->samples.size() == 960);
    }
  }
}
