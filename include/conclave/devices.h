// Ready-made sources and sinks for `Client`: made-up media, files, cameras, microphones, windows, loudspeakers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conclave/client.h"

namespace conclave {

/// Picture and sound that begin together and stay in step. Either may be null.
struct MediaSources {
  std::unique_ptr<VideoSource> video;
  std::unique_ptr<AudioSource> audio;
};

/// A moving picture with a frame number and its capture time in it, `frames_per_second` times a second.
std::unique_ptr<VideoSource> synthetic_video(const VideoConfig& config);

/// The capture time that `synthetic_video` has put into a picture, read back after any coding; nothing from other
/// pictures.
std::optional<Time> time_in_picture(const VideoFrame& picture);

/// A voice that counts its sentences.
std::unique_ptr<AudioSource> synthetic_audio(const AudioConfig& config);

/// An English text, spoken by Flite: mono, 48 kHz. The same text, the same sound. Takes a few milliseconds; from any thread.
std::vector<std::int16_t> speak(const std::string& text);

/// What to take from a media file. An empty path takes nothing.
struct FileConfig {
  std::filesystem::path video;
  std::filesystem::path audio;  ///< the same path as `video`: one decoder, picture and sound in step
  bool loop = false;            ///< begins again at the end; otherwise the source ends
};

/// Anything that the `ffmpeg` program decodes from a local file, scaled into the configured size without distortion, at
/// the configured rate, in real time. Blocks until the first picture or sound is there, at most 4 s. `io_error` when a
/// file is missing or cannot be decoded, has no picture or no sound, or `ffmpeg` is not installed.
Result<MediaSources> open_file(const FileConfig& file, const VideoConfig& video, const AudioConfig& audio);

/// A camera by Video4Linux: `device` as "/dev/video0"; empty: the first that captures. `device_missing` names what was
/// tried.
Result<std::unique_ptr<VideoSource>> open_camera(const std::string& device, const VideoConfig& config);

/// A microphone by PortAudio: part of its name; empty: the default one. `device_missing` names what was tried.
Result<std::unique_ptr<AudioSource>> open_microphone(const std::string& name, const AudioConfig& config);

/// Writes what one member sends, as it was encoded, into a WebM file: the first member whose media arrives. `io_error`
/// when the file cannot be created.
Result<std::shared_ptr<MediaSink>> record_webm(const std::filesystem::path& path);

/// Keeps the newest picture and writes it as PNG at the end.
Result<std::shared_ptr<MediaSink>> keep_still(const std::filesystem::path& path);

/// Shows the newest picture in a window. `device_missing` when there is no display.
Result<std::shared_ptr<MediaSink>> open_window(const std::string& title);

/// Plays all sound on the default loudspeaker. `device_missing` when there is none.
Result<std::shared_ptr<MediaSink>> open_speaker();

}  // namespace conclave
