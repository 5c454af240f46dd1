// What a member costs a relay in memory: of the relay's process, which has nothing else to do.
#include <sys/resource.h>

#include <iostream>
#include <sstream>

#include "../call/program.h"
#include "../relay_room.h"
#include "conclave/relay_place.h"

#ifndef CONCLAVE_SANITIZED  // sanitizers count otherwise
namespace conclave::test {
namespace {

constexpr std::size_t room_size = 40;  // hosts may commit 50 times at once
constexpr std::size_t welcome_size = 20'000;
constexpr std::size_t log_size = 65'536;  // of each room: the shortest that there is

/// The pages that the process has in memory for itself, in bytes: all but those of programs and libraries.
std::int64_t resident(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/smaps_rollup");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::int64_t kilobytes = 0;
    if (words >> name >> kilobytes && name == "Anonymous:") return kilobytes * 1024;
  }
  FAIL("the process says nothing of its memory");
  return 0;
}

/// A relay in a process of its own, and rooms full of members, each of which keeps its seat and takes its host's stream.
class Halls {
 public:
  explicit Halls(const TemporaryFolder& folder) {
    std::ofstream(folder / "relay.toml") << "[limits]\nconnections_per_address = 4096\nhalf_open = 1024\nlog_bytes_per_room = " << log_size << "\n";
    relay_ = std::make_unique<Program>(folder, "relay", std::vector<std::string>{"--config", folder / "relay.toml", "--listen", "127.0.0.1", "--port", "0"}, CONCLAVE_RELAY_PROGRAM);
    place_ = RelayPlace::parse(relay_->link()).value();
  }

  void fill(std::size_t members) {
    const RelayRoom::Drive drive = [this](RelayMember& member, const std::function<bool()>& done) { return turn_until(member, done); };
    while (members_.size() < members) {
      host_ = nullptr;
      host_ = &newcomer();
      RelayRoom room(*host_, static_cast<std::uint16_t>(members_.size()), drive);
      while (members_.size() % room_size != 0) {
        room.let_in(newcomer(), welcome_size);
        if (members_.size() % room_size < 5) host_->send_media(7, sequence_++);  // rings are streams', not members'
      }
    }
  }
  /// Everybody says and hears what there is to say, for a while.
  void idle(Duration span) {
    for (const Time end = steady_now() + span; steady_now() < end; std::this_thread::sleep_for(20ms)) {
      for (const auto& member : members_) member->turn(0);
    }
  }
  [[nodiscard]] std::size_t connected() const {
    return static_cast<std::size_t>(std::ranges::count_if(members_, [](const auto& member) { return !member->closed(); }));
  }
  [[nodiscard]] std::int64_t resident_bytes() const { return resident(relay_->id()); }

 private:
  RelayMember& newcomer() { return *members_.emplace_back(std::make_unique<RelayMember>(place_.key_hash, place_.port, v4)); }
  /// Turns `member` and its host until `done`, and now and then everybody else, who must not fall silent.
  bool turn_until(RelayMember& member, const std::function<bool()>& done) {
    for (const Time end = steady_now() + 20s; steady_now() < end;) {
      if (steady_now() >= all_due_) {
        for (const auto& other : members_) other->turn(0);
        all_due_ = steady_now() + 500ms;
      }
      member.turn(1);
      if (host_ != nullptr) host_->turn(0);
      if (done()) return true;
    }
    return false;
  }

  std::unique_ptr<Program> relay_;
  RelayPlace place_;
  std::vector<std::unique_ptr<RelayMember>> members_;
  RelayMember* host_ = nullptr;
  std::uint32_t sequence_ = 0;
  Time all_due_{};
};

}  // namespace

TEST_CASE("a member costs a relay at most 64 KiB of memory, all that it has to do with it included", "[runtime][relay_program]") {
  const bool whole = std::getenv("CONCLAVE_LONG") != nullptr;
  const std::size_t few = 2 * room_size;
  const std::size_t many = whole ? 27 * room_size : 7 * room_size;
  rlimit descriptors{};
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &descriptors);
  const TemporaryFolder folder;
  Halls halls(folder);
  halls.fill(few);
  halls.idle(2s);
  const auto before = halls.resident_bytes();
  halls.fill(many);
  halls.idle(2s);
  REQUIRE(halls.connected() == many);
  const auto grown = (halls.resident_bytes() - before) / static_cast<std::int64_t>(many - few);
  const auto each = grown - static_cast<std::int64_t>(log_size / room_size);  // logs, like rings, are not of members
  if (whole) std::cout << "resident per member: " << each << " bytes beside " << log_size / room_size << " of logs, of " << many - few << std::endl;
  CHECK(each > 0);
  CHECK(each <= 65'536);
}

}  // namespace conclave::test
#endif
