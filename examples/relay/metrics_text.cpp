#include "metrics_text.h"

#include <cstdint>

namespace conclave::relay_program {

std::string metrics_text(const std::vector<RelayMetric>& metrics) {
  std::string out;
  std::string last;
  for (const auto& metric : metrics) {
    const std::string name = "conclave_relay_" + metric.name;
    if (name != last) out += "# TYPE " + name + (metric.counter ? " counter\n" : " gauge\n");
    last = name;
    out += name;
    if (!metric.reason.empty()) out += "{reason=\"" + metric.reason + "\"}";
    out += " " + std::to_string(static_cast<std::uint64_t>(metric.value)) + "\n";
  }
  return out;
}

}  // namespace conclave::relay_program
