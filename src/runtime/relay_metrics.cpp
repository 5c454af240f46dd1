#include "runtime/relay_metrics.h"

#include <initializer_list>
#include <utility>

namespace conclave::runtime {
namespace {

class Table {
 public:
  void level(const char* name, std::size_t value) { rows_.push_back({name, "", false, static_cast<double>(value)}); }
  void count(const char* name, std::uint64_t value) { count(name, {{"", value}}); }
  /// By reason.
  void count(const char* name, std::initializer_list<std::pair<const char*, std::uint64_t>> values) {
    for (const auto& [reason, value] : values) rows_.push_back({name, reason, true, static_cast<double>(value)});
  }
  std::vector<RelayMetric> take() { return std::move(rows_); }

 private:
  std::vector<RelayMetric> rows_;
};

void add_doors(Table& table, const RelayServerReport& report) {
  const auto& relay = report.relay;
  const auto& quic = report.quic;
  table.count("connections_accepted_total", relay.connections_accepted);
  table.count("connections_refused_total", {{"relay_full", relay.connections_refused}, {"no_room_for_newcomers", quic.refused}, {"address_crowded", quic.crowded}});
  table.count("connections_closed_total",
              {{"silent", relay.connections_timed_out}, {"over_limit", relay.over_limit}, {"slow", relay.connections_slow}, {"version", relay.version_mismatch},
               {"message_unfinished", quic.transport.unfinished + report.websocket.transport.unfinished}});
  table.count("handshakes_total", {{"begun", quic.accepted}, {"abandoned", quic.abandoned}, {"retry", quic.retries}, {"version", quic.version_negotiations}});
  table.count("rooms_opened_total", relay.rooms_opened);
  table.count("rooms_closed_total", relay.rooms_closed);
  table.count("rooms_refused_total", {{"not_permitted", relay.rooms_not_permitted}, {"no_place", relay.rooms_refused}});
  table.count("knocks_total",
              {{"forwarded", relay.knocks_forwarded}, {"forged", relay.knocks_forged}, {"over_limit", relay.knocks_over_limit}, {"refused", relay.knocks_refused},
               {"expired", relay.knocks_expired}, {"withdrawn", relay.knocks_withdrawn}});
  table.count("admissions_total", relay.admissions);
}

void add_continuity(Table& table, const RelayServerReport& report) {
  table.count("rooms_restored_total", report.relay.rooms_restored);
  table.count("seats_total",
              {{"kept", report.relay.seats_kept}, {"resumed", report.relay.seats_resumed}, {"expired", report.relay.seats_expired},
               {"over_limit", report.relay.seats_over_limit}});
  table.count("resumes_refused_total", report.relay.resumes_refused);
  table.count("state_writes_failed_total", report.state.failures);
  table.count("state_snapshots_total", report.state.snapshots);
  table.count("messages_held_total", report.relay.messages_held);
}

void add_messages(Table& table, const RelayServerReport& report) {
  const auto& relay = report.relay;
  table.count("log_entries_total", {{"commit", relay.commits}, {"contested_commit", relay.commits_contested}, {"broadcast", relay.broadcasts}});
  table.count("messages_dropped_total",
              {{"malformed", relay.malformed}, {"out_of_place", relay.out_of_place}, {"welcome", relay.welcomes_dropped},
               {"oversized", report.quic.transport.oversized}});
}

void add_media(Table& table, const RelayServerReport& report) {
  const auto& relay = report.relay;
  table.count("media_received_total", relay.media_received);
  table.count("media_forwarded_total", relay.media_forwarded);
  table.count("media_layer_skipped_total", relay.media_layer_dropped);
  table.count("media_dropped_total",
              {{"narrow_path", relay.media_pacer_dropped}, {"not_member", relay.media_not_member}, {"foreign_stream", relay.media_foreign_stream},
               {"over_limit", relay.media_over_limit}, {"duplicate", relay.media_duplicate}, {"late", relay.media_late}});
  table.count("streams_refused_total", {{"taken", relay.streams_taken}, {"over_limit", relay.streams_over_limit}});
  table.count("keyframes_total", {{"requested", relay.keyframes_requested}, {"forwarded", relay.keyframes_forwarded}});
  table.count("retransmissions_total", relay.retransmissions);
  table.count("nacks_unanswered_total", {{"not_kept", relay.nacks_unanswered}, {"over_limit", relay.nacks_over_limit}});
  table.count("uplink_nacks_total", relay.uplink_nacks);
  table.count("uplink_packets_repaired_total", relay.uplink_repaired);
  table.count("reports_total", relay.reports);
  table.count("feedback_dropped_total",
              {{"malformed", relay.feedback_malformed}, {"over_limit", relay.feedback_over_limit}, {"foreign_stream", relay.feedback_foreign_stream}});
}

void add_paths(Table& table, const RelayServerReport& report) {
  const auto& relay = report.relay;
  table.count("path_reports_total", relay.path_reports);
  table.count("path_changes_total",
              {{"narrowed", relay.paths_narrowed}, {"widened", relay.paths_widened}, {"cut", relay.paths_cut}, {"tried", relay.paths_tried},
               {"guarded", relay.paths_guarded}});
  table.count("protection_sent_total", {{"parity", relay.parity_sent}, {"sound", relay.sounds_repeated}});
  table.count("layer_changes_total", {{"raised", relay.layers_raised}, {"lowered", relay.layers_lowered}});
  table.count("layers_paused_total", relay.layers_paused);
}

void add_datagrams(Table& table, const RelayServerReport& report) {
  const auto& drops = report.quic.transport;
  table.count("datagrams_received_total", report.udp.received);
  table.count("datagrams_sent_total", report.udp.sent);
  table.count("datagrams_unsent_total", {{"socket_full", report.unsent}, {"system_refused", report.udp.send_failed}, {"queue_full", drops.overflowed}});
  table.count("datagrams_dropped_total",
              {{"too_long", report.udp.truncated}, {"malformed", drops.malformed}, {"forged", drops.forged}, {"replayed", drops.replayed},
               {"unknown_connection", drops.unknown_connection}});
}

void add_streams(Table& table, const RelayServerReport& report) {
  const auto& tcp = report.websocket;
  table.count("tcp_connections_total",
              {{"accepted", tcp.accepted}, {"no_room_for_newcomers", tcp.refused}, {"address_crowded", tcp.crowded}, {"displaced", tcp.displaced},
               {"held_up", tcp.held_up}, {"no_descriptors", report.accepts_failed}, {"no_tls", tcp.tls_failed}, {"no_websocket", tcp.not_upgraded},
               {"too_slow", tcp.timed_out}, {"abandoned", tcp.abandoned}});
  table.count("tcp_frames_total", {{"media_received", tcp.transport.media_received}, {"media_sent", tcp.transport.media_sent}});
  table.count("tcp_frames_dropped_total",
              {{"malformed", tcp.transport.malformed}, {"oversized", tcp.transport.oversized}, {"queue_full", tcp.transport.overflowed},
               {"stale", tcp.transport.stale}});
}

}  // namespace

std::vector<RelayMetric> metrics_of(const RelayServerReport& report) {
  Table table;
  table.level("connections", report.connections);
  table.level("connections_tcp", report.connections_tcp);
  table.level("half_open", report.half_open);
  table.level("rooms", report.rooms);
  table.level("seats_away", report.seats_away);
  table.level("messages_waiting", report.messages_waiting);
  table.level("unfinished_bytes", report.quic.unfinished_bytes + report.websocket.unfinished_bytes);
  table.level("state_kept", report.state_kept ? 1 : 0);
  add_continuity(table, report);
  add_doors(table, report);
  add_messages(table, report);
  add_media(table, report);
  add_paths(table, report);
  add_datagrams(table, report);
  add_streams(table, report);
  return table.take();
}

}  // namespace conclave::runtime
