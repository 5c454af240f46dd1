// raid --members N --raiders N --seed N [--hostile-relay] [--json]: what organised raiders achieve against a public meeting, in virtual time.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "raid.h"

namespace {

nlohmann::ordered_json json_of(const conclave::raid::Report& report) {
  return {{"raider_frames_decoded", report.raider_frames_decoded}, {"raiders_with_keys", report.raiders_with_keys},
          {"honest_loss", report.honest_loss},                     {"join_delay_p99_ms", report.join_delay_p99_ms},
          {"removal_to_silence_p99_ms", report.removal_to_silence_p99_ms}, {"relay_peak_bytes", report.relay_peak_bytes},
          {"host_state_bytes", report.host_state_bytes},           {"members", report.members},
          {"raiders_removed", report.raiders_removed},
          {"rejoins_refused", report.rejoins_refused},             {"refused_messages", report.refused_messages},
          {"virtual_seconds", report.virtual_seconds}};
}

constexpr std::uint64_t most_memory = std::uint64_t{4} << 20;  // for what a thousand raiders can fill, whatever they do

bool holds(const conclave::raid::Report& report) {
  return report.raider_frames_decoded == 0 && report.raiders_with_keys == 0 && report.honest_loss < 0.001 && report.join_delay_p99_ms < 2000 &&
         report.removal_to_silence_p99_ms <= 500 &&
         report.relay_peak_bytes < most_memory && report.host_state_bytes < most_memory;
}

}  // namespace

int main(int argc, char** argv) {
  conclave::raid::Plan plan;
  bool json = false;
  CLI::App app("A public meeting on a stage, and organised raiders with its link, in virtual time. Ends with 1 when a raider reached anything.");
  app.add_option("--members", plan.members, "who sits in the meeting, three of whom speak")->check(CLI::Range(4, 1000))->capture_default_str();
  app.add_option("--raiders", plan.raiders, "who knock with the public link")->check(CLI::Range(0, 100'000))->capture_default_str();
  app.add_option("--seed", plan.seed, "the same seed gives the same raid")->capture_default_str();
  app.add_flag("--hostile-relay", plan.hostile_relay, "the relay works for the raiders");
  app.add_flag("--json", json, "the report as JSON");
  CLI11_PARSE(app, argc, argv);
  const bool watched = ::isatty(STDERR_FILENO) == 1;
  if (watched) plan.progress = [](std::string_view what, int done, int of) { std::cerr << "\r\033[K" << what << ' ' << done << " of " << of << std::flush; };
  const auto start = std::chrono::steady_clock::now();
  const auto report = conclave::raid::run(plan);
  if (watched) std::cerr << "\r\033[K" << std::flush;
  auto out = json_of(report);
  out["wall_seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (json) std::cout << out.dump(2) << std::endl;
  if (!json) {
    for (const auto& [name, value] : out.items()) std::cout << name << ": " << value << '\n';
  }
  return holds(report) ? 0 : 1;
}
