// What the command line asks for.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

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
enum class Admission { all, invited, ask, none };

struct Options {
  bool hosting = false;
  std::string link;  ///< when joining; "-": the first line of standard input
  HostConfig host;   ///< when hosting
  RoomPermit permit; ///< for the relay of `host`, if it is somebody's
  std::string permit_file;
  std::string name;
  SourceChoice video;
  SourceChoice audio;
  bool loop = false;
  AudioConfig audio_config;
  VideoConfig video_config;
  std::optional<Duration> duration;  ///< from the moment when somebody else is there for the first time
  TransportChoice transport = TransportChoice::automatic;
  int reconnect_seconds = 60;  ///< how long a connection that broke is made again
  bool full_hop = false;
  std::string record;
  std::string still;
  std::string meeting_record;  ///< what happened, signed: for `verify`
  bool qr = false;             ///< the link as a code of characters, too
  bool play = false;
  Admission admit = Admission::ask;
  std::string identity_file;      ///< sealed under a passphrase; made when missing
  std::string passphrase_file;    ///< whose first line is the passphrase; empty: asked for on the terminal
  int passphrase_descriptor = -1; ///< likewise, of a descriptor that is open
  std::string contacts_file;
  bool seal_contacts = false;  ///< once: they lie unsealed, and are ours
  std::string organisation_chain;  ///< PEM: the certificates of who we are, and the key of the first one
  std::string organisation_key;
  std::vector<std::string> trust;  ///< files of root certificates
  std::vector<std::string> invite; ///< whom a host invites by name as soon as the room is open
  int invitation_hours = 24;
  RoomMode mode = RoomMode::open;
  std::shared_ptr<const Identity> identity;  ///< of `identity_file`, once it is open
  std::optional<ContactBook> contacts;       ///< of `contacts_file`
  Bytes organisation;                        ///< of `organisation_chain` and `organisation_key`
  std::vector<TrustedOrganisation> trusted;  ///< of `trust`
  std::string json;  ///< a file, or "-"
  bool quiet = false;
};

/// The options, or how to end at once: after --help (`ok`) or a mistake (`usage`), which is told in one sentence on
/// stderr.
std::variant<Options, ExitCode> parse_command_line(int argc, const char* const* argv);

}  // namespace conclave::call
