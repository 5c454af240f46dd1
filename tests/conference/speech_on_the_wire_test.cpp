// What somebody learns of speech who sees every packet, but not into it: times, sizes, directions (RFC 6562).
#include <catch2/catch.hpp>
#include <algorithm>
#include <tuple>

#include "call_simulation.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

/// A packet on the wire: when, on whose connection, which way and of which kind, and how long.
using Sighting = std::tuple<std::int64_t, std::string, std::string, std::size_t>;

struct Meeting {
  RoomMode mode = RoomMode::open;
  FrameSigning signing = FrameSigning::none;
  int guests = 1;
  bool pictures = true;
  double loss = 0;
  std::uint64_t bandwidth = 0;  ///< down to the last guest, once they have met
};

struct Observed {
  std::vector<Sighting> seen;
  std::uint64_t heard = 0;        ///< frames of sound by the last guest, when it was decided whether somebody speaks
  double loudness = 0;            ///< of what it heard since
  relay::Counters relay;
  std::vector<std::size_t> sound_sizes;  ///< of the payloads of the host's sound, as they come to the first guest
  std::vector<std::pair<std::int64_t, std::size_t>> said;  ///< messages of the last guest to the relay: when, and how long
};

class Observer {
 public:
  Observer(CallSimulation& call, Observed& out) : call_(call), out_(out) {
    call.keeps_back = [this](Party& party, ByteView message) {
      if (&party == &call_.guest()) out_.said.emplace_back(call_.now().time_since_epoch().count(), message.size());
      return true;
    };
    call.watch = [this](ByteView bytes) { see("", "up", bytes.size()); };
    call.tamper = [this](Party& party, TransportEvent& event) {
      if (const auto* packet = std::get_if<MediaPacket>(&event)) see(party.name, "media", packet->payload.size());
      if (const auto* feedback = std::get_if<TransportFeedback>(&event)) see(party.name, "feedback", feedback->feedback.size());
      if (const auto* message = std::get_if<TransportMessage>(&event)) see(party.name, "message", message->message.size());
      const auto* packet = std::get_if<MediaPacket>(&event);
      if (packet != nullptr && packet->header.frame.priority == 7 && !packet->header.retransmission && party.name == "guest 0") {
        out_.sound_sizes.push_back(packet->payload.size());
      }
      return true;
    };
  }

 private:
  void see(const std::string& whose, const std::string& what, std::size_t size) {
    out_.seen.emplace_back(call_.now().time_since_epoch().count(), whose, what, size);
  }
  CallSimulation& call_;
  Observed& out_;
};

/// The same meeting twice differs in what the microphone of the host hears, and in nothing else.
Observed observe(const Meeting& meeting, bool speech) {
  SimulationConfig config;
  config.path.delay = 40ms;
  config.path.loss = meeting.loss;
  config.path.jitter = 3ms;
  config.prepare = [&](const std::string&, ConferenceConfig& member) {
    member.mode = meeting.mode;
    member.send_video = member.send_video && meeting.pictures;
  };
  CallSimulation call(config);
  REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
  call.host().silent = true;
  if (meeting.signing != FrameSigning::none) call.tell(call.host(), RoomCommand(ChangeSigning{meeting.signing}));
  for (int i = 0; i < meeting.guests; ++i) {
    Party& guest = call.add_guest("guest " + std::to_string(i));
    guest.silent = true;
    REQUIRE(call.run_until([&] { return guest.in_room; }, 20s));
  }
  Party& last = call.guest();
  auto path = config.path;
  path.bandwidth = meeting.bandwidth;
  if (meeting.bandwidth > 0) last.transport->change_down(call.now(), path);
  call.run_for(meeting.bandwidth > 0 ? 8s : 4s);
  Observed out;
  const Observer observer(call, out);
  out.heard = last.sounds_heard;
  const double before = last.loudness;
  call.host().silent = !speech;
  call.run_for(10s);
  out.heard = last.sounds_heard - out.heard;
  out.loudness = last.loudness - before;
  out.relay = call.relay().counters();
  return out;
}

void check_alike(const Observed& speech, const Observed& silence) {
  REQUIRE(speech.loudness > 1e6);  // it was heard
  REQUIRE(silence.loudness < 1e5);
  REQUIRE(speech.heard > 400);
  const auto [first, other] = std::ranges::mismatch(speech.seen, silence.seen);
  CAPTURE(speech.seen.size(), silence.seen.size(), first - speech.seen.begin());
  CHECK(speech.seen == silence.seen);
}

}  // namespace

TEST_CASE("speech and silence are alike on the wire, with sound said twice, parity, and signatures in batches", "[conference][sim][attack]") {
  Meeting stage;
  stage.mode = RoomMode::stage;
  stage.signing = FrameSigning::batched;
  stage.loss = 0.06;
  const Observed speech = observe(stage, true);
  REQUIRE(speech.relay.parity_sent > 20);
  REQUIRE(speech.relay.uplink_repaired > 5);
  REQUIRE(speech.relay.retransmissions > 5);
  check_alike(speech, observe(stage, false));
  // Of three frames the last carries the signature; the frame's counter takes a byte more once it is above 255. Nothing else makes a difference.
  const std::size_t least = std::ranges::min(speech.sound_sizes);
  CHECK(std::ranges::max(speech.sound_sizes) >= least + 64);
  CHECK(std::ranges::all_of(speech.sound_sizes, [least](std::size_t size) { return size - least <= 1 || size - least == 64 || size - least == 65; }));
}

TEST_CASE("who begins to speak among five is not seen by what the others ask of the relay", "[conference][sim][attack]") {
  Meeting talk;
  talk.guests = 4;
  talk.pictures = false;
  talk.loss = 0.04;
  check_alike(observe(talk, true), observe(talk, false));
}

TEST_CASE("over a narrow path receivers say once a second, at one length, whom they would rather hear", "[conference][sim][attack]") {
  Meeting talk;
  talk.guests = 4;
  talk.pictures = false;
  talk.bandwidth = 190'000;
  const Observed speech = observe(talk, true);
  REQUIRE(speech.loudness > 1e6);
  REQUIRE(speech.relay.paths_narrowed > 0);
  const Observed silence = observe(talk, false);
  CHECK(speech.said.size() > 10);
  CHECK(speech.said == silence.said);
}
