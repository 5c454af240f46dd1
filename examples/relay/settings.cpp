#include "settings.h"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <charconv>
#include <functional>
#include <limits>
#include <map>

namespace conclave::relay_program {
namespace {

/// Reads one value; false when it is of another type or out of range.
using Reader = std::function<bool(const toml::node&)>;
using Readers = std::map<std::string, Reader, std::less<>>;

Reader into(std::string& out) {
  return [&out](const toml::node& node) {
    const auto value = node.value_exact<std::string>();
    if (value) out = *value;
    return value.has_value();
  };
}

Reader into(bool& out) {
  return [&out](const toml::node& node) {
    const auto value = node.value_exact<bool>();
    if (value) out = *value;
    return value.has_value();
  };
}

template <class Number>
Reader into(Number& out, std::int64_t lowest, std::int64_t highest) {
  return [&out, lowest, highest](const toml::node& node) {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < lowest || *value > highest) return false;
    out = static_cast<Number>(*value);
    return true;
  };
}

Reader into_port(std::optional<std::uint16_t>& out) {
  return [&out](const toml::node& node) {
    std::uint16_t port = 0;
    if (!into(port, 0, 65'535)(node)) return false;
    out = port;
    return true;
  };
}

/// "header", or "full" for true.
Reader into_hop(bool& out) {
  return [&out](const toml::node& node) {
    const auto value = node.value_exact<std::string>();
    if (!value || (*value != "header" && *value != "full")) return false;
    out = *value == "full";
    return true;
  };
}

/// A list of strings, each of which `take` accepts.
Reader each(std::function<bool(const std::string&)> take) {
  return [take = std::move(take)](const toml::node& node) {
    const auto* list = node.as_array();
    if (list == nullptr) return false;
    for (const auto& item : *list) {
      const auto text = item.value_exact<std::string>();
      if (!text || !take(*text)) return false;
    }
    return true;
  };
}

bool add_key(const std::string& text, RoomOpeners& openers) {
  std::array<std::uint8_t, 32> key{};
  if (text.size() != 2 * key.size()) return false;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const char* digits = text.data() + 2 * i;
    const auto [stop, failed] = std::from_chars(digits, digits + 2, key[i], 16);
    if (failed != std::errc() || stop != digits + 2) return false;
  }
  openers.keys.push_back(key);
  return true;
}

bool add_token(const std::string& text, RoomOpeners& openers) {
  openers.tokens.push_back(text);
  return !text.empty() && text.size() <= 128;
}

/// The sentence about the first thing in `table` that no reader takes; empty when all is well.
std::string read_table(const toml::table& table, const std::string& name, const Readers& readers) {
  for (const auto& [key, node] : table) {
    if (name.empty() && node.is_table()) continue;
    const std::string path = name.empty() ? std::string(key.str()) : name + "." + std::string(key.str());
    const auto reader = readers.find(key.str());
    const std::string line = " (line " + std::to_string(node.source().begin.line) + ")";
    if (reader == readers.end()) return path + " is not known" + line;
    if (!reader->second(node)) return path + " has a value that it cannot have" + line;
  }
  return "";
}

Readers limit_readers(RelayLimits& limits) {
  constexpr std::int64_t many = 1'000'000;
  return {{"connections", into(limits.connections, 1, many)},
          {"half_open", into(limits.half_open, 1, many)},
          {"newcomers_per_second", into(limits.newcomers_per_second, 1, many)},
          {"rooms", into(limits.rooms, 1, many)},
          {"connections_per_address", into(limits.connections_per_address, 1, many)},
          {"members_per_room", into(limits.members_per_room, 1, 65'536)},
          {"knocks_per_room", into(limits.knocks_per_room, 1, 65'536)},
          {"invited_knocks_per_room", into(limits.invited_knocks_per_room, 1, 65'536)},
          {"invited_knocks_per_second", into(limits.invited_knocks_per_second, 1, many)},
          {"knock_seconds", into(limits.knock_seconds, 1, 86'400)},
          {"free_visits", into(limits.free_visits, 1, many)},
          {"work_bits", into(limits.work_bits, 0, 20)},
          {"log_entries_per_room", into(limits.log_entries_per_room, 16, many)},
          {"log_bytes_per_room", into(limits.log_bytes_per_room, 1 << 16, std::int64_t{1} << 32)},
          {"knocks_per_second", into(limits.knocks_per_second, 1, many)},
          {"streams_per_member", into(limits.streams_per_member, 1, 64)},
          {"subscriptions_per_member", into(limits.subscriptions_per_member, 1, 1024)},
          {"resume_seconds", into(limits.resume_seconds, 0, 3600)},
          {"media_packets_per_second", into(limits.media_packets_per_second, 1, many)}};
}

/// The sections of the file, and the readers of each.
std::map<std::string, Readers, std::less<>> sections_of(Settings& settings) {
  RoomOpeners& openers = settings.relay.openers;
  return {{"",
           {{"listen", into(settings.relay.listen)},
            {"port", into(settings.relay.port, 0, 65'535)},
            {"tcp_port", into_port(settings.relay.tcp_port)},
            {"key_file", into(settings.relay.key_file)},
            {"state_file", into(settings.relay.state_file)},
            {"advertise", into(settings.advertise)},
            {"hop", into_hop(settings.relay.full_hop)},
            {"metrics_port", into(settings.metrics_port, 0, 65'535)},
            {"drain_seconds", into(settings.drain_seconds, 0, 65'535)},
            {"sandbox", into(settings.sandbox)}}},
          {"open",
           {{"tokens", each([&openers](const std::string& text) { return add_token(text, openers); })},
            {"keys", each([&openers](const std::string& text) { return add_key(text, openers); })}}},
          {"limits", limit_readers(settings.relay.limits)},
          {"log",
           {{"identifiers", into(settings.log_identifiers)},
            {"summary_seconds", into(settings.summary_seconds, 0, 65'535)}}}};
}

}  // namespace

std::variant<Settings, SettingsError> read_settings(const std::string& file, Settings settings) {
  const auto parsed = toml::parse_file(file);
  if (!parsed) {
    const auto& error = parsed.error();
    const auto line = error.source().begin.line;
    return SettingsError{file + (line > 0 ? ", line " + std::to_string(line) : "") + ": " + std::string(error.description())};
  }
  const auto sections = sections_of(settings);
  for (const auto& [key, node] : parsed.table()) {
    if (node.is_table() && !sections.contains(key.str())) return SettingsError{file + ": there is no section " + std::string(key.str())};
  }
  for (const auto& [name, readers] : sections) {
    const toml::table* table = name.empty() ? &parsed.table() : parsed.table()[name].as_table();
    if (table == nullptr) continue;
    if (const auto wrong = read_table(*table, name, readers); !wrong.empty()) return SettingsError{file + ": " + wrong};
  }
  return settings;
}

}  // namespace conclave::relay_program
