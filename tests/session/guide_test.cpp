// The code of docs/session.md, as it stands there, between the marks.
#include <catch2/catch.hpp>

#include <array>
#include <map>
#include <span>
#include <vector>

#include "conclave/session.h"

using conclave::Bytes;
using conclave::ByteView;

namespace {

/// The app's own: a log that everybody reads in one order, and Welcomes on their way.
struct Log {
  std::vector<conclave::ToLog> entries;
  std::map<std::uint64_t, Bytes> welcomes;
  void append(conclave::ToLog entry) {
    if (entry.admission) welcomes[entry.admission->request] = entry.admission->welcome;
    entries.push_back(std::move(entry));
  }
};
Log log_of_room;

// [guide: take]
void take(conclave::Session& session, conclave::SessionStep step, conclave::FrameOpener& opener, std::optional<conclave::FrameSealer>& microphone) {
  for (conclave::ToLog& entry : step.send) log_of_room.append(std::move(entry));
  for (const conclave::SessionEvent& event : step.events) {
    if (std::holds_alternative<conclave::EpochEntered>(event)) {
      auto next = session.make_sealer(0);
      if (next.ok()) microphone = std::move(*next);
    }
    opener.update(session.frame_keys());
  }
}
// [guide: end]

}  // namespace

TEST_CASE("the guide leads from nothing to sealed frames", "[session]") {
  const conclave::Moment now{conclave::Time(std::chrono::seconds(5)), {1'700'000'000}};
  conclave::SessionConfig config;
  config.room_id.fill(7);
  // [guide: found]
  auto ada = *conclave::Identity::generate();
  auto host = *conclave::Session::found(config, ada, "Ada", now);
  // [guide: knock]
  auto bob = *conclave::Identity::generate();
  auto joining = *conclave::Joining::begin(config, bob, "Bob", now);
  ByteView knock = joining.key_package();  // to the host, over a channel that hides it
  // [guide: admit]
  conclave::FrameOpener host_opener;
  std::optional<conclave::FrameSealer> host_microphone;
  take(host, *host.admit(1, knock, now), host_opener, host_microphone);
  take(host, host.handle(log_of_room.entries.back().message, now), host_opener, host_microphone);
  // [guide: join]
  auto guest = *joining.complete(log_of_room.welcomes.at(1), ada.hash(), now);
  // [guide: seal]
  auto microphone = *guest.make_sealer(0);
  const Bytes frame(80, 0x42);
  Bytes packet(conclave::max_sealed_size(frame.size()));
  const std::array<std::uint8_t, 2> header{0x12, 0x34};  // what must not change on the way
  auto size = microphone.seal(frame, header, packet);
  // [guide: open]
  Bytes out(packet.size());
  host_opener.update(host.frame_keys());
  auto opened = host_opener.open(std::nullopt, ByteView(packet).first(*size), header, out);
  // [guide: end]
  REQUIRE(opened.opened());
  CHECK(opened.sender == guest.self());
  CHECK(ByteView(out).first(opened.size)[0] == 0x42);
  CHECK(host_opener.counters(guest.self(), 0)[conclave::FrameStatus::opened] == 1);
}
