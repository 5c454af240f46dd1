// conclave-call: an end-to-end encrypted call from the terminal.
#include "call.h"
#include "signals.h"

int main(int argc, char** argv) {
  using namespace conclave::call;
  const auto parsed = parse_command_line(argc, argv);
  if (const auto* code = std::get_if<ExitCode>(&parsed)) return static_cast<int>(*code);
  watch_signals();
  return static_cast<int>(Call(std::get<Options>(parsed)).run());
}
