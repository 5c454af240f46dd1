// What the command line asks for.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "conclave/client.h"
#include "exit_code.h"

namespace conclave::call {

/// Where a medium comes from: `--video` and `--audio`.
struct SourceChoice {
  enum class Kind { none, synthetic, file, device };
  Kind kind = Kind::synthetic;
  std::string name;  ///< the file, or the device; empty: the default device
};

/// Who may come in, as far as a host is asked: `--admit`.
enum class Admission { all, ask, none };

struct Options {
  bool hosting = false;
  std::string link;  ///< when joining; "-": the first line of standard input
  HostConfig host;   ///< when hosting
  RoomPermit permit; ///< for the relay of `host`, if it is somebody's
  std::string name;
  SourceChoice video;
  SourceChoice audio;
  bool loop = false;
  AudioConfig audio_config;
  VideoConfig video_config;
  std::optional<Duration> duration;  ///< from the moment when somebody else is there for the first time
  int reconnect_seconds = 60;  ///< how long a connection that broke is made again
  std::string record;
  std::string still;
  std::string meeting_record;  ///< what happened, signed: for `verify`
  bool qr = false;             ///< the link as a code of characters, too
  bool play = false;
  Admission admit = Admission::ask;
  RoomMode mode = RoomMode::open;
  std::string json;  ///< a file, or "-"
  bool quiet = false;
};

/// The options, or how to end at once: after --help (`ok`) or a mistake (`usage`), which is told in one sentence on
/// stderr.
std::variant<Options, ExitCode> parse_command_line(int argc, const char* const* argv);

}  // namespace conclave::call
