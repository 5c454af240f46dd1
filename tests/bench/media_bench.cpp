// What sound and picture cost on their way, apart from sealing and sending.
#include <benchmark/benchmark.h>

#include "media/frame_payload.h"
#include "media/opus.h"
#include "media/reassembler.h"
#include "media/synthetic_picture.h"
#include "media/synthetic_sound.h"
#include "media/vpx_decoder.h"
#include "media/vpx_encoder.h"

using namespace conclave;
using namespace conclave::media;

namespace {

constexpr int rate = 24;
constexpr int pictures_ahead = 48;

Time capture_of(int number) { return Time(Duration(number * std::int64_t{1'000'000} / rate)); }

VideoConfig config_of(VideoCodec codec, const benchmark::State& state) {
  VideoConfig config;
  config.codec = codec;
  config.width = static_cast<int>(state.range(0));
  config.height = static_cast<int>(state.range(1));
  config.frames_per_second = rate;
  config.bitrate = 1'500'000;
  return config;
}

std::vector<VideoFrame> some_pictures(const VideoConfig& config) {
  std::vector<VideoFrame> pictures;
  for (int i = 0; i < pictures_ahead; ++i) {
    pictures.push_back(synthetic_picture(config.width, config.height, static_cast<std::uint32_t>(i), capture_of(i)));
  }
  return pictures;
}

void encode_video(benchmark::State& state, VideoCodec codec) {
  const auto config = config_of(codec, state);
  auto pictures = some_pictures(config);
  auto encoder = VpxEncoder::create(config);
  int number = 0;
  for (auto _ : state) {
    auto& picture = pictures[static_cast<std::size_t>(number % pictures_ahead)];
    picture.capture_time = capture_of(number++);
    benchmark::DoNotOptimize(encoder->encode(picture));
  }
  state.SetItemsProcessed(state.iterations());
}

void decode_video(benchmark::State& state, VideoCodec codec) {
  const auto config = config_of(codec, state);
  auto encoder = VpxEncoder::create(config);
  std::vector<Bytes> frames;
  for (const auto& picture : some_pictures(config)) {
    auto frame = encoder->encode(picture);
    if (frame.ok() && *frame) frames.push_back(std::move((*frame)->data));
  }
  auto decoder = VpxDecoder::create(codec);
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(decoder->decode(frames[next], {}));
    next = (next + 1) % frames.size();
  }
  state.SetItemsProcessed(state.iterations());
}

void encode_opus(benchmark::State& state) {
  auto encoder = OpusEncoder::create({});
  SyntheticSound sound;
  std::vector<AudioFrame> frames;
  for (int i = 0; i < 100; ++i) frames.push_back(sound.next(Time(audio_frame_duration * i)));
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(encoder->encode(frames[next++ % frames.size()]));
  state.SetItemsProcessed(state.iterations());
}

void decode_opus(benchmark::State& state) {
  auto encoder = OpusEncoder::create({});
  auto decoder = OpusDecoder::create(1);
  SyntheticSound sound;
  std::vector<EncodedAudio> packets;
  for (int i = 0; i < 100; ++i) {
    auto packet = encoder->encode(sound.next(Time(audio_frame_duration * i)));
    if (packet.ok()) packets.push_back(std::move(packet).value());
  }
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(decoder->decode(packets[next++ % packets.size()].data, {}));
  state.SetItemsProcessed(state.iterations());
}

/// The frame in the range, in fragments of 1,140 bytes.
void reassemble(benchmark::State& state) {
  const auto fragments = static_cast<std::uint32_t>(state.range(0) + 1'139) / 1'140;
  const auto payload = SealedPayload::received(Bytes(static_cast<std::size_t>(state.range(0)) / fragments));
  Reassembler reassembler;
  MediaHeader header;
  for (auto _ : state) {
    ++header.frame.frame_number;
    for (std::uint32_t i = 0; i < fragments; ++i) {
      header.start = i == 0;
      header.end = i + 1 == fragments;
      header.stream_sequence = (header.stream_sequence + 1) & 0xFF'FFFF;
      benchmark::DoNotOptimize(reassembler.push({header, payload}, Time{}));
    }
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void copy_bytes(benchmark::State& state) {
  const Bytes from(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    Bytes to(from);
    benchmark::DoNotOptimize(to.data());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

}  // namespace

BENCHMARK_CAPTURE(encode_video, vp8, VideoCodec::vp8)->Name("media/encode_vp8")->Args({854, 480})->Args({1280, 720})->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(encode_video, vp9, VideoCodec::vp9)->Name("media/encode_vp9")->Args({854, 480})->Args({1280, 720})->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(decode_video, vp8, VideoCodec::vp8)->Name("media/decode_vp8")->Args({854, 480})->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(decode_video, vp9, VideoCodec::vp9)->Name("media/decode_vp9")->Args({854, 480})->Unit(benchmark::kMicrosecond);
BENCHMARK(encode_opus)->Name("media/encode_opus/20ms")->Unit(benchmark::kMicrosecond);
BENCHMARK(decode_opus)->Name("media/decode_opus/20ms")->Unit(benchmark::kMicrosecond);
BENCHMARK(reassemble)->Name("media/reassemble")->Arg(100)->Arg(10'000)->Arg(50'000);
BENCHMARK(copy_bytes)->Name("media/copy_bytes")->Arg(100)->Arg(10'000)->Arg(50'000);
