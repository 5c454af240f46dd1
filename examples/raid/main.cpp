// raid --members N --raiders N --seed N [--hostile-relay] [--json]: what organised raiders achieve against a public meeting, in virtual time.
#include <charconv>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "raid.h"

namespace {

bool read(std::string_view text, auto& number) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size();
}

int usage() {
  std::cerr << "usage: raid [--members 4..1000] [--raiders 0..100000] [--seed N] [--hostile-relay] [--json]" << std::endl;
  return 2;
}

nlohmann::ordered_json json_of(const conclave::raid::Report& report) {
  return {{"raider_frames_decoded", report.raider_frames_decoded}, {"raiders_with_keys", report.raiders_with_keys},
          {"honest_loss", report.honest_loss},                     {"join_delay_p99_ms", report.join_delay_p99_ms},
          {"removal_to_silence_p99_ms", report.removal_to_silence_p99_ms}, {"relay_peak_bytes", report.relay_peak_bytes},
          {"host_state_bytes", report.host_state_bytes},           {"members", report.members},                             {"raiders_removed", report.raiders_removed},
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
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    bool good = true;
    if (option == "--hostile-relay") {
      plan.hostile_relay = true;
      continue;
    }
    if (option == "--json") {
      json = true;
      continue;
    }
    if (option == "--members") good = read(value, plan.members);
    else if (option == "--raiders") good = read(value, plan.raiders);
    else if (option == "--seed") good = read(value, plan.seed);
    else good = false;
    if (!good) return usage();
    ++i;
  }
  if (plan.members < 4 || plan.members > 1000 || plan.raiders < 0 || plan.raiders > 100'000) return usage();
  const auto start = std::chrono::steady_clock::now();
  const auto report = conclave::raid::run(plan);
  auto out = json_of(report);
  out["wall_seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (json) std::cout << out.dump(2) << std::endl;
  if (!json) {
    for (const auto& [name, value] : out.items()) std::cout << name << ": " << value << '\n';
  }
  return holds(report) ? 0 : 1;
}
