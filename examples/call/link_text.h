// A link as people paste it.
#pragma once

#include <istream>
#include <string>

namespace conclave::call {

/// `given`, or when that is "-" the first line of `input`, without the spaces and angle brackets around it that come from
/// mails and chats.
std::string link_text(const std::string& given, std::istream& input);

}  // namespace conclave::call
