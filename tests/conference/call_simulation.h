// A whole call in virtual time: two members or more, a relay, a bad network, one seed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "conclave/conference.h"
#include "media/synthetic_sound.h"
#include "relay/memory_commit_log.h"
#include "relay/memory_store.h"
#include "relay/relay.h"
#include "transport/memory/memory_network.h"

namespace conclave::test {

/// One member with its transport, its synthetic camera and microphone, and what it saw.
struct Party {
  std::string name;
  std::unique_ptr<transport::memory::MemoryClient> transport;
  std::unique_ptr<Conference> conference;
  media::SyntheticSound sound;
  Time next_picture{};
  Time next_sound{};
  std::uint32_t pictures_sent = 0;

  std::vector<std::uint32_t> pictures_seen;  ///< numbers burnt into them
  std::vector<Duration> picture_delays;      ///< capture to decoding
  std::uint64_t small_pictures = 0;          ///< of the size in which nothing burnt in can be read
  std::uint64_t unreadable_pictures = 0;     ///< decoded, but what was burnt in is gone or was never sent
  std::uint64_t sounds_heard = 0;
  std::uint64_t sounds_concealed = 0;
  double loudness = 0;  ///< sum of squares of what was heard
  std::vector<std::pair<std::uint64_t, Bytes>> epochs;
  std::vector<std::string> joined;
  std::vector<std::string> left;
  std::string safety_digits;
  std::optional<ConferenceEnded> ended;
  bool in_room = false;
  bool silent = false;  ///< its microphone hears nothing
  bool muted = false;   ///< its microphone is off: it sends no sound
  bool out_of_memory = false;  ///< for safety codes
  bool unreachable = false;  ///< what it dials now leads nowhere
  int dials = 0;
  int times_lost = 0;
  std::vector<Duration> gaps;  ///< until it had its seat again
  std::vector<std::string> chat;
  int knocks_seen = 0;
  std::optional<bool> admits;  ///< how it answers knocks; unset: as the simulation does
  std::vector<KnockReceived> knocks;
  std::vector<ContactSeen> contacts;
  std::vector<InvitationMade> invitations;
  std::vector<LeaderLost> leaders_lost;
  std::vector<HeirSpoke> voices;
  std::vector<CommandRefused> refusals;
  std::vector<std::pair<Time, SpeakerDoubted>> doubted;
  std::vector<SeatKept> seats_kept;
};

struct SimulationConfig {
  std::uint64_t seed = 1;
  transport::memory::Impairments path;
  int width = 320;
  int height = 180;
  int frames_per_second = 15;
  int bitrate = 300'000;
  int noise = 0;  ///< of the cameras, at most so much of 255: pictures that need their whole bit rate
  bool admit = true;
  bool guests_send = true;  ///< sound and picture
  relay::Limits limits;
  Duration reconnect_window = std::chrono::seconds(60);
  std::function<void(const std::string& name, ConferenceConfig&)> prepare{};  ///< what a member brings
};

class CallSimulation {
 public:
  explicit CallSimulation(SimulationConfig config);

  Party& host() { return *parties_.front(); }
  Party& guest() { return *parties_.back(); }
  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] transport::memory::MemoryNetwork& network() { return network_; }
  [[nodiscard]] relay::Relay& relay() { return *relay_; }
  /// The relay dies, and another one goes on with what was written down.
  void restart_relay();
  /// The connection of one member breaks; nobody says so but the silence.
  void break_connection(Party& party) { party.transport->reset(now_); }

  /// A hostile relay: sees every event before a member does, may change it, and drops it by returning false.
  std::function<bool(Party&, TransportEvent&)> tamper;

  /// Sees every message, packet and feedback that a member gives the relay.
  std::function<void(ByteView)> watch;

  /// What of its messages a member, or who is in front of it, never sends: those for which it gives false.
  std::function<bool(Party&, ByteView)> keeps_back;

  /// A member who knocks with the host's link, as `tamper` changed it.
  Party& add_guest(const std::string& name);
  Party& add_guest(const std::string& name, const Link& link);

  void run_for(Duration duration);
  /// Runs until `done` or the time is over; true when done.
  template <class Done>
  bool run_until(Done done, Duration limit) {
    const Time end = now_ + limit;
    while (!done() && now_ < end) step(end);
    return done();
  }
  /// Gives an input to one member's conference.
  void tell(Party& party, ConferenceInput input);

  /// Everything that happened to every member, as one value: equal for equal runs.
  [[nodiscard]] std::string fingerprint() const;

 private:
  Party& add(const std::string& name, Result<Conference> conference);
  ConferenceConfig member_config(const std::string& name);
  void step(Time end);
  [[nodiscard]] Time next_time() const;
  void capture(Party& party);
  void take(Party& party, ConferenceOutputs outputs);
  void take(Party& party, const ShowVideo& picture);
  void take(Party& party, const PlayAudio& sound);

  SimulationConfig config_;
  Time now_{std::chrono::seconds(1000)};
  transport::memory::MemoryNetwork network_;
  relay::MemoryCommitLog log_{1024, std::size_t{16} << 20};
  crypto::SeededRandom relay_random_;
  relay::testing::MemoryStore store_;
  std::unique_ptr<relay::Relay> relay_;
  std::vector<std::unique_ptr<Party>> parties_;
};

}  // namespace conclave::test
