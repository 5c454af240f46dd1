#include "equipment.h"

#include "conclave/devices.h"
#include "output_file.h"

namespace conclave::call {
namespace {

using Kind = SourceChoice::Kind;

/// Opens one thing after the other until one cannot be had.
class Opening {
 public:
  /// Moves what was opened into `place`, or remembers why it was not.
  template <class Opened, class Place>
  void take(Result<Opened> opened, Place& place) {
    if (opened.ok()) {
      place = std::move(opened).value();
    } else if (outcome_.ok()) {
      outcome_ = std::move(opened).error();
    }
  }
  void take_sink(Result<std::shared_ptr<MediaSink>> opened, std::vector<std::shared_ptr<MediaSink>>& sinks) {
    std::shared_ptr<MediaSink> sink;
    take(std::move(opened), sink);
    if (sink) sinks.push_back(std::move(sink));
  }
  [[nodiscard]] bool ok() const { return outcome_.ok(); }
  [[nodiscard]] const Result<void>& outcome() const { return outcome_; }

 private:
  Result<void> outcome_;
};

Result<void> open_sources(const Options& options, ClientConfig& config) {
  const auto& video = config.conference.video;
  const auto& audio = config.conference.audio;
  FileConfig files;
  files.loop = options.loop;
  if (options.video.kind == Kind::file) files.video = options.video.name;
  if (options.audio.kind == Kind::file) files.audio = options.audio.name;
  Opening opening;
  MediaSources sources;
  opening.take(open_file(files, video, audio), sources);
  if (options.video.kind == Kind::device) opening.take(open_camera(options.video.name, video), sources.video);
  if (options.audio.kind == Kind::device) opening.take(open_microphone(options.audio.name, audio), sources.audio);
  if (options.video.kind == Kind::synthetic) sources.video = synthetic_video(video);
  if (options.audio.kind == Kind::synthetic) sources.audio = synthetic_audio(audio);
  config.video = std::move(sources.video);
  config.audio = std::move(sources.audio);
  return opening.outcome();
}

Result<void> open_sinks(const Options& options, ClientConfig& config) {
  for (const auto& path : {options.still, options.json}) {
    if (path.empty() || path == "-") continue;
    if (auto place = check_writable(path); !place.ok()) return place;
  }
  Opening opening;
  if (!options.record.empty()) opening.take_sink(record_webm(options.record), config.sinks);
  if (!options.still.empty()) opening.take_sink(keep_still(options.still), config.sinks);
  if (options.play && opening.ok()) opening.take_sink(open_window("Conclave"), config.sinks);
  if (options.play && opening.ok()) opening.take_sink(open_speaker(), config.sinks);
  return opening.outcome();
}

}  // namespace

Result<ClientConfig> equip(const Options& options, const std::shared_ptr<DelayMeter>& meter) {
  ClientConfig config;
  config.transport = options.transport;
  config.conference.display_name = options.name;
  config.conference.video = options.video_config;
  config.conference.audio = options.audio_config;
  config.conference.room_permit = options.permit;
  config.conference.mode = options.mode;
  config.conference.identity = options.identity;
  config.conference.contacts = options.contacts;
  config.conference.organisation = options.organisation;
  config.conference.trusted = options.trusted;
  config.conference.reconnect_window = std::chrono::seconds(options.reconnect_seconds);
  config.full_hop = options.full_hop;
  config.sinks.push_back(meter);
  auto opened = open_sources(options, config);
  if (opened.ok()) opened = open_sinks(options, config);
  if (!opened.ok()) return std::move(opened).error();
  return config;
}

}  // namespace conclave::call
