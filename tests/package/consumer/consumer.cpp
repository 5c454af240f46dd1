// Opens a room through the C++ interface and closes it.
#include <conclave/client.h>
#include <conclave/devices.h>

#include <iostream>

int main() {
  conclave::ClientConfig config;
  config.audio = conclave::synthetic_audio(config.conference.audio);
  auto client = conclave::Client::host(std::move(config), {.listen = "127.0.0.1", .port = 0, .advertise = "", .relay_key_file = ""});
  if (!client.ok()) return 1;
  while (auto event = client->wait(std::chrono::seconds(5))) {
    if (!std::holds_alternative<conclave::RoomReady>(*event)) continue;
    std::cout << "the room is open\n";
    return 0;
  }
  return 2;
}
