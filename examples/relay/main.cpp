// conclave-relay: a relay for end-to-end encrypted calls.
#include <iostream>

#include "command_line.h"
#include "opener_key.h"
#include "service.h"

int main(int argc, char** argv) {
  using namespace conclave::relay_program;
  auto command = read_command_line({argv + 1, argv + argc});
  if (const auto* end = std::get_if<EndAtOnce>(&command)) {
    if (end->code == 0) std::cout << end->text;
    else std::cerr << "conclave-relay: " << end->text << std::endl;
    return end->code;
  }
  if (const auto* make = std::get_if<MakeOpenerKey>(&command)) return write_opener_key(make->file);
  hold_signals();
  return Service(std::get<RunRelay>(std::move(command))).run();
}
