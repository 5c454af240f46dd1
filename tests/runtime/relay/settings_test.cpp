#include "settings.h"

#include "../support.h"
#include "command_line.h"

namespace conclave::relay_program {
namespace {

using test::TemporaryFolder;

std::string written(const TemporaryFolder& folder, const std::string& text) {
  const auto file = folder / "relay.toml";
  std::ofstream(file) << text;
  return file;
}

std::string complaint(const std::string& text) {
  const TemporaryFolder folder;
  const auto read = read_settings(written(folder, text), {});
  const auto* error = std::get_if<SettingsError>(&read);
  return error == nullptr ? "" : error->sentence;
}

}  // namespace

TEST_CASE("the example of a configuration says what holds without one", "[runtime][relay_program]") {
  const auto read = read_settings(CONCLAVE_RELAY_FOLDER "/conclave-relay.toml", {});
  if (const auto* error = std::get_if<SettingsError>(&read)) FAIL(error->sentence);
  const auto& settings = std::get<Settings>(read);
  const Settings defaults;
  CHECK(settings.relay.port == defaults.relay.port);
  CHECK(settings.relay.listen == defaults.relay.listen);
  CHECK(settings.relay.limits.log_bytes_per_room == defaults.relay.limits.log_bytes_per_room);
  CHECK(settings.relay.limits.connections_per_address == defaults.relay.limits.connections_per_address);
  CHECK(settings.relay.limits.media_packets_per_second == defaults.relay.limits.media_packets_per_second);
  CHECK(settings.relay.limits.invited_knocks_per_room == defaults.relay.limits.invited_knocks_per_room);
  CHECK(settings.relay.limits.knock_seconds == defaults.relay.limits.knock_seconds);
  CHECK(settings.relay.limits.free_visits == defaults.relay.limits.free_visits);
  CHECK(settings.relay.limits.work_bits == defaults.relay.limits.work_bits);
  CHECK(settings.drain_seconds == defaults.drain_seconds);
  CHECK(settings.relay.full_hop == defaults.relay.full_hop);
  CHECK(settings.relay.openers.tokens.empty());
}

TEST_CASE("a configuration is read strictly", "[runtime][relay_program]") {
  CHECK(complaint("port = 4433\n").empty());
  CHECK(complaint("prot = 4433\n").find("prot is not known") != std::string::npos);
  CHECK(complaint("\nport = 70000\n").find("line 2") != std::string::npos);
  CHECK_FALSE(complaint("port = \"4433\"\n").empty());
  CHECK_FALSE(complaint("port = \n").empty());
  CHECK(complaint("hop = \"full\"\n").empty());
  CHECK_FALSE(complaint("hop = \"half\"\n").empty());
  CHECK_FALSE(complaint("[limit]\nrooms = 1\n").empty());
  CHECK_FALSE(complaint("[limits]\nrooms = 0\n").empty());
  CHECK(complaint("[limits]\nwork_bits = 0\nfree_visits = 1\ninvited_knocks_per_second = 5\n").empty());
  CHECK_FALSE(complaint("[limits]\nwork_bits = 21\n").empty());
  CHECK_FALSE(complaint("[open]\nkeys = [\"ab\"]\n").empty());
  CHECK_FALSE(complaint("[open]\ntokens = [\"\"]\n").empty());
  CHECK_FALSE(complaint("[open]\ntokens = \"sesame\"\n").empty());
  CHECK_FALSE(std::holds_alternative<Settings>(read_settings("/nonexistent/relay.toml", {})));
}

TEST_CASE("flags stand above the file", "[runtime][relay_program]") {
  const TemporaryFolder folder;
  const auto file = written(folder, "port = 1000\nmetrics_port = 2000\n[log]\nidentifiers = true\n");
  const auto run = std::get<RunRelay>(read_command_line({"--port", "3000", "--config", file}));
  CHECK(run.settings.relay.port == 3000);
  CHECK(run.settings.metrics_port == 2000);
  CHECK(run.settings.log_identifiers);
  CHECK(run.settings.relay.keep_notes);
  const auto bare = std::get<RunRelay>(read_command_line({}));
  CHECK(bare.settings.relay.port == 4433);
  CHECK_FALSE(bare.settings.relay.tcp_port);
  CHECK(std::get<RunRelay>(read_command_line({"--tcp-port", "443"})).settings.relay.tcp_port == 443);
  const auto other = written(folder, "port = 1000\ntcp_port = 0\n");
  CHECK(std::get<RunRelay>(read_command_line({"--config", other})).settings.relay.tcp_port == 0);
  CHECK_FALSE(bare.settings.relay.keep_notes);
  CHECK_FALSE(bare.settings.relay.full_hop);
  CHECK(std::get<RunRelay>(read_command_line({"--hop", "full", "--config", file})).settings.relay.full_hop);
}

TEST_CASE("a wrong command line or file is said, with exit code 2", "[runtime][relay_program]") {
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{{"--prot", "1"}, {"--port"}, {"--config", "/nonexistent"}}) {
    const auto command = read_command_line(wrong);
    REQUIRE(std::holds_alternative<EndAtOnce>(command));
    CHECK(std::get<EndAtOnce>(command).code == 2);
  }
  const auto help = std::get<EndAtOnce>(read_command_line({"--help"}));
  CHECK(help.code == 0);
  CHECK(help.text.find("SIGHUP") != std::string::npos);
}

}  // namespace conclave::relay_program
