// The session level alone: two members share keys, and a frame goes from one to the other. What an app would send is handed over here.
#include <ctime>
#include <iostream>

#include "conclave/client.h"
#include "conclave/session.h"

using namespace conclave;

namespace {

Moment now() { return {monotonic_now(), {static_cast<std::uint64_t>(std::time(nullptr))}}; }

/// The commit goes through the log, back to its sender too, then the Welcome to the joiner.
Result<Session> let_in(Session& host, const Joining& joining, const std::array<std::uint8_t, 32>& founder) {
  auto step = host.admit(1, joining.key_package(), now());
  if (!step.ok()) return step.error();
  Bytes welcome;
  for (const ToLog& entry : step->send) {
    const SessionStep after = host.handle(entry.message, now());
    for (const SessionEvent& event : after.events) {
      if (const auto* entered = std::get_if<MemberEntered>(&event)) std::cout << entered->member.display_name << " is in the room\n";
    }
    if (entry.admission) welcome = entry.admission->welcome;
  }
  return joining.complete(welcome, founder, now());
}

bool send_frame(Session& from, const Session& to) {
  auto sealer = from.make_sealer(0);
  if (!sealer.ok()) return false;
  const std::string frame = "a frame of video";
  Bytes sealed(max_sealed_size(frame.size())), out(sealed.size());
  const auto size = sealer->seal({reinterpret_cast<const std::uint8_t*>(frame.data()), frame.size()}, {}, sealed);
  FrameOpener opener;
  opener.update(to.frame_keys());
  const OpenedFrame opened = size.ok() ? opener.open(std::nullopt, ByteView(sealed).first(*size), {}, out) : OpenedFrame();
  if (!opened.opened()) return false;
  std::cout << "member " << opened.sender << " sent: " << std::string(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(opened.size)) << "\n";
  return true;
}

}  // namespace

int main() {
  SessionConfig config;
  config.room_id.fill(1);
  const auto alice = Identity::generate(), bob = Identity::generate();
  if (!alice.ok() || !bob.ok()) return 1;
  auto host = Session::found(config, *alice, "Alice", now());
  const auto joining = Joining::begin(config, *bob, "Bob", now());
  if (!host.ok() || !joining.ok()) return 1;
  auto guest = let_in(*host, *joining, alice->hash());
  return guest.ok() && send_frame(*host, *guest) && send_frame(*guest, *host) ? 0 : 1;
}
