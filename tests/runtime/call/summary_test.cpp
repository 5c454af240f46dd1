#include "summary.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "failure.h"
#include "media/synthetic_picture.h"
#include "status_line.h"

namespace conclave::call {
namespace {

using std::chrono::milliseconds;

Summary ten_seconds() {
  Summary summary;
  summary.self = "Ada";
  summary.met = {"Ben", "Zoë"};
  summary.present = {"Ben"};
  summary.in_call = std::chrono::seconds(10);
  auto& conference = summary.report.conference;
  summary.epoch = 3;
  summary.safety_digits = "12345 67890";
  summary.safety_words = "apple river";
  conference.setup_time = milliseconds(412);
  conference.sent = {{true, 300, 1000, 1'000'000, 1, 2}, {false, 500, 500, 40'000, 0, 0}};
  ReceiveReport video;
  video.video = true;
  video.frames_received = 297;
  video.frames_lost = 3;
  video.decode_failures = 4;
  video.bytes_received = 500'000;
  video.packets_lost = 7;
  ReceiveReport other = video;
  other.member = 5;
  other.frames_received = 3;
  other.frames_lost = 97;
  ReceiveReport audio;
  audio.frames_received = 499;
  audio.frames_concealed = 1;
  conference.received = {video, other, audio};
  conference.dropped.forged = 6;
  summary.report.relay_transport = RelayTransport::websocket;
  summary.report.transport_changes = 1;
  summary.over_udp = milliseconds(6'100);
  summary.over_tcp = milliseconds(3'900);
  summary.report.latest_wakeup = milliseconds(17);
  summary.delay = {DelaySummary::Basis::picture, 290, milliseconds(131), milliseconds(144)};
  add_media(summary);
  return summary;
}

}  // namespace

TEST_CASE("a medium is added up over the other members", "[runtime][call]") {
  const auto summary = ten_seconds();
  CHECK(summary.video.sent == 300);
  CHECK(summary.video.received == 300);
  CHECK(summary.video.lost == 100);
  CHECK(summary.audio.sent == 500);
  CHECK(summary.audio.received == 499);
  CHECK(loss(summary.video) == 0.25);
  CHECK(bitrate(summary.video.bytes_sent, summary.in_call) == 800'000);
  CHECK(loss({}) == 0);
  CHECK(bitrate(100, Duration::zero()) == 0);
}

TEST_CASE("the closing table says with whom, under which code, and how it went", "[runtime][call]") {
  CHECK(closing_table(ten_seconds()) ==
        "Call with      \"Ben\", \"Zoë\", as \"Ada\" (guest)\n"
        "Safety code    12345 67890\n"
        "               apple river\n"
        "Epoch          3\n"
        "Set up in      412.0 ms; lasted 10.0 s\n"
        "Frames            sent  received    lost undecoded  kbit/s out   kbit/s in\n"
        "  picture          300       300     100         8       800.0       800.0\n"
        "  sound            500       499       0         0        32.0         0.0\n"
        "One-way delay  p50 131 ms, p95 144 ms, capture to screen, by the time in the picture (monotonic clock: one "
        "machine only)\n"
        "Transport      websocket, after 1 change: 6 s over UDP (quic), 4 s over TCP (websocket)\n");
}

TEST_CASE("names that imitate the program stay between their quotation marks", "[runtime][call][attack]") {
  auto summary = ten_seconds();
  summary.met = {"Ben\", as \"Ada\" (host)", "Safety code    1"};
  summary.present = {"alone\"  epoch 9"};
  CHECK(closing_table(summary).starts_with("Call with      \"Ben', as 'Ada' (host)\", \"Safety code    1\", as \"Ada\" (guest)\n"));
  CHECK(status_text(summary, summary, Duration::zero(), std::nullopt).find("\"alone'  epoch 9\"  epoch 3") != std::string::npos);
}

TEST_CASE("a call with nobody, cut off, is reported too", "[runtime][call]") {
  Summary summary;
  summary.hosting = true;
  summary.self = "Ada";
  summary.failure = "the call broke off";
  const auto table = closing_table(summary);
  CHECK(table.find("Call with      nobody, as \"Ada\" (host)") == 0);
  CHECK(table.find("Safety code    none") != std::string::npos);
  CHECK(table.find("not measured") != std::string::npos);
  CHECK(table.find("Ended by       the call broke off") != std::string::npos);
}

TEST_CASE("the JSON report has its documented keys", "[runtime][call]") {
  auto summary = ten_seconds();
  summary.exit_code = 9;
  summary.failure = "broke \xff off";
  const auto json = nlohmann::json::parse(closing_json(summary));
  CHECK(json["role"] == "guest");
  CHECK(json["peers"] == std::vector<std::string>{"Ben", "Zoë"});
  CHECK(json["exit_code"] == 9);
  CHECK(json["safety_digits"] == "12345 67890");
  CHECK(json["epoch"] == 3);
  CHECK(json["setup_ms"] == 412.0);
  CHECK(json["duration_s"] == 10.0);
  CHECK(json["video"]["frames_lost"] == 100);
  CHECK(json["video"]["bitrate_out"] == 800'000.0);
  CHECK(json["audio"]["frames_concealed"] == 1);
  CHECK(json["delay"]["basis"] == "picture");
  CHECK(json["delay"]["p95_ms"] == 144.0);
  CHECK(json["packets"]["media_lost"] == 14);
  CHECK(json["dropped"]["forged"] == 6);
  CHECK(json["local"]["video_skipped"] == 0);
  CHECK(json["local"]["latest_wakeup_ms"] == 17.0);
  CHECK(json["seconds_over_udp"] == 6.1);
  CHECK(json["seconds_over_tcp"] == 3.9);
}

TEST_CASE("the status line tells rates of the last moments", "[runtime][call]") {
  auto before = ten_seconds();
  auto now = ten_seconds();
  now.in_call = std::chrono::seconds(72);
  now.video.sent += 60;
  now.video.received += 48;
  now.video.bytes_sent += 200'000;
  now.video.bytes_received += 100'000;
  CHECK(status_text(now, before, std::chrono::seconds(2), milliseconds(131)) ==
        "01:12  \"Ben\"  epoch 3  out 800 kbit/s 30 fps  in 400 kbit/s 24 fps  loss 22.3 %  over TCP  delay 131 ms");
  now.silence = milliseconds(4'900);
  CHECK(status_text(now, before, std::chrono::seconds(2), std::nullopt).find("\"Ben\"  NOTHING HEARD FOR 4 s  epoch 3") != std::string::npos);
  now.silence = {};
  now.present.clear();
  CHECK(status_text(now, now, Duration::zero(), std::nullopt) ==
        "01:12  alone  epoch 3  out 0 kbit/s 0 fps  in 0 kbit/s 0 fps  loss 22.3 %  over TCP");
}

TEST_CASE("delays are read from the picture where they stand in it, else from its frame", "[runtime][call]") {
  DelayMeter meter;
  CHECK(meter.summary().basis == DelaySummary::Basis::none);
  const Time now{std::chrono::seconds(100)};
  VideoFrame plain{now - milliseconds(50), 320, 180, Bytes(320 * 180), Bytes(160 * 90), Bytes(160 * 90)};
  meter.show(1, plain, now);
  CHECK(meter.summary().basis == DelaySummary::Basis::frame);
  CHECK(meter.summary().p50 == milliseconds(50));
  for (int delay = 1; delay <= 100; ++delay)
    meter.show(1, media::synthetic_picture(320, 180, 0, now - milliseconds(delay)), now);
  meter.show(1, plain, now);
  const auto summary = meter.summary();
  CHECK(summary.basis == DelaySummary::Basis::picture);
  CHECK(summary.samples == 100);
  CHECK(summary.p50 == milliseconds(50));
  CHECK(summary.p95 == milliseconds(95));
  CHECK(meter.newest() == milliseconds(100));
}

TEST_CASE("what cannot be a delay is left out", "[runtime][call]") {
  DelayMeter meter;
  const Time now{std::chrono::seconds(100)};
  meter.show(1, media::synthetic_picture(320, 180, 0, now + milliseconds(1)), now);
  meter.show(1, media::synthetic_picture(320, 180, 0, now - std::chrono::seconds(10)), now);
  CHECK(meter.summary().samples == 0);
  CHECK_FALSE(meter.newest().has_value());
}

TEST_CASE("every failure is one sentence and its own exit code", "[runtime][call]") {
  const auto code = [](ErrorCode error, bool joined) {
    return call_failure({error, "x\ny"}, "host port 1", joined).code;
  };
  CHECK(code(ErrorCode::unreachable, false) == ExitCode::unreachable);
  CHECK(code(ErrorCode::refused, false) == ExitCode::knock_refused);
  CHECK(code(ErrorCode::expired, false) == ExitCode::knock_refused);
  CHECK(code(ErrorCode::version_mismatch, false) == ExitCode::version_mismatch);
  CHECK(code(ErrorCode::version_mismatch, true) == ExitCode::version_mismatch);
  CHECK(code(ErrorCode::identity_mismatch, false) == ExitCode::identity_mismatch);
  CHECK(code(ErrorCode::not_authentic, false) == ExitCode::wrong_link);
  CHECK(code(ErrorCode::connection_lost, true) == ExitCode::call_broken);
  CHECK(code(ErrorCode::refused, true) == ExitCode::call_broken);
  CHECK(link_failure({ErrorCode::malformed, "no port"}).sentence == "the link is wrong: no port");
  CHECK(link_failure({ErrorCode::malformed, "the link has no port"}).sentence == "the link has no port");
  CHECK(link_failure({ErrorCode::malformed, "x"}).code == ExitCode::wrong_link);
  CHECK(link_failure({ErrorCode::version_mismatch, "x"}).code == ExitCode::version_mismatch);
  CHECK(host_failure({ErrorCode::io_error, "cannot bind the UDP port 1: x"}).sentence ==
        "cannot bind the UDP port 1: x (try --port 0)");
  CHECK(device_failure({ErrorCode::io_error, "there is no file \"x\""}).code == ExitCode::missing_source);
  CHECK(call_failure({ErrorCode::unreachable, "a\x1b[0m"}, "h", false).sentence == "nobody answers at h: a?[0m");
}

}  // namespace conclave::call
