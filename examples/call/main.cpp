// conclave-call: an end-to-end encrypted call from the terminal.
#include <sys/stat.h>

#include <iostream>
#include <string_view>

#include "belongings.h"
#include "call.h"
#include "link_text.h"
#include "signals.h"
#include "standard_streams.h"
#include "verify.h"

int main(int argc, char** argv) {
  using namespace conclave::call;
  occupy_standard_streams();
  ::umask(077);  // what a call leaves behind is for whoever held it
  if (argc == 3 && std::string_view(argv[1]) == "verify") return static_cast<int>(verify_record(argv[2]));
  auto parsed = parse_command_line(argc, argv);
  if (const auto* code = std::get_if<ExitCode>(&parsed)) return static_cast<int>(*code);
  auto& options = std::get<Options>(parsed);
  if (!options.hosting) options.link = link_text(options.link, std::cin);  // here ctrl-C still ends the process by itself
  if (const auto failure = take_belongings(options); failure.code != ExitCode::ok) {
    std::cerr << "conclave-call: " << failure.sentence << std::endl;
    return static_cast<int>(failure.code);
  }
  watch_signals();
  return static_cast<int>(Call(std::move(options)).run());
}
