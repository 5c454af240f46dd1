#include "command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace conclave::relay_program {
namespace {

constexpr int usage = 2;
constexpr const char* footer = R"(Flags stand above the file. SIGHUP reads the file again: openers and limits change, calls go on.
SIGTERM and SIGINT drain: no new rooms, and an end when the last meeting is over or after
drain_seconds; a second signal ends at once. docs/relay.md explains the file.
Exit codes: 0 ended as asked; 1 the relay cannot run; 2 the command line or the file is wrong.)";

struct Flags {
  std::string config;
  bool log_identifiers = false;
  bool no_sandbox = false;
};

void add_flags(CLI::App& app, Flags& flags, Settings& settings) {
  app.add_option("--config", flags.config, "Configuration, TOML")->type_name("FILE");
  app.add_option("--listen", settings.relay.listen, "Address to listen at (default: all)")->type_name("ADDRESS");
  app.add_option("--port", settings.relay.port, "UDP port (default 4433; 0: any free one)")->type_name("N");
  app.add_option_function<std::uint16_t>(
         "--tcp-port", [&settings](const std::uint16_t& port) { settings.relay.tcp_port = port; }, "TCP port, for who cannot use UDP (default: the number of --port; 0: none)")
      ->type_name("N");
  app.add_option("--key-file", settings.relay.key_file, "The relay's key, made when missing; without it each run has its own")->type_name("FILE");
  app.add_option("--state-file", settings.relay.state_file, "Where rooms and seats live through a restart; without it in memory alone")->type_name("FILE");
  app.add_option("--advertise", settings.advertise, "Host name or address under which others reach this relay")->type_name("HOST");
  app.add_option_function<std::string>("--hop", [&settings](const std::string& text) { settings.relay.full_hop = text == "full"; },
                                       "What hops to members seal once more: header (default), or full packets for everybody")
      ->check(CLI::IsMember({"header", "full"}))
      ->type_name("");
  app.add_option("--metrics-port", settings.metrics_port, "Metrics and health over HTTP at 127.0.0.1 (default 0: off)")->type_name("N");
  app.add_option("--drain-seconds", settings.drain_seconds, "How long to wait for meetings to end (default 60)")->type_name("N");
  app.add_flag("--log-identifiers", flags.log_identifiers, "Log addresses and room ids too");
  app.add_flag("--no-sandbox", flags.no_sandbox, "Without the filter of system calls");
}

/// CLI11 takes its arguments from the back.
void parse(CLI::App& app, std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());
  app.parse(arguments);
}

/// Reads the flags over `settings`.
void read_flags(const std::vector<std::string>& arguments, Flags& flags, Settings& settings) {
  CLI::App app("", "conclave-relay");
  add_flags(app, flags, settings);
  parse(app, arguments);
  settings.log_identifiers |= flags.log_identifiers;
  settings.sandbox = settings.sandbox && !flags.no_sandbox;
  settings.relay.keep_notes = settings.log_identifiers;
}

CommandLine read_all(const std::vector<std::string>& arguments, const Settings& from_flags, const std::string& file) {
  if (file.empty()) return RunRelay{from_flags, arguments};
  auto from_file = read_settings(file, Settings{});
  if (const auto* error = std::get_if<SettingsError>(&from_file)) return EndAtOnce{usage, error->sentence};
  RunRelay run{std::get<Settings>(std::move(from_file)), arguments};
  Flags flags;
  read_flags(arguments, flags, run.settings);
  return run;
}

}  // namespace

CommandLine read_command_line(const std::vector<std::string>& arguments) {
  CLI::App app("A relay for end-to-end encrypted calls: it forwards what it cannot read.", "conclave-relay");
  app.footer(footer);
  Settings settings;
  Flags flags;
  MakeOpenerKey opener;
  add_flags(app, flags, settings);
  auto* make = app.add_subcommand("make-opener-key", "Make a key for somebody who may open rooms, and print its public half");
  make->add_option("file", opener.file, "Where to write the secret half; not there yet")->required()->type_name("FILE");
  try {
    parse(app, arguments);
  } catch (const CLI::CallForHelp&) {
    return EndAtOnce{0, app.help()};
  } catch (const CLI::ParseError& error) {
    return EndAtOnce{usage, error.what()};
  }
  if (make->parsed()) return opener;
  settings.log_identifiers = flags.log_identifiers;
  settings.relay.keep_notes = flags.log_identifiers;
  settings.sandbox = !flags.no_sandbox;
  return read_all(arguments, settings, flags.config);
}

}  // namespace conclave::relay_program
