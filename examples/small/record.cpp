// Joins a call and records it: record LINK FILE.webm [SECONDS]
#include <cstdlib>
#include <iostream>

#include "conclave/devices.h"

using namespace conclave;

namespace {

int fail(const Error& error) {
  std::cerr << name_of(error.code) << ": " << error.detail << "\n";
  return 1;
}

/// Records until the end; the error that it ended with, or nothing.
std::optional<Error> record(Client& call, Duration how_long) {
  Time until = never;
  for (;;) {
    const auto event = call.wait(std::chrono::milliseconds(100));
    if (event && std::holds_alternative<Joined>(*event)) until = monotonic_now() + how_long;
    if (const auto* member = event ? std::get_if<MemberJoined>(&*event) : nullptr) std::cout << member->display_name << " is in the room\n";
    if (const auto* code = event ? std::get_if<SafetyCodeChanged>(&*event) : nullptr) std::cout << "safety code " << code->digits << "\n";
    if (const auto* end = event ? std::get_if<ConferenceEnded>(&*event) : nullptr) return end->error;
    if (monotonic_now() > until) {
      call.leave();
      until = never;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: record LINK FILE.webm [SECONDS]\n";
    return 2;
  }
  const auto link = Link::parse(argv[1]);
  if (!link.ok()) return fail(link.error());
  auto file = record_webm(argv[2]);
  if (!file.ok()) return fail(file.error());
  ClientConfig config;
  config.conference.display_name = "Recorder";
  config.sinks.push_back(std::move(*file));
  auto call = Client::join(std::move(config), *link);
  if (!call.ok()) return fail(call.error());
  if (const auto error = record(*call, std::chrono::seconds(argc > 3 ? std::atoi(argv[3]) : 60))) return fail(*error);
  const auto whole = call->finish();  // now the file is whole
  return whole.ok() ? 0 : fail(whole.error());
}
