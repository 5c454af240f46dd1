// What the sizes and the pace of packets tell of what is said: nothing.
#include "conference/quiet_room.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

/// When somebody gives the relay how many bytes, while Ada speaks or is silent.
std::vector<std::pair<Time, std::size_t>> sent_while(bool silent, RoomMode mode) {
  SimulationConfig config = quiet_room();
  config.prepare = [mode](const std::string&, ConferenceConfig& member) {
    member.send_video = false;
    member.mode = mode;
  };
  CallSimulation call(config);
  (void)gather(call, {"Bob"});
  call.host().silent = silent;
  std::vector<std::pair<Time, std::size_t>> sent;
  call.watch = [&](ByteView bytes) { sent.emplace_back(call.now(), bytes.size()); };
  call.run_for(1s);
  call.guest().loudness = 0;
  call.run_for(4s);
  CHECK((call.guest().loudness < 1e7) == silent);  // the test hears the difference
  return sent;
}

}  // namespace

TEST_CASE("speech recognised from packet sizes: speech and silence leave at the same pace and in the same sizes, signed or not", "[conference][sim][attack]") {
  const RoomMode mode = GENERATE(RoomMode::open, RoomMode::stage);
  const auto speech = sent_while(false, mode);
  CHECK(speech.size() > 200);
  CHECK(speech == sent_while(true, mode));
}
