#include "summary.h"

#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>

#include "terminal.h"

namespace conclave::call {
namespace {

constexpr const char* basis_text(DelaySummary::Basis basis) {
  switch (basis) {
    case DelaySummary::Basis::picture: return "picture";
    case DelaySummary::Basis::frame: return "frame";
    case DelaySummary::Basis::none: break;
  }
  return "none";
}

const char* transport_text(RelayTransport transport) {
  switch (transport) {
    case RelayTransport::quic: return "quic";
    case RelayTransport::websocket: return "websocket";
    case RelayTransport::none: break;
  }
  return "none";
}

double seconds(Duration time) { return std::chrono::duration<double>(time).count(); }
double milliseconds(Duration time) { return seconds(time) * 1e3; }

/// Their names, quoted.
std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + quoted_name(name);
  return text.empty() ? "nobody" : text;
}

void row(std::ostream& out, const char* name, const MediumSummary& medium, Duration time) {
  out << std::left << std::setw(14) << name << std::right << std::setw(8) << medium.sent << std::setw(10)
      << medium.received << std::setw(8) << medium.lost << std::setw(10) << medium.decode_failures << std::setw(12)
      << bitrate(medium.bytes_sent, time) / 1e3 << std::setw(12) << bitrate(medium.bytes_received, time) / 1e3 << '\n';
}

std::string delay_text(const DelaySummary& delay) {
  if (delay.samples == 0) return "not measured";
  std::ostringstream out;
  out << "p50 " << delay.p50 / std::chrono::milliseconds(1) << " ms, p95 " << delay.p95 / std::chrono::milliseconds(1)
      << " ms, capture to screen, by the time in the " << basis_text(delay.basis)
      << " (monotonic clock: one machine only)";
  return out.str();
}

nlohmann::ordered_json medium_json(const MediumSummary& medium, Duration time) {
  return {{"frames_sent", medium.sent},
          {"frames_received", medium.received},
          {"frames_lost", medium.lost},
          {"decode_failures", medium.decode_failures},
          {"frames_concealed", medium.concealed},
          {"freezes", medium.freezes},
          {"bitrate_out", bitrate(medium.bytes_sent, time)},
          {"bitrate_in", bitrate(medium.bytes_received, time)}};
}

nlohmann::ordered_json packets_json(const ClientReport& report) {
  std::uint64_t received = 0;
  std::uint64_t lost = 0;
  std::uint64_t recovered = 0;
  for (const auto& medium : report.conference.received) {
    received += medium.packets_received;
    lost += medium.packets_lost;
    recovered += medium.packets_recovered;
  }
  return {{"media_received", received},
          {"media_lost", lost},
          {"media_recovered", recovered},
          {"datagrams_sent", report.datagrams_sent},
          {"datagrams_received", report.datagrams_received}};
}

nlohmann::ordered_json dropped_json(const ClientReport& report) {
  const auto& dropped = report.conference.dropped;
  return {{"malformed", dropped.malformed},
          {"unknown_epoch", dropped.unknown_epoch},
          {"unknown_sender", dropped.unknown_sender},
          {"forged", dropped.forged},
          {"replayed", dropped.replayed},
          {"incomplete", dropped.incomplete},
          {"wrong_stream", dropped.wrong_stream},
          {"bad_message", dropped.bad_message},
          {"hop_malformed", report.transport.malformed},
          {"hop_forged", report.transport.forged},
          {"hop_replayed", report.transport.replayed},
          {"stale", report.transport.stale}};
}

/// Of each other member, what was received: by its name while it is there.
nlohmann::ordered_json received_json(const ConferenceReport& conference) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& medium : conference.received) {
    const auto entry = std::ranges::find(conference.roster, medium.member, &RosterEntry::member);
    list.push_back({{"member", medium.member},
                    {"name", entry == conference.roster.end() ? "" : entry->display_name},
                    {"medium", medium.video ? "picture" : "sound"},
                    {"decoded", medium.frames_decoded},
                    {"lost", medium.frames_lost},
                    {"concealed", medium.frames_concealed},
                    {"bytes", medium.bytes_received},
                    {"freezes", medium.freezes},
                    {"longest_freeze_ms", milliseconds(medium.longest_freeze)},
                    {"width", medium.width}});
  }
  return list;
}

nlohmann::ordered_json local_json(const ClientReport& report) {
  return {{"video_captured", report.video_captured},
          {"video_skipped", report.video_skipped},
          {"audio_captured", report.audio_captured},
          {"audio_skipped", report.audio_skipped},
          {"media_unplayed", report.media_unplayed},
          {"latest_wakeup_ms", milliseconds(report.latest_wakeup)}};
}

nlohmann::ordered_json delay_json(const DelaySummary& delay) {
  nlohmann::ordered_json json{
      {"basis", basis_text(delay.basis)}, {"samples", delay.samples}, {"p50_ms", nullptr}, {"p95_ms", nullptr}};
  if (delay.samples > 0) {
    json["p50_ms"] = milliseconds(delay.p50);
    json["p95_ms"] = milliseconds(delay.p95);
  }
  return json;
}

/// What carried last, and before that where it has changed.
std::string transport_line(const Summary& summary) {
  std::ostringstream out;
  out << transport_text(summary.report.relay_transport) << std::fixed << std::setprecision(0);
  const std::uint64_t changes = summary.report.transport_changes;
  if (changes > 0) {
    out << ", after " << changes << (changes == 1 ? " change" : " changes") << ": " << seconds(summary.over_udp) << " s over UDP (quic), "
        << seconds(summary.over_tcp) << " s over TCP (websocket)";
  }
  return out.str();
}

}  // namespace

void add_media(Summary& summary) {
  const auto& conference = summary.report.conference;
  summary.video = {};
  summary.audio = {};
  for (const auto& sent : conference.sent) {
    auto& medium = sent.video ? summary.video : summary.audio;
    medium.sent += sent.frames_sent;
    medium.bytes_sent += sent.bytes_sent;
  }
  for (const auto& received : conference.received) {
    auto& medium = received.video ? summary.video : summary.audio;
    medium.received += received.frames_received;
    medium.lost += received.frames_lost;
    medium.decode_failures += received.decode_failures;
    medium.concealed += received.frames_concealed;
    medium.freezes += received.freezes;
    medium.bytes_received += received.bytes_received;
  }
}

double bitrate(std::uint64_t bytes, Duration time) {
  return time > Duration::zero() ? static_cast<double>(bytes) * 8 / seconds(time) : 0;
}

double loss(const MediumSummary& medium) {
  const auto expected = medium.received + medium.lost;
  return expected == 0 ? 0 : static_cast<double>(medium.lost) / static_cast<double>(expected);
}

std::string closing_table(const Summary& summary) {
  const auto& conference = summary.report.conference;
  std::ostringstream out;
  out << std::fixed << std::setprecision(1);
  out << "Call with      " << joined(summary.met) << ", as " << quoted_name(summary.self)
      << (summary.hosting ? " (host)" : " (guest)") << '\n';
  out << "Safety code    " << (summary.safety_digits.empty() ? "none" : terminal_text(summary.safety_digits)) << '\n';
  if (!summary.safety_words.empty()) out << "               " << terminal_text(summary.safety_words) << '\n';
  out << "Epoch          " << summary.epoch << '\n';
  out << "Set up in      " << milliseconds(conference.setup_time) << " ms; lasted " << seconds(summary.in_call)
      << " s\n";
  out << "Frames            sent  received    lost undecoded  kbit/s out   kbit/s in\n";
  row(out, "  picture", summary.video, summary.in_call);
  row(out, "  sound", summary.audio, summary.in_call);
  out << "One-way delay  " << delay_text(summary.delay) << '\n';
  out << "Transport      " << transport_line(summary) << '\n';
  if (!summary.failure.empty()) out << "Ended by       " << summary.failure << '\n';
  return out.str();
}

std::string closing_json(const Summary& summary) {
  const auto& conference = summary.report.conference;
  const nlohmann::ordered_json json{{"role", summary.hosting ? "host" : "guest"},
                                    {"name", summary.self},
                                    {"peers", summary.met},
                                    {"exit_code", summary.exit_code},
                                    {"failure", summary.failure},
                                    {"safety_digits", summary.safety_digits},
                                    {"safety_words", summary.safety_words},
                                    {"epoch", summary.epoch},
                                    {"setup_ms", milliseconds(conference.setup_time)},
                                    {"duration_s", seconds(summary.in_call)},
                                    {"relay_address", summary.report.relay_address},
                                    {"transport", transport_text(summary.report.relay_transport)},
                                    {"transport_changes", summary.report.transport_changes},
                                    {"seconds_over_udp", seconds(summary.over_udp)},
                                    {"seconds_over_tcp", seconds(summary.over_tcp)},
                                    {"reconnections", summary.reconnections},
                                    {"longest_gap_ms", milliseconds(summary.longest_gap)},
                                    {"video", medium_json(summary.video, summary.in_call)},
                                    {"audio", medium_json(summary.audio, summary.in_call)},
                                    {"delay", delay_json(summary.delay)},
                                    {"received", received_json(conference)},
                                    {"packets", packets_json(summary.report)},
                                    {"dropped", dropped_json(summary.report)},
                                    {"local", local_json(summary.report)}};
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace conclave::call
