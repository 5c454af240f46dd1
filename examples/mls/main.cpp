// A laboratory for groups: type what happens, see what it does to the ratchet tree.
#include <CLI/CLI.hpp>
#include <ctime>
#include <fstream>
#include <iostream>

#include "laboratory.h"

using namespace conclave;

namespace {

constexpr const char* demonstration[] = {"create alice",     "add alice bob carol dave", "commit carol", "update bob",
                                         "commit dave",      "say alice hello everybody", "remove alice carol", "join erin",
                                         "epoch"};

bool run(Laboratory& laboratory, const std::string& line, bool echo) {
  if (echo) std::cout << "> " << line << "\n";
  const auto result = laboratory.run(line);
  if (result.ok()) {
    std::cout << *result << std::flush;
  } else {
    std::cerr << name_of(result.error().code) << ": " << result.error().detail << std::endl;
  }
  return result.ok();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Creates an MLS group in one process, changes it as told, and draws its ratchet tree."};
  std::uint16_t suite_id = 1;
  std::uint64_t seed = 0;
  std::string script;
  bool demo = false;
  app.add_option("--suite", suite_id, "Cipher suite, 1 to 7")->check(CLI::Range(1, 7));
  app.add_option("--seed", seed, "Make all keys from this number, so that a run can be repeated");
  app.add_option("script", script, "Read the lines from this file instead of the terminal")->check(CLI::ExistingFile);
  app.add_flag("--demo", demo, "Show a short history");
  app.footer("Lines: create NAME | add BY NAME... | remove BY NAME... | commit BY | update NAME | drop BY NAME | join NAME |\n"
             "       say BY WORD... | tree | members | epoch");
  CLI11_PARSE(app, argc, argv);

  crypto::SeededRandom repeated(seed);
  crypto::Random& random = app.count("--seed") > 0 ? static_cast<crypto::Random&>(repeated) : crypto::system_random();
  Laboratory laboratory(*crypto::find_suite(suite_id), random, {static_cast<std::uint64_t>(std::time(nullptr))});
  bool good = true;
  if (demo) {
    for (const char* line : demonstration) good = run(laboratory, line, true) && good;
    return good ? 0 : 1;
  }
  std::ifstream file(script);
  std::istream& in = script.empty() ? std::cin : file;
  for (std::string line; std::getline(in, line);) good = run(laboratory, line, !script.empty()) && good;
  return good ? 0 : 1;
}
