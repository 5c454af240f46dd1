// raiders LINK --count N --seconds S: a crowd with a leaked link at a real relay. They knock under borrowed names, again and again with new
// identities, and throw noise at its port. Bounded in number, pace and time; for one's own relay alone.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>

#include "conclave/client.h"

namespace {

using namespace conclave;

constexpr int most_raiders = 400;
constexpr int most_seconds = 300;
constexpr int noise_per_second = 1'000;
constexpr Duration between_knocks = std::chrono::milliseconds(300);  // of one raider

struct Tally {
  std::uint64_t knocks = 0;    ///< attempts to get in
  std::uint64_t refused = 0;   ///< that ended without a key
  std::uint64_t admitted = 0;  ///< raiders who hold a key
  std::uint64_t noise = 0;     ///< datagrams
};

/// One seat of a raider, taken by one invented person after the other.
struct Slot {
  std::optional<Client> client;
  Time again{};
};

ClientConfig disguised(std::mt19937& random) {
  static constexpr const char* names[] = {"Chair", "Ch\xD0\xB0ir", "Member 1", "Member  2", "Host", "Moderator", "Security team"};
  ClientConfig config;
  config.conference.display_name = names[random() % std::size(names)];
  config.conference.reconnect_window = Duration::zero();
  return config;
}

void act(Slot& slot, const Link& link, std::mt19937& random, Tally& tally) {
  if (!slot.client) {
    if (monotonic_now() < slot.again) return;
    auto client = Client::join(disguised(random), link);
    slot.again = monotonic_now() + between_knocks;
    if (!client.ok()) return;
    ++tally.knocks;
    slot.client.emplace(std::move(*client));
    return;
  }
  while (const auto event = slot.client->wait(Duration::zero())) {
    if (std::holds_alternative<Joined>(*event)) ++tally.admitted;
    if (!std::holds_alternative<ConferenceEnded>(*event)) continue;
    ++tally.refused;
    slot.client.reset();
    return;
  }
}

/// Datagrams that look like the first of a connection, like packets of one, and like nothing.
void make_noise(const Link& link, const std::atomic<bool>& over, std::uint64_t& sent) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(link.port);
  if (socket < 0 || ::inet_pton(AF_INET, link.host.c_str(), &to.sin_addr) != 1) return;
  std::mt19937 random(7);
  while (!over) {
    std::array<unsigned char, 1'200> datagram{};
    for (auto& byte : datagram) byte = static_cast<unsigned char>(random());
    constexpr unsigned char first[] = {0xC0, 0x40, 0x80, 0x90};
    datagram[0] = first[random() % 4];
    const std::size_t size = random() % 2 == 0 ? datagram.size() : 20 + random() % 200;
    if (::sendto(socket, datagram.data(), size, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) > 0) ++sent;
    std::this_thread::sleep_for(std::chrono::microseconds(1'000'000 / noise_per_second));
  }
  ::close(socket);
}

Tally raid(const Link& link, int count, int seconds) {
  Tally tally;
  std::mt19937 random(1);
  std::atomic<bool> over = false;
  std::uint64_t noise = 0;
  std::thread thrower([&] { make_noise(link, over, noise); });
  std::vector<Slot> slots(static_cast<std::size_t>(count));
  for (const Time end = monotonic_now() + std::chrono::seconds(seconds); monotonic_now() < end;) {
    for (Slot& slot : slots) act(slot, link, random, tally);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  over = true;
  thrower.join();
  tally.noise = noise;
  return tally;
}

}  // namespace

int main(int argc, char** argv) {
  std::string text;
  int count = 0;
  int seconds = 0;
  CLI::App app("A crowd with a leaked link at a relay of one's own. Ends with 1 when one of them got a key.");
  app.add_option("LINK", text, "the meeting's public link")->required();
  app.add_option("--count", count, "how many raiders")->required()->check(CLI::Range(1, most_raiders));
  app.add_option("--seconds", seconds, "how long")->required()->check(CLI::Range(1, most_seconds));
  CLI11_PARSE(app, argc, argv);
  const auto link = Link::parse(text);
  if (!link.ok()) {
    std::cerr << "raiders: " << link.error().detail << std::endl;
    return 2;
  }
  const Tally tally = raid(*link, count, seconds);
  const nlohmann::ordered_json report{{"knocks", tally.knocks}, {"refused", tally.refused}, {"raiders_with_keys", tally.admitted}, {"noise_datagrams", tally.noise}};
  std::cout << report.dump() << std::endl;
  return tally.admitted == 0 ? 0 : 1;
}
