// The impairer: carries IP packets between a TUN device in each of two network namespaces, over a bad network.
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <system_error>
#include <tuple>

#include "impairment.h"

namespace conclave::impairer {
namespace {

volatile std::sig_atomic_t stopped = 0;

struct Change {
  Nanoseconds at;
  std::string spec;
};

struct Options {
  std::vector<std::string> namespaces;
  std::string device = "tun0";
  std::string both, there, back;
  std::vector<std::string> changes;
  std::uint64_t seed = 1;
  double seconds = 600;
};

Nanoseconds now() { return std::chrono::steady_clock::now().time_since_epoch(); }

[[noreturn]] void give_up(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

/// A TUN device in a named network namespace. The descriptor works from outside of it.
int open_tun(const std::string& name, const std::string& device) {
  const int space = open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC);
  if (space < 0 || setns(space, CLONE_NEWNET) != 0) give_up("namespace " + name);
  close(space);
  const int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tun < 0) give_up("/dev/net/tun");
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  device.copy(request.ifr_name, IFNAMSIZ - 1);
  if (ioctl(tun, TUNSETIFF, &request) != 0) give_up("device " + device);
  return tun;
}

/// One direction: what comes out of `from` goes into `to`.
struct Path {
  const char* name;
  int from, to;
  Impairment network;

  void carry() {
    std::array<std::uint8_t, 65536> buffer;
    for (;;) {
      const ssize_t size = read(from, buffer.data(), buffer.size());
      if (size <= 0) break;
      network.push(Packet(buffer.begin(), buffer.begin() + size), now());
    }
    // A device that is down refuses the packet: as lost as on a cut wire.
    while (const auto packet = network.pop(now())) (void)!write(to, packet->data(), packet->size());
  }
};

std::vector<Change> parse_changes(const std::vector<std::string>& texts, Nanoseconds start) {
  std::vector<Change> changes;
  for (const std::string& text : texts) {
    const std::size_t colon = text.find(':');
    Spec scratch;
    const auto error = colon == std::string::npos ? std::string("expected SECONDS:SPEC") : change_spec(text.substr(colon + 1), scratch);
    if (error) throw CLI::ValidationError("--at", *error);
    changes.push_back({start + Nanoseconds(std::llround(std::stod(text) * 1e9)), text.substr(colon + 1)});
  }
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.at < b.at; });
  return changes;
}

void run(std::array<Path, 2>& paths, std::vector<Change> changes, Nanoseconds end, const sigset_t& while_waiting) {
  auto change = changes.begin();
  while (stopped == 0 && now() < end) {
    for (; change != changes.end() && change->at <= now(); ++change) {
      for (Path& path : paths) path.network.change(change->spec);
    }
    Nanoseconds wake = change != changes.end() ? std::min(end, change->at) : end;
    for (const Path& path : paths) wake = std::min(wake, path.network.next_deadline().value_or(end));
    const auto wait = std::max(wake - now(), Nanoseconds(0)).count();
    const timespec timeout{wait / 1'000'000'000, wait % 1'000'000'000};
    std::array<pollfd, 2> descriptors{{{paths[0].from, POLLIN, 0}, {paths[1].from, POLLIN, 0}}};
    ppoll(descriptors.data(), descriptors.size(), &timeout, &while_waiting);
    for (Path& path : paths) path.carry();
  }
}

void print(const std::array<Path, 2>& paths) {
  const char* separator = "{";
  for (const Path& path : paths) {
    const Counters& c = path.network.counters();
    std::printf("%s\"%s\":{\"received\":%ju,\"forwarded\":%ju,\"bytes\":%ju,\"lost\":%ju,\"queue_dropped\":%ju,\"reordered\":%ju,\"duplicated\":%ju}",
                separator, path.name, c.received, c.forwarded, c.bytes, c.lost, c.queue_dropped, c.reordered, c.duplicated);
    separator = ",";
  }
  std::puts("}");
}

/// SIGINT and SIGTERM arrive only while we wait. Returns the mask for waiting.
sigset_t catch_signals() {
  struct sigaction action{};
  action.sa_handler = [](int) { stopped = 1; };
  sigset_t blocked, before;
  sigemptyset(&blocked);
  for (const int signal : {SIGINT, SIGTERM}) {
    sigaction(signal, &action, nullptr);
    sigaddset(&blocked, signal);
  }
  sigprocmask(SIG_BLOCK, &blocked, &before);
  return before;
}

void impair(const Options& options) {
  std::array<Spec, 2> specs;
  for (const auto& [text, first, last] : {std::tuple{options.both, 0U, 2U}, {options.there, 0U, 1U}, {options.back, 1U, 2U}}) {
    for (std::size_t i = first; i < last; ++i) {
      if (const auto error = change_spec(text, specs[i])) throw CLI::ValidationError("SPEC", *error);
    }
  }
  const Nanoseconds start = now();
  const auto changes = parse_changes(options.changes, start);
  const sigset_t while_waiting = catch_signals();
  prctl(PR_SET_TIMERSLACK, 1UL);
  const int a = open_tun(options.namespaces[0], options.device);
  const int b = open_tun(options.namespaces[1], options.device);
  std::array<Path, 2> paths{{{"there", a, b, {specs[0], options.seed}}, {"back", b, a, {specs[1], options.seed + 1}}}};
  run(paths, changes, start + Nanoseconds(std::llround(options.seconds * 1e9)), while_waiting);
  print(paths);
}

}  // namespace
}  // namespace conclave::impairer

int main(int argc, char** argv) {
  conclave::impairer::Options options;
  CLI::App app{"Carries IP packets between two network namespaces over a bad network; counters as JSON at the end.\n"
               "SPEC: delay=MS,jitter=MS,loss=%,burst=PACKETS,rate=KBIT/S,queue=MS,reorder=%,late=MS,duplicate=%"};
  app.add_option("namespaces", options.namespaces, "names of two namespaces (ip netns)")->expected(2)->required();
  app.add_option("--device", options.device, "name of the TUN device made in each");
  app.add_option("--both", options.both, "SPEC of both directions");
  app.add_option("--there", options.there, "SPEC from the first to the second, on top of --both");
  app.add_option("--back", options.back, "SPEC from the second to the first, on top of --both");
  app.add_option("--at", options.changes, "SECONDS:SPEC, a change of both directions; may be given again");
  app.add_option("--seed", options.seed, "the same seed, the same fate of the n-th packet");
  app.add_option("--seconds", options.seconds, "ends by itself after so long");
  try {
    app.parse(argc, argv);
    conclave::impairer::impair(options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "impairer: %s\n", error.what());
    return 1;
  }
  return 0;
}
