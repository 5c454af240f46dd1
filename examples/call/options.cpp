#include "options.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iostream>

#include "output_file.h"
#include "terminal.h"

namespace conclave::call {
namespace {

constexpr const char* footer = R"(Exit codes:
  0  the call ended properly            5  the knock was refused, or not answered within a minute
  2  the command line is wrong          6  link or other side are of another version
  3  the link is wrong                  7  a device, file or UDP port is missing, taken or unusable
  4  nobody answers there               8  relay or founder are not the ones that the link names
  10 the record of a meeting does not hold
  11 the identity or the contacts cannot be used: wrong passphrase, damaged or unreadable file
  9  the call broke off, and could not be taken up again within --reconnect (60 s)
A second ctrl-C, half a second after the first or later, quits at once (130).
UDP port 4433 of a host, or that of --port, must be reachable from outside: behind NAT forward it,
and give the outer name or address as --advertise.)";

/// "FILE", "none", "synthetic", "camera:DEVICE" …
SourceChoice choice_of(const std::string& text, const std::string& device) {
  using Kind = SourceChoice::Kind;
  if (text == "none") return {Kind::none, ""};
  if (text == "synthetic") return {Kind::synthetic, ""};
  if (text == device) return {Kind::device, ""};
  if (text.starts_with(device + ":")) return {Kind::device, text.substr(device.size() + 1)};
  return {Kind::file, text};
}

/// Reads all of `text` as a number between the limits.
template <class Number>
bool read_number(const std::string& text, Number lowest, Number highest, Number& number) {
  const auto* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, number);
  return failed == std::errc() && stop == end && number >= lowest && number <= highest;
}

std::string read_size(const std::string& text, VideoConfig& video) {
  const auto cross = text.find('x');
  const bool read = cross != std::string::npos && read_number(text.substr(0, cross), 16, 4096, video.width) &&
                    read_number(text.substr(cross + 1), 16, 4096, video.height);
  return read ? "" : "a size is WIDTHxHEIGHT, from 16x16 to 4096x4096";
}

/// Bits a second, as 800000, 800k or 1.5M.
std::string read_bitrate(const std::string& text, double least, double most, int& bitrate) {
  double factor = 1;
  auto digits = text;
  if (text.ends_with('k')) factor = 1e3;
  if (text.ends_with('M')) factor = 1e6;
  if (factor > 1) digits.pop_back();
  double number = 0;
  if (!read_number(digits, 0.0, 1e9, number) || number * factor < least || number * factor > most) {
    return least < 30e3 ? "a bit rate of sound is from 6k to 256k bits a second" : "a bit rate is from 30k to 50M bits a second";
  }
  bitrate = static_cast<int>(number * factor);
  return "";
}

std::string read_place(const std::string& text, HostConfig& host) {
  auto place = RelayPlace::parse(text);
  if (!place.ok()) return place.error().detail;
  host.relay = std::move(place).value();
  return "";
}

std::optional<std::array<std::uint8_t, 32>> key_in(const std::string& text) {
  std::array<std::uint8_t, 32> key{};
  if (text.size() != 2 * key.size()) return std::nullopt;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const char* digits = text.data() + 2 * i;
    const auto [stop, failed] = std::from_chars(digits, digits + 2, key[i], 16);
    if (failed != std::errc() || stop != digits + 2) return std::nullopt;
  }
  return key;
}

std::string read_permit(const std::string& name, RoomPermit& permit) {
  std::ifstream file(name);
  std::string line;
  if (!std::getline(file, line) || line.empty() || line.size() > 128) return "the file of --relay-permit holds no line of 1 to 128 characters";
  permit.key_seed = key_in(line);
  if (!permit.key_seed) permit.token = line;
  return "";
}

/// What the options of both commands are read into before they become `Options`.
struct Raw {
  std::string video = "synthetic";
  std::string audio = "synthetic";
  double seconds = 0;
};

void add_media_options(CLI::App& app, Options& options, Raw& raw) {
  app.add_option("--name", options.name, "How others see you");
  app.add_option("--video", raw.video, "synthetic, FILE, camera[:DEVICE] or none");
  app.add_option("--audio", raw.audio, "synthetic, FILE, microphone[:NAME] or none");
  app.add_flag("--loop", options.loop, "Begin files again at their end");
  app.add_option_function<std::string>(
         "--codec",
         [&options](const std::string& text) {
           options.video_config.codec = text == "vp9" ? VideoCodec::vp9 : VideoCodec::vp8;
         },
         "vp8 or vp9 (default vp8)")
      ->check(CLI::IsMember({"vp8", "vp9"}))
      ->type_name("");
  app.add_option("--size", "Of the picture, as WIDTHxHEIGHT; VP9 cuts odd ones to even (default 640x360)")
      ->type_name("WxH")
      ->check([&options](const std::string& text) { return read_size(text, options.video_config); });
  app.add_option("--fps", options.video_config.frames_per_second, "Pictures a second, 1 to 120 (default 30)")
      ->check(CLI::Range(1, 120))
      ->type_name("N");
  app.add_option("--bitrate", "Of the picture, bits a second, as 800k or 1.5M (default 800k)")
      ->type_name("RATE")
      ->check([&options](const std::string& text) { return read_bitrate(text, 30e3, 50e6, options.video_config.bitrate); });
  app.add_option("--audio-bitrate", "Of the sound, bits a second, as 16k (default 32k)")
      ->type_name("RATE")
      ->check([&options](const std::string& text) { return read_bitrate(text, 6e3, 256e3, options.audio_config.bitrate); });
}

void add_call_options(CLI::App& app, Options& options, Raw& raw) {
  app.add_option("--duration", raw.seconds, "Leave so many seconds after first meeting somebody; waiting alone does not count")
      ->check(CLI::Range(0.1, 1e6))
      ->type_name("SECONDS");
  app.add_option("--reconnect", options.reconnect_seconds, "How long to try when the connection breaks (default 60; 0: not at all)")
      ->check(CLI::Range(0, 3600))
      ->type_name("SECONDS");
  app.add_option_function<std::string>(
         "--transport",
         [&options](const std::string& text) {
           options.transport = text == "quic" ? TransportChoice::quic : text == "websocket" ? TransportChoice::websocket : TransportChoice::automatic;
         },
         "How to reach the relay: auto (over UDP, and over TCP while that does not get through), quic or websocket (default auto)")
      ->check(CLI::IsMember({"auto", "quic", "websocket"}))
      ->type_name("");
  app.add_option_function<std::string>("--hop", [&options](const std::string& text) { options.full_hop = text == "full"; },
                                       "What the hop to the relay seals once more: header (default), or full packets, so that nobody sees the same bytes at two members")
      ->check(CLI::IsMember({"header", "full"}))
      ->type_name("");
  app.add_option("--record", options.record, "Write what is received as WebM; nothing received leaves FILE as it was")->type_name("FILE.webm");
  app.add_option("--record-of-meeting", options.meeting_record, "Write who came, spoke, was removed, and by whom, signed: conclave-call verify checks it")
      ->type_name("FILE");
  app.add_option("--still", options.still, "Write the last picture received as PNG")->type_name("FILE.png");
  app.add_flag("--play", options.play, "Show the picture in a window and play the sound");
  app.add_option("--json", options.json, "Write the closing report as JSON; - for standard output")->type_name("FILE");
  app.add_flag("--quiet", options.quiet, "Nothing on standard error but questions and the reason of a failure");
}

void add_identity_options(CLI::App& app, Options& options) {
  app.add_option("--identity", options.identity_file, "Who you are, for longer than this call: a file sealed under a passphrase, made when missing")->type_name("FILE");
  app.add_option("--passphrase-file", options.passphrase_file, "Its first line is the passphrase (default: asked for on the terminal)")->type_name("FILE");
  app.add_option("--passphrase-fd", options.passphrase_descriptor, "Likewise, from an open file descriptor")->check(CLI::Range(0, 1'000'000))->type_name("N");
  app.add_option("--organisation-chain", options.organisation_chain, "An organisation's certificates for you (PEM), yours first; goes with --identity")->type_name("FILE");
  app.add_option("--organisation-key", options.organisation_key, "The private key of your certificate (PEM)")->type_name("FILE");
  app.add_option("--trust", options.trust, "Show whom this organisation certified, by its root certificates (PEM); can be repeated")->type_name("FILE");
  app.add_option("--contacts", options.contacts_file, "Whom you have met, made when missing: a known name that comes with another key is told")->type_name("FILE");
  app.add_flag("--seal-contacts", options.seal_contacts, "Take contacts that lie unsealed though there is an identity, once, and seal them");
}

void add_host_options(CLI::App& app, Options& options) {
  app.add_option("--listen", options.host.listen, "Address to listen at (default: all)")->type_name("ADDRESS");
  app.add_option("--port", options.host.port, "UDP port, reachable for guests (default 4433; 0: any free one)")->type_name("N");
  app.add_option_function<std::uint16_t>(
         "--tcp-port", [&options](const std::uint16_t& port) { options.host.tcp_port = port; }, "TCP port for guests whose network blocks UDP (default: the number of --port; 0: none)")
      ->type_name("N");
  app.add_option("--advertise", options.host.advertise,
                 "Host name or address in the link, as behind NAT (default: this machine's address)")
      ->type_name("HOST");
  app.add_flag("--qr", options.qr, "Show the link as a QR code on standard error, too");
  app.add_option("--relay-key", options.host.relay_key_file,
                 "The relay's key, made when missing; without it each call has its own")
      ->type_name("FILE");
  app.add_option("--relay", "Use that relay instead of one of your own, as conclave-relay prints its place")
      ->type_name("HOST:PORT#KEY")
      ->check([&options](const std::string& text) { return read_place(text, options.host); });
  app.add_option("--relay-permit", "What that relay asks of who opens rooms: the first line is a token or a key of 64 hexadecimal digits")
      ->type_name("FILE")
      ->check([&options](const std::string& file) { return read_permit(options.permit_file = file, options.permit); });
  app.add_option_function<std::string>(
         "--mode",
         [&options](const std::string& text) {
           options.mode = text == "stage" ? RoomMode::stage : text == "moderated" ? RoomMode::moderated : RoomMode::open;
         },
         "What kind of meeting: open, moderated or stage (default open)")
      ->check(CLI::IsMember({"open", "moderated", "stage"}))
      ->type_name("");
  app.add_option_function<std::string>(
         "--admit",
         [&options](const std::string& text) {
           options.admit = text == "all" ? Admission::all : text == "none" ? Admission::none : text == "invited" ? Admission::invited : Admission::ask;
         },
         "Who may come in: all, invited (by name, nobody else), ask or none (default ask)")
      ->check(CLI::IsMember({"all", "invited", "ask", "none"}))
      ->type_name("");
  app.add_option("--invite", options.invite, "Print a link for this person alone, too, good for one entry; can be repeated")->type_name("NAME");
  app.add_option("--invitation-hours", options.invitation_hours, "How long such links are good (default 24)")->check(CLI::Range(1, 8'760))->type_name("N");
}

std::string login_name() {
  const char* name = ::getenv("USER");
  return name != nullptr && *name != 0 ? name : "somebody";
}

bool is_address(const std::string& text) {
  std::array<unsigned char, 16> address{};
  return ::inet_pton(AF_INET, text.c_str(), address.data()) == 1 || ::inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

/// Whether a link can say it: what a name looks like is the link's matter.
bool fits_a_link(const std::string& host) {
  Link link;
  link.host = host;
  link.port = 1;
  return is_address(host) || (host.find(':') == std::string::npos && Link::parse(link.text()).ok());
}

/// A file that would be written over by another: read twice is well, written once and used twice is not.
std::string file_used_twice(const Options& options) {
  struct Use {
    const char* option;
    std::string path;
    bool written;
  };
  const auto source = [](const SourceChoice& choice) {
    return choice.kind == SourceChoice::Kind::file ? choice.name : std::string();
  };
  std::vector<Use> uses{{"--video", source(options.video), false},
                        {"--audio", source(options.audio), false},
                        {"--relay-key", options.host.relay_key_file, false},
                        {"--relay-permit", options.permit_file, false},
                        {"--identity", options.identity_file, true},
                        {"--passphrase-file", options.passphrase_file, false},
                        {"--contacts", options.contacts_file, true},
                        {"--organisation-chain", options.organisation_chain, false},
                        {"--organisation-key", options.organisation_key, false},
                        {"--record", options.record, true},
                        {"--record-of-meeting", options.meeting_record, true},
                        {"--still", options.still, true},
                        {"--json", options.json == "-" ? "" : options.json, true}};
  for (const std::string& file : options.trust) uses.push_back({"--trust", file, false});
  for (auto use = uses.begin(); use != uses.end(); ++use) {
    for (auto other = uses.begin(); other != use; ++other) {
      if (use->path.empty() || other->path.empty() || !(use->written || other->written)) continue;
      if (same_file(use->path, other->path)) return std::string(other->option) + " and " + use->option + " name the same file";
    }
  }
  return "";
}

/// What CLI11 cannot check: what addresses look like, and how options go together.
std::string contradiction(const Options& options) {
  if (options.hosting && !is_address(options.host.listen)) return "--listen takes an address, not a name: 0.0.0.0, ::1";
  if (!options.permit.token.empty() && !options.host.relay) return "--relay-permit goes with --relay";
  if (!options.host.advertise.empty() && !fits_a_link(options.host.advertise)) {
    return "--advertise takes a host name or an address, without port or brackets; names beyond ASCII as xn--...";
  }
  if (options.hosting && options.admit == Admission::ask && ::isatty(STDIN_FILENO) == 0) {
    return "--admit ask needs a terminal to ask on: say --admit all or --admit none";
  }
  if (options.hosting && options.json == "-") return "a host prints the link on standard output: give --json a file";
  if (!options.passphrase_file.empty() && options.passphrase_descriptor >= 0) return "--passphrase-file and --passphrase-fd exclude each other";
  if (options.link == "-" && options.passphrase_descriptor == 0) return "the link and the passphrase cannot both come from standard input: give --passphrase-fd another descriptor";
  const bool passphrase = !options.passphrase_file.empty() || options.passphrase_descriptor >= 0;
  if (passphrase && options.identity_file.empty()) return "a passphrase goes with --identity";
  if (options.organisation_chain.empty() != options.organisation_key.empty()) return "--organisation-chain and --organisation-key go together";
  if (!options.organisation_chain.empty() && options.identity_file.empty()) return "an organisation certifies an identity: --organisation-chain goes with --identity";
  if (options.seal_contacts && (options.contacts_file.empty() || options.identity_file.empty())) return "--seal-contacts goes with --contacts and --identity";
  for (const auto& name : options.invite) {
    if (name.empty() || name.size() > 128) return "--invite takes a name of 1 to 128 bytes";
  }
  if (options.name.size() > 256) return "the name is too long: 64 characters at most";
  return file_used_twice(options);
}

ExitCode complain(const std::string& sentence) {
  std::cerr << "conclave-call: " << terminal_text(sentence) << std::endl;
  return ExitCode::usage;
}

}  // namespace

std::variant<Options, ExitCode> parse_command_line(int argc, const char* const* argv) {
  Options options;
  Raw raw;
  options.name = login_name();
  CLI::App app("An end-to-end encrypted call from the terminal.", "conclave-call");
  app.footer(footer);
  app.set_version_flag("--version", "conclave-call " CONCLAVE_VERSION, "Print the version and end");
  app.require_subcommand(1);
  auto* host = app.add_subcommand("host", "Open a room, print its link on standard output, wait for a guest");
  auto* join = app.add_subcommand("join", "Knock at the room of a link");
  std::string record;  // `main` takes this command before it comes here
  app.add_subcommand("verify", "Check the exported record of a meeting, and print it")->add_option("file", record, "As a moderator exported it")->required();
  add_host_options(*host, options);
  join->add_option("link", options.link, "conclave://HOST:PORT/ROOM#SECRET; - reads it from standard input, out of the process list")
      ->required()
      ->type_name("LINK");
  for (auto* command : {host, join}) {
    add_media_options(*command, options, raw);
    add_call_options(*command, options, raw);
    add_identity_options(*command, options);
    command->footer(footer);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return ExitCode::ok;
  } catch (const CLI::CallForVersion& version) {
    std::cout << version.what() << std::endl;
    return ExitCode::ok;
  } catch (const CLI::ParseError& error) {
    return complain(error.what());
  }
  options.hosting = host->parsed();
  options.video = choice_of(raw.video, "camera");
  options.audio = choice_of(raw.audio, "microphone");
  if (std::isnan(raw.seconds)) return complain("--duration takes a number of seconds");  // CLI::Range lets it pass
  if (raw.seconds > 0)
    options.duration = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(raw.seconds));
  if (const auto wrong = contradiction(options); !wrong.empty()) return complain(wrong);
  return options;
}

}  // namespace conclave::call
