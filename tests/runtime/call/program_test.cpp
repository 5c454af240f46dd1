#include "program.h"

#include <nlohmann/json.hpp>

namespace conclave::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::vector<std::string> small{"--size", "320x180", "--fps", "15", "--bitrate", "200k"};

std::vector<std::string> with_small(std::vector<std::string> more) {
  more.insert(more.end(), small.begin(), small.end());
  return more;
}

nlohmann::json report_of(const std::filesystem::path& file) { return nlohmann::json::parse(read_text(file)); }

void check_report(const nlohmann::json& report, const std::string& peer) {
  INFO(report.dump(2));
  CHECK(report["peers"] == std::vector<std::string>{peer});
  CHECK(report["exit_code"] == 0);
  CHECK(report["video"]["frames_sent"] > 5);
  CHECK(report["video"]["frames_received"] > 5);
  CHECK(report["video"]["decode_failures"] == 0);
  CHECK(report["audio"]["frames_received"] > 50);
  CHECK(report["delay"]["basis"] == "picture");
  CHECK(report["dropped"]["forged"] == 0);
}

TEST_CASE("two processes hold a call, agree on the safety code, and record each other", "[runtime][call]") {
  const TemporaryFolder folder;
  const auto file = [&](const std::string& name) { return (folder / name).string(); };
  Program host(folder, "host",
               host_arguments(with_small(
                   {"--admit", "all", "--duration", "3", "--record", file("host.webm"), "--json", file("host.json")})));
  Program guest(
      folder, "guest",
      join_arguments(host.link(), with_small({"--duration", "3", "--codec", "vp9", "--record", file("join.webm"),
                                              "--still", file("join.png"), "--json", file("join.json")})));
  CHECK(guest.wait(seconds(12)) == 0);
  CHECK(host.wait(seconds(8)) == 0);
  INFO("host: " << host.err() << "\nguest: " << guest.err());
  const auto host_report = report_of(folder / "host.json");
  const auto guest_report = report_of(folder / "join.json");
  check_report(host_report, "Ben");
  check_report(guest_report, "Ada");
  CHECK(host_report["safety_digits"] == guest_report["safety_digits"]);
  CHECK(host_report["safety_words"] == guest_report["safety_words"]);
  CHECK(host_report["epoch"] == guest_report["epoch"]);
  CHECK(host.out() == host.link() + "\n");
  CHECK(host.err().find("Call with      \"Ben\", as \"Ada\" (host)") != std::string::npos);
  const auto codecs = [&](const std::string& name) {
    return shell("ffprobe -v error -show_entries stream=codec_name -of csv=p=0 " + file(name)).output;
  };
  CHECK(codecs("host.webm").find("vp9") != std::string::npos);
  CHECK(codecs("host.webm").find("opus") != std::string::npos);
  CHECK(codecs("join.webm").find("vp8") != std::string::npos);
  CHECK(codecs("join.png") == "png\n");
}

TEST_CASE("ctrl-C leaves the call properly and finalises the file; the other side sees it go", "[runtime][call]") {
  const TemporaryFolder folder;
  Program host(folder, "host", host_arguments(with_small({"--admit", "all"})));
  Program guest(folder, "guest",
                join_arguments(host.link(), with_small({"--record", (folder / "join.webm").string()})));
  REQUIRE(host.says("\"Ben\" is in the room", seconds(10)));
  std::this_thread::sleep_for(seconds(2));
  guest.signal(SIGINT);
  CHECK(guest.wait(seconds(10)) == 0);
  CHECK(host.says("\"Ben\" has left", seconds(10)));
  const auto length =
      shell("ffprobe -v error -show_entries format=duration -of csv=p=0 " + (folder / "join.webm").string());
  INFO(length.output << guest.err());
  CHECK(std::atof(length.output.c_str()) > 0.5);
  host.signal(SIGTERM);
  CHECK(host.wait(seconds(10)) == 0);
}

TEST_CASE("a host that leaves ends the call for its guest, without an error", "[runtime][call]") {
  const TemporaryFolder folder;
  Program host(folder, "host", host_arguments({"--admit", "all", "--video", "none"}));
  Program guest(folder, "guest", join_arguments(host.link(), {"--video", "none"}));
  REQUIRE(host.says("\"Ben\" is in the room", seconds(10)));
  host.signal(SIGINT);
  CHECK(host.wait(seconds(10)) == 0);
  CHECK(guest.wait(seconds(10)) == 0);
}

TEST_CASE("one ctrl-C that arrives twice leaves the call properly", "[runtime][call]") {
  const TemporaryFolder folder;
  Program host(folder, "host", host_arguments({"--admit", "all", "--video", "none"}));
  REQUIRE_FALSE(host.link().empty());
  host.signal(SIGINT);
  host.signal(SIGTERM);
  CHECK(host.wait(seconds(10)) == 0);
}

TEST_CASE("a recording that nothing came for leaves its file alone, and says so", "[runtime][call]") {
  const TemporaryFolder folder;
  std::ofstream(folder / "old.webm") << "precious";
  Program host(folder, "host",
               host_arguments({"--admit", "all", "--video", "none", "--record", (folder / "old.webm").string(), "--still",
                               (folder / "none.png").string()}));
  REQUIRE(host.says("The room is open", seconds(10)));
  INFO(host.err());
  CHECK(host.err().starts_with("The room is open"));
  host.signal(SIGINT);
  CHECK(host.wait(seconds(10)) == 0);
  CHECK(read_text(folder / "old.webm") == "precious");
  CHECK_FALSE(std::filesystem::exists(folder / "none.png"));
  CHECK(host.err().find("nothing was received: " + (folder / "old.webm").string() + " was not written") != std::string::npos);
}

TEST_CASE("a recording that finds no more room is told at once, and the call goes on", "[runtime][call]") {
  const TemporaryFolder folder;
  Program host(folder, "host", host_arguments(with_small({"--admit", "all"})));
  auto arguments = join_arguments(host.link(), with_small({"--duration", "8", "--record", (folder / "full.webm").string()}));
  const std::string limited = std::string("trap '' XFSZ; ulimit -f 100; exec ") + CONCLAVE_CALL_PROGRAM + " \"$@\"";
  arguments.insert(arguments.begin(), {"-c", limited, "sh"});
  Program guest(folder, "guest", arguments, "/bin/sh");
  CHECK(guest.says("Recording stopped, the call goes on: ", seconds(10)));
  CHECK(guest.wait(milliseconds(500)) == -1);
  CHECK(guest.wait(seconds(15)) == 7);
  CHECK(guest.err().find("conclave-call: ") != std::string::npos);
  CHECK(std::filesystem::file_size(folder / "full.webm") > 10'000);
}

TEST_CASE("nothing else gets the number of a closed stream, and with it what is printed", "[runtime][call][attack]") {
  const TemporaryFolder folder;
  const auto outcome = shell(std::string("cd ") + (folder / "").string() + "; " + CONCLAVE_CALL_PROGRAM +
                             " host --listen 127.0.0.1 --port 0 --admit all --video none --record r.webm <&- >link 2>&- & pid=$!;"
                             " for i in $(seq 200); do [ -s link ] && break; sleep 0.05; done;"
                             " readlink /proc/$pid/fd/0 /proc/$pid/fd/2; kill -TERM $pid; wait $pid; echo $?");
  CHECK(outcome.output == "/dev/null\n/dev/null\n0\n");
}

TEST_CASE("a host whose link cannot be printed says so and ends", "[runtime][call]") {
  for (const char* broken : {">/dev/full", ">&-"}) {
    const auto outcome = shell(std::string("exec 3>&1; timeout 20 ") + CONCLAVE_CALL_PROGRAM +
                               " host --listen 127.0.0.1 --port 0 --admit all --video none --quiet 2>&3 </dev/null " + broken + "; echo $?");
    CHECK(outcome.output == "conclave-call: the link cannot be written to standard output\n7\n");
  }
}

TEST_CASE("who ignores hangups, as under nohup, goes on after one", "[runtime][call]") {
  const TemporaryFolder folder;
  const auto outcome = shell(std::string("cd ") + (folder / "").string() + "; trap '' HUP; " + CONCLAVE_CALL_PROGRAM +
                             " host --listen 127.0.0.1 --port 0 --admit all --video none --quiet </dev/null >link & pid=$!;"
                             " for i in $(seq 200); do [ -s link ] && break; sleep 0.05; done;"
                             " kill -HUP $pid; sleep 1; readlink /proc/$pid/exe >exe && echo alive; kill -TERM $pid; wait $pid; echo $?");
  CHECK(outcome.output == "alive\n0\n");
}

TEST_CASE("a knock does not stop a host in the background of a terminal", "[runtime][call][attack]") {
  const TemporaryFolder folder;
  const std::string program = CONCLAVE_CALL_PROGRAM;
  std::ofstream(folder / "session.sh") << "cd " << (folder / "").string() << "\nset -m\n"
                                       << program << " host --listen 127.0.0.1 --port 0 --video none >link 2>err & host=$!\n"
                                       << "for i in $(seq 200); do [ -s link ] && break; sleep 0.05; done\n"
                                       << "timeout 20 " << program << " join - --video none --name Ben <link 2>guest &\n"
                                       << "for i in $(seq 200); do grep -q 'knocks. Let them in' err && break; sleep 0.05; done\n"
                                       << "sleep 1\ncut -d ' ' -f 3 /proc/$host/stat >state\nkill -KILL $host\n";
  shell("timeout 60 script -qec 'bash " + (folder / "session.sh").string() + "' /dev/null </dev/null");
  CHECK(read_text(folder / "err").find("knocks. Let them in? [y/N]") != std::string::npos);
  const auto state = read_text(folder / "state");
  REQUIRE_FALSE(state.empty());
  CHECK(state.front() != 'T');  // stopped
}

TEST_CASE("a killed peer is noticed, by host and by guest", "[runtime][call]") {
  const TemporaryFolder folder;
  const auto silent = std::vector<std::string>{"--video", "none", "--reconnect", "2"};
  Program host(folder, "host", host_arguments({"--admit", "all", "--video", "none", "--reconnect", "2"}));
  Program lost_guest(folder, "lost-guest", join_arguments(host.link(), silent));
  Program lost_host(folder, "lost-host", host_arguments({"--admit", "all", "--video", "none", "--reconnect", "2"}));
  Program guest(folder, "guest", join_arguments(lost_host.link(), silent));
  REQUIRE(host.says("\"Ben\" is in the room", seconds(10)));
  REQUIRE(lost_host.says("\"Ben\" is in the room", seconds(10)));
  lost_guest.signal(SIGKILL);
  lost_host.signal(SIGKILL);
  CHECK(guest.wait(seconds(16)) == 9);
  CHECK(guest.err().find("conclave-call: the call broke off") != std::string::npos);
  CHECK(host.says("\"Ben\" was removed", seconds(20)));  // after the time in which it could have come back
}

}  // namespace conclave::test
