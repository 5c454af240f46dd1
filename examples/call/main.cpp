// conclave-call: an end-to-end encrypted call from the terminal.
#include <string_view>

#include "call.h"
#include "signals.h"
#include "verify.h"

int main(int argc, char** argv) {
  using namespace conclave::call;
  if (argc == 3 && std::string_view(argv[1]) == "verify") return static_cast<int>(verify_record(argv[2]));
  const auto parsed = parse_command_line(argc, argv);
  if (const auto* code = std::get_if<ExitCode>(&parsed)) return static_cast<int>(*code);
  watch_signals();
  return static_cast<int>(Call(std::get<Options>(parsed)).run());
}
