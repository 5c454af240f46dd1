#include "equipment.h"

#include "base/result.h"
#include "conclave/devices.h"

namespace conclave::call {
namespace {

using Kind = SourceChoice::Kind;

Result<void> open_sources(const Options& options, ClientConfig& config) {
  const auto& video = config.conference.video;
  const auto& audio = config.conference.audio;
  FileConfig files;
  files.loop = options.loop;
  if (options.video.kind == Kind::file) files.video = options.video.name;
  if (options.audio.kind == Kind::file) files.audio = options.audio.name;
  CONCLAVE_ASSIGN(sources, open_file(files, video, audio));
  if (options.video.kind == Kind::synthetic) sources.video = synthetic_video(video);
  if (options.audio.kind == Kind::synthetic) sources.audio = synthetic_audio(audio);
  if (options.video.kind == Kind::device) {
    CONCLAVE_ASSIGN(camera, open_camera(options.video.name, video));
    sources.video = std::move(camera);
  }
  if (options.audio.kind == Kind::device) {
    CONCLAVE_ASSIGN(microphone, open_microphone(options.audio.name, audio));
    sources.audio = std::move(microphone);
  }
  config.video = std::move(sources.video);
  config.audio = std::move(sources.audio);
  return {};
}

Result<void> open_sinks(const Options& options, ClientConfig& config) {
  if (!options.record.empty()) {
    CONCLAVE_ASSIGN(recorder, record_webm(options.record));
    config.sinks.push_back(std::move(recorder));
  }
  if (!options.still.empty()) {
    CONCLAVE_ASSIGN(still, keep_still(options.still));
    config.sinks.push_back(std::move(still));
  }
  if (options.play) {
    CONCLAVE_ASSIGN(window, open_window("Conclave"));
    config.sinks.push_back(std::move(window));
    CONCLAVE_ASSIGN(speaker, open_speaker());
    config.sinks.push_back(std::move(speaker));
  }
  return {};
}

}  // namespace

Result<ClientConfig> equip(const Options& options, const std::shared_ptr<DelayMeter>& meter) {
  ClientConfig config;
  config.conference.display_name = options.name;
  config.conference.video = options.video_config;
  config.sinks.push_back(meter);
  CONCLAVE_TRY(open_sources(options, config));
  CONCLAVE_TRY(open_sinks(options, config));
  config.conference.send_video = config.video != nullptr;
  config.conference.send_audio = config.audio != nullptr;
  return config;
}

}  // namespace conclave::call
