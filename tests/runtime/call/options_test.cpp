#include "options.h"

#include <catch2/catch.hpp>
#include <iostream>
#include <sstream>

#include "link_text.h"

namespace conclave::call {
namespace {

/// Parses, with standard output and error caught in `said`.
std::variant<Options, ExitCode> parse(std::vector<const char*> arguments, std::string* said = nullptr) {
  arguments.insert(arguments.begin(), "conclave-call");
  std::ostringstream caught;
  auto* out = std::cout.rdbuf(caught.rdbuf());
  auto* err = std::cerr.rdbuf(caught.rdbuf());
  auto parsed = parse_command_line(static_cast<int>(arguments.size()), arguments.data());
  std::cout.rdbuf(out);
  std::cerr.rdbuf(err);
  if (said != nullptr) *said = caught.str();
  return parsed;
}

Options good(const std::vector<const char*>& arguments) {
  std::string said;
  const auto parsed = parse(arguments, &said);
  INFO(said);
  REQUIRE(std::holds_alternative<Options>(parsed));
  return std::get<Options>(parsed);
}

std::string complaint(const std::vector<const char*>& arguments) {
  std::string said;
  const auto parsed = parse(arguments, &said);
  REQUIRE(std::holds_alternative<ExitCode>(parsed));
  CHECK(std::get<ExitCode>(parsed) == ExitCode::usage);
  CHECK(std::count(said.begin(), said.end(), '\n') == 1);
  return said;
}

}  // namespace

TEST_CASE("joining takes a link and has sensible defaults", "[runtime][call]") {
  const auto options = good({"join", "conclave://x:1/r#s"});
  CHECK_FALSE(options.hosting);
  CHECK(options.link == "conclave://x:1/r#s");
  CHECK(options.video.kind == SourceChoice::Kind::synthetic);
  CHECK(options.audio.kind == SourceChoice::Kind::synthetic);
  CHECK(options.video_config.width == 640);
  CHECK(options.video_config.codec == VideoCodec::vp8);
  CHECK_FALSE(options.duration.has_value());
  CHECK_FALSE(options.name.empty());
  CHECK_FALSE(options.full_hop);
  CHECK(good({"join", "conclave://x:1/r#s", "--hop", "full"}).full_hop);
}

TEST_CASE("how to reach the relay can be chosen, and at which TCP port a host listens", "[runtime][call]") {
  CHECK(good({"join", "conclave://x:1/r#s"}).transport == TransportChoice::automatic);
  CHECK(good({"join", "conclave://x:1/r#s", "--transport", "quic"}).transport == TransportChoice::quic);
  CHECK(good({"host", "--admit", "all", "--transport", "websocket"}).transport == TransportChoice::websocket);
  CHECK_FALSE(good({"host", "--admit", "all"}).host.tcp_port);
  CHECK(good({"host", "--admit", "all", "--tcp-port", "0"}).host.tcp_port == 0);
  complaint({"join", "conclave://x:1/r#s", "--transport", "pigeon"});
  complaint({"host", "--admit", "all", "--tcp-port", "70000"});
}

TEST_CASE("every option of a host arrives", "[runtime][call]") {
  const auto options = good({"host",        "--listen",       "127.0.0.1",   "--port",   "0",
                             "--advertise", "example.org",    "--relay-key", "key.pem",  "--admit",
                             "all",         "--name",         "Ada",         "--video",  "camera:/dev/video3",
                             "--audio",     "microphone:USB", "--loop",      "--codec",  "vp9",
                             "--size",      "854x480",        "--fps",       "24",       "--bitrate",
                             "1.5M",        "--duration",     "2.5",         "--record", "a.webm",
                             "--still",     "a.png",          "--play",      "--json",   "a.json",
                             "--quiet"});
  CHECK(options.hosting);
  CHECK(options.host.listen == "127.0.0.1");
  CHECK(options.host.port == 0);
  CHECK(options.host.advertise == "example.org");
  CHECK(options.host.relay_key_file == "key.pem");
  CHECK(options.admit == Admission::all);
  CHECK(options.name == "Ada");
  CHECK(options.video.kind == SourceChoice::Kind::device);
  CHECK(options.video.name == "/dev/video3");
  CHECK(options.audio.name == "USB");
  CHECK(options.loop);
  CHECK(options.video_config.codec == VideoCodec::vp9);
  CHECK(options.video_config.width == 854);
  CHECK(options.video_config.height == 480);
  CHECK(options.video_config.frames_per_second == 24);
  CHECK(options.video_config.bitrate == 1'500'000);
  CHECK(options.duration == std::chrono::milliseconds(2500));
  CHECK(options.record == "a.webm");
  CHECK(options.still == "a.png");
  CHECK(options.play);
  CHECK(options.json == "a.json");
  CHECK(options.quiet);
}

TEST_CASE("sources are synthetic, none, a device or a file", "[runtime][call]") {
  const auto kind = [](const char* video) { return good({"join", "l", "--video", video}).video.kind; };
  CHECK(kind("none") == SourceChoice::Kind::none);
  CHECK(kind("camera") == SourceChoice::Kind::device);
  CHECK(kind("film.mp4") == SourceChoice::Kind::file);
  CHECK(kind("./synthetic") == SourceChoice::Kind::file);
  CHECK(good({"join", "l", "--bitrate", "800k"}).video_config.bitrate == 800'000);
}

TEST_CASE("a wrong command line is one sentence and exit code 2", "[runtime][call]") {
  complaint({});
  complaint({"phone"});
  complaint({"join"});
  complaint({"join", "l", "--size", "640"});
  complaint({"join", "l", "--size", "640x99999"});
  complaint({"join", "l", "--size", "640x360x"});
  complaint({"join", "l", "--fps", "0"});
  complaint({"join", "l", "--codec", "h264"});
  complaint({"join", "l", "--bitrate", "fast"});
  complaint({"join", "l", "--bitrate", "-1k"});
  complaint({"join", "l", "--duration", "-3"});
  complaint({"join", "l", "--duration", "nan"});
  complaint({"join", "l", "--admit", "all"});
  complaint({"join", "l", "more"});
  complaint({"join", "l", "--invite", "Ada"});
  complaint({"join", "l", "--passphrase-file", "p"});
  complaint({"join", "l", "--identity", "i", "--passphrase-file", "p", "--passphrase-fd", "3"});
  complaint({"join", "l", "--identity", "i", "--passphrase", "secret"});
  CHECK(complaint({"join", "-", "--identity", "i", "--passphrase-fd", "0"}).find("standard input") != std::string::npos);
  CHECK(good({"join", "l", "--identity", "i", "--passphrase-fd", "0"}).passphrase_descriptor == 0);
  complaint({"join", "l", "--identity", "i", "--contacts", "i"});
  complaint({"host", "--admit", "all", "--invite", ""});
  complaint({"host", "--port", "70000", "--admit", "all"});
  complaint({"host", "--admit", "some"});
  complaint({"host", "--admit", "all", "--listen", "localhost"});
  complaint({"host", "--admit", "all", "--listen", ""});
  CHECK(complaint({"host", "--admit", "all", "--json", "-"}).find("--json") != std::string::npos);
}

TEST_CASE("what a host advertises must fit into a link", "[runtime][call]") {
  for (const char* wrong : {"a b", "[::1]", "example.org:4433", "::1:zz", "m\xc3\xbcnchen.de", "a/b", "a#b"}) {
    INFO(wrong);
    CHECK(complaint({"host", "--admit", "all", "--advertise", wrong}).find("--advertise") != std::string::npos);
  }
  for (const char* right : {"example.org", "192.0.2.1", "2001:DB8::1", "xn--mnchen-3ya.de"}) {
    good({"host", "--admit", "all", "--advertise", right});
  }
}

TEST_CASE("no file is written over by another", "[runtime][call]") {
  complaint({"join", "l", "--record", "a.webm", "--still", "a.webm"});
  complaint({"join", "l", "--record", "a.webm", "--json", "./a.webm"});
  complaint({"join", "l", "--video", "a.webm", "--record", "x/../a.webm"});
  complaint({"join", "l", "--audio", "a.webm", "--record", "a.webm"});
  complaint({"host", "--admit", "all", "--relay-key", "a", "--json", "a"});
  good({"join", "l", "--video", "a.webm", "--audio", "a.webm", "--record", "b.webm"});
  good({"join", "l", "--record", "/dev/null", "--json", "/dev/null"});
  good({"join", "-", "--json", "-", "--record", "-"});
}

TEST_CASE("a pasted link loses what surrounds it, and - stands for the first line of the input", "[runtime][call]") {
  std::istringstream input(" <conclave://x:1/r#s>\r\nmore");
  CHECK(link_text("conclave://x:1/r#s", input) == "conclave://x:1/r#s");
  CHECK(link_text("\t<conclave://x:1/r#s> \n", input) == "conclave://x:1/r#s");
  CHECK(link_text("-", input) == "conclave://x:1/r#s");
  std::istringstream nothing;
  CHECK(link_text("-", nothing).empty());
  CHECK(link_text(" <> ", nothing).empty());
}

TEST_CASE("the version is told, and ends well", "[runtime][call]") {
  std::string said;
  const auto parsed = parse({"--version"}, &said);
  REQUIRE(std::holds_alternative<ExitCode>(parsed));
  CHECK(std::get<ExitCode>(parsed) == ExitCode::ok);
  CHECK(said.starts_with("conclave-call 0."));
}

TEST_CASE("help names every exit code and ends well", "[runtime][call]") {
  for (const char* command : {"host", "join"}) {
    std::string said;
    const auto parsed = parse({command, "--help"}, &said);
    REQUIRE(std::holds_alternative<ExitCode>(parsed));
    CHECK(std::get<ExitCode>(parsed) == ExitCode::ok);
    CHECK(said.find("--record") != std::string::npos);
    CHECK(said.find("9  the call broke off") != std::string::npos);
  }
}

}  // namespace conclave::call
