#include <cstring>

#include "conclave/devices.h"
#include "media.h"
#include "structs.h"

namespace conclave::c {
namespace {

constexpr std::size_t longest_text = 1000;

bool is_pushed(const conclave_source_config& config) {
  return config.kind == CONCLAVE_SOURCE_PUSHED || config.kind == CONCLAVE_SOURCE_PACED;
}

/// The caller's number, or the default that stands in `place`; false when it is out of its range.
bool take_number(std::uint32_t given, int least, int most, int& place) {
  if (given == 0) return true;
  if (given < static_cast<std::uint32_t>(least) || given > static_cast<std::uint32_t>(most)) return false;
  place = static_cast<int>(given);
  return true;
}

Result<VideoConfig> video_config(const conclave_source_config& config) {
  VideoConfig video;
  if (config.codec > CONCLAVE_VP9) return invalid("there is no such codec");
  if (config.codec != 0) video.codec = static_cast<VideoCodec>(config.codec);
  const bool fits = take_number(config.width, 16, 4096, video.width) && take_number(config.height, 16, 4096, video.height) &&
                    take_number(config.frames_per_second, 1, 120, video.frames_per_second) &&
                    take_number(config.video_bitrate, 10'000, 100'000'000, video.bitrate) && take_number(config.threads, 1, 16, video.threads);
  if (!fits) return invalid("size, rate, bitrate or threads of the picture are out of range");
  return video;
}

Result<AudioConfig> audio_config(const conclave_source_config& config) {
  AudioConfig audio;
  if (!take_number(config.channels, 1, 2, audio.channels) || !take_number(config.audio_bitrate, 6'000, 256'000, audio.bitrate))
    return invalid("channels or bitrate of the sound are out of range");
  return audio;
}

/// What the kind of source says, opened; a medium that is not wanted stays null.
Result<MediaSources> open_sources(const conclave_source_config& config, const VideoConfig* video, const AudioConfig* audio) {
  MediaSources sources;
  const auto path = text_or(config.path, "");
  if (config.kind == CONCLAVE_SOURCE_SYNTHETIC) {
    if (video != nullptr) sources.video = synthetic_video(*video);
    if (audio != nullptr) sources.audio = synthetic_audio(*audio);
    return sources;
  }
  if (config.kind == CONCLAVE_SOURCE_FILE) {
    if (path.empty()) return invalid("the path of the file is missing");
    const FileConfig file{video != nullptr ? path : "", audio != nullptr ? path : "", config.loop != 0};
    return open_file(file, video != nullptr ? *video : VideoConfig(), audio != nullptr ? *audio : AudioConfig());
  }
  if (config.kind != CONCLAVE_SOURCE_DEVICE) return invalid("there is no such kind of source");
  if (video != nullptr) {
    CONCLAVE_C_ASSIGN(camera, open_camera(path, *video));
    sources.video = std::move(camera);
  }
  if (audio != nullptr) {
    CONCLAVE_C_ASSIGN(microphone, open_microphone(path, *audio));
    sources.audio = std::move(microphone);
  }
  return sources;
}

struct Opened {
  std::unique_ptr<Object> video;
  std::unique_ptr<Object> audio;
};

Result<Opened> open_source(const conclave_source_config& config, bool wants_video, bool wants_audio) {
  CONCLAVE_C_ASSIGN(video, video_config(config));
  CONCLAVE_C_ASSIGN(audio, audio_config(config));
  Opened opened;
  if (is_pushed(config)) {
    const bool paced = config.kind == CONCLAVE_SOURCE_PACED;
    auto pictures = std::make_shared<PictureFeed>(video, paced);
    auto sounds = std::make_shared<SoundFeed>(audio, paced);
    if (wants_video) opened.video = std::make_unique<Source>(video, pictures, pictures);
    if (wants_audio) opened.audio = std::make_unique<Source>(audio, sounds, sounds);
    return opened;
  }
  CONCLAVE_C_ASSIGN(sources, open_sources(config, wants_video ? &video : nullptr, wants_audio ? &audio : nullptr));
  if (wants_video) opened.video = std::make_unique<Source>(video, std::shared_ptr<VideoSource>(std::move(sources.video)), nullptr);
  if (wants_audio) opened.audio = std::make_unique<Source>(audio, std::shared_ptr<AudioSource>(std::move(sources.audio)), nullptr);
  return opened;
}

/// Both handles, or none.
Result<void> hand_out_both(Opened opened, conclave_handle* video, conclave_handle* audio) {
  conclave_handle first = 0;
  if (opened.video) CONCLAVE_C_TRY(hand_out(std::move(opened.video), &first));
  if (opened.audio) {
    if (auto second = hand_out(std::move(opened.audio), audio); !second.ok()) {
      if (first != 0) static_cast<void>(close_handle(first));
      return second;
    }
  }
  if (video != nullptr) *video = first;
  return {};
}

Result<Bytes> copy_plane(const std::uint8_t* plane, std::size_t width, std::size_t height, std::size_t stride) {
  if (plane == nullptr || stride < width) return invalid("a plane is NULL, or its stride below its width");
  Bytes copy(width * height);
  for (std::size_t row = 0; row < height; ++row) std::memcpy(copy.data() + row * width, plane + row * stride, width);
  return copy;
}

Result<VideoFrame> frame_of(const conclave_picture& picture, const VideoConfig& config) {
  if (picture.width != static_cast<std::uint32_t>(config.width) || picture.height != static_cast<std::uint32_t>(config.height))
    return invalid("the picture has not the size of its source");
  const std::size_t width = picture.width, height = picture.height;
  CONCLAVE_C_ASSIGN(y, copy_plane(picture.y, width, height, picture.y_stride));
  CONCLAVE_C_ASSIGN(u, copy_plane(picture.u, (width + 1) / 2, (height + 1) / 2, picture.u_stride));
  CONCLAVE_C_ASSIGN(v, copy_plane(picture.v, (width + 1) / 2, (height + 1) / 2, picture.v_stride));
  const Time captured = picture.capture_time != 0 ? Time(Duration(picture.capture_time)) : monotonic_now();
  return VideoFrame{captured, config.width, config.height, std::move(y), std::move(u), std::move(v)};
}

}  // namespace
}  // namespace conclave::c

using namespace conclave;
using namespace conclave::c;

conclave_result conclave_source_open(const conclave_source_config* given, conclave_handle* video, conclave_handle* audio) {
  return guarded([&]() -> Result<void> {
    if (video == nullptr && audio == nullptr) return invalid("neither a place for video nor one for audio was given");
    CONCLAVE_C_ASSIGN(config, read_struct(given));
    CONCLAVE_C_ASSIGN(opened, open_source(config, video != nullptr, audio != nullptr));
    return hand_out_both(std::move(opened), video, audio);
  });
}

conclave_result conclave_source_push_picture(conclave_handle handle, const conclave_picture* given) {
  return with<Source>(handle, [&](Source& source) -> Result<void> {
    CONCLAVE_C_ASSIGN(picture, read_struct(given));
    if (!source.pictures) return invalid("this source does not take pictures");
    CONCLAVE_C_ASSIGN(frame, frame_of(picture, source.video));
    std::vector<VideoFrame> frames;
    frames.push_back(std::move(frame));
    return source.pictures->push(std::move(frames));
  });
}

conclave_result conclave_source_push_sound(conclave_handle handle, const int16_t* samples, size_t count, int64_t capture_time) {
  return with<Source>(handle, [&](Source& source) -> Result<void> {
    if (samples == nullptr && count != 0) return invalid("the samples are NULL");
    if (!source.sounds) return invalid("this source does not take sound");
    if (count > 1'000'000'000) return Error{ErrorCode::limit_exceeded, "too much sound at once"};
    return source.sounds->push_samples({samples, count}, capture_time != 0 ? Time(Duration(capture_time)) : monotonic_now());
  });
}

conclave_result conclave_source_waiting(conclave_handle handle, uint64_t* waiting) {
  return with<Source>(handle, [&](Source& source) -> Result<void> {
    if (waiting == nullptr) return invalid("the place for the number is NULL");
    if (!source.pictures && !source.sounds) return invalid("nothing is pushed into this source");
    const auto frame = static_cast<std::uint64_t>(audio_frame_duration.count());
    *waiting = source.pictures ? source.pictures->waiting() : source.sounds->waiting() * frame;
    return {};
  });
}

conclave_result conclave_speak(const char* text, int16_t* samples, size_t* count) {
  return guarded([&]() -> Result<void> {
    if (text == nullptr || count == nullptr) return invalid("text or count is NULL");
    if (::strnlen(text, longest_text + 1) > longest_text) return Error{ErrorCode::limit_exceeded, "the text is too long"};
    const auto sound = speak(text);
    std::size_t bytes = std::min(*count, SIZE_MAX / sizeof(int16_t)) * sizeof(int16_t);
    auto written = write_bytes({reinterpret_cast<const std::uint8_t*>(sound.data()), sound.size() * sizeof(int16_t)}, samples, &bytes);
    *count = bytes / sizeof(int16_t);
    return written;
  });
}
