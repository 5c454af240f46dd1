// Structured logs: one JSON object a line, on standard error.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

namespace conclave::relay_program {

using JournalField = std::pair<const char*, std::string>;

/// {"event": EVENT, FIELD: VALUE, …}. The journal of systemd adds the time.
std::string journal_line(const std::string& event, std::initializer_list<JournalField> fields);

/// Writes it.
void journal(const std::string& event, std::initializer_list<JournalField> fields = {});

}  // namespace conclave::relay_program
