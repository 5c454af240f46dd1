#include "impairment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace conclave::impairer {

namespace {

Nanoseconds from_ms(double ms) { return Nanoseconds(std::llround(ms * 1e6)); }

struct Field {
  std::string_view name;
  double Spec::*value;
  double least, most;
};

constexpr std::array<Field, 9> fields = {{
    {"delay", &Spec::delay, 0, 60'000},
    {"jitter", &Spec::jitter, 0, 60'000},
    {"loss", &Spec::loss, 0, 100},
    {"burst", &Spec::burst, 1, 10'000},
    {"rate", &Spec::rate, 0, 1e8},
    {"queue", &Spec::queue, 0, 60'000},
    {"reorder", &Spec::reorder, 0, 100},
    {"late", &Spec::late, 0, 60'000},
    {"duplicate", &Spec::duplicate, 0, 100},
}};

std::optional<std::string> change_field(const std::string& item, Spec& spec) {
  const std::size_t equals = std::min(item.find('='), item.size());
  const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == item.substr(0, equals); });
  if (field == fields.end() || equals + 1 >= item.size()) return "not a known NAME=NUMBER: '" + item + "'";
  const char* const begin = item.c_str() + equals + 1;
  char* end = nullptr;
  const double value = std::strtod(begin, &end);
  if (end == begin || *end != '\0' || !(value >= field->least && value <= field->most)) return "out of range: '" + item + "'";
  spec.*(field->value) = value;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> change_spec(std::string_view text, Spec& spec) {
  Spec changed = spec;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (auto error = change_field(std::string(text.substr(0, comma)), changed)) return error;
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  spec = changed;
  return std::nullopt;
}

void Impairment::push(Packet packet, Nanoseconds now) {
  ++counters_.received;
  if (is_lost()) {
    ++counters_.lost;
    return;
  }
  const auto passed = pass_bottleneck(packet.size(), now);
  if (!passed) {
    ++counters_.queue_dropped;
    return;
  }
  const double jitter = spec_.jitter > 0 ? std::uniform_real_distribution<>(-spec_.jitter, spec_.jitter)(random_) : 0;
  Nanoseconds due = std::max({now, last_due_, *passed + from_ms(spec_.delay + jitter)});
  if (chance(spec_.reorder / 100)) {
    ++counters_.reordered;
    due += from_ms(spec_.late);
  } else {
    last_due_ = due;
  }
  if (chance(spec_.duplicate / 100)) {
    ++counters_.duplicated;
    launch(packet, due);
  }
  launch(std::move(packet), due);
}

std::optional<Packet> Impairment::pop(Nanoseconds now) {
  if (flights_.empty() || flights_.top().due > now) return std::nullopt;
  Packet packet = flights_.top().packet;
  flights_.pop();
  ++counters_.forwarded;
  counters_.bytes += packet.size();
  return packet;
}

std::optional<Nanoseconds> Impairment::next_deadline() const {
  if (flights_.empty()) return std::nullopt;
  return flights_.top().due;
}

bool Impairment::is_lost() {
  const double loss = spec_.loss / 100;
  if (spec_.burst <= 1 || loss >= 1) return chance(loss);
  // Gilbert: a run ends with 1/burst; runs begin so often that the share of lost packets is `loss`.
  in_burst_ = in_burst_ ? !chance(1 / spec_.burst) : chance(loss / (spec_.burst * (1 - loss)));
  return in_burst_;
}

std::optional<Nanoseconds> Impairment::pass_bottleneck(std::size_t size, Nanoseconds now) {
  if (spec_.rate <= 0) return now;
  const Nanoseconds begin = std::max(now, link_free_);
  if (begin - now > from_ms(spec_.queue)) return std::nullopt;
  link_free_ = begin + from_ms(static_cast<double>(size) * 8 / spec_.rate);
  return link_free_;
}

}  // namespace conclave::impairer
