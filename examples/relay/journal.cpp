#include "journal.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace conclave::relay_program {

std::string journal_line(const std::string& event, std::initializer_list<JournalField> fields) {
  nlohmann::ordered_json line;
  line["event"] = event;
  for (const auto& [name, value] : fields) line[name] = value;
  return line.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

void journal(const std::string& event, std::initializer_list<JournalField> fields) {
  std::cerr << journal_line(event, fields) << std::endl;
}

}  // namespace conclave::relay_program
