#include "terminal.h"

#include <catch2/catch.hpp>

namespace conclave::call {

TEST_CASE("names that obey the rules are shown as they are", "[runtime][call]") {
  for (const char* name : {"Ada", "Zoë Müller", "李小龍", "אבא", "🦉"}) CHECK(terminal_text(name) == name);
}

TEST_CASE("nothing that a stranger calls himself can move the cursor, colour, reorder or hide",
          "[runtime][call][attack]") {
  CHECK(terminal_text("a\x1b[2Jb") == "a?[2Jb");
  CHECK(terminal_text("a\rb\nc\td\x7f") == "a?b?c?d?");
  CHECK(terminal_text("\xc2\x9b"
                      "31m") == "?31m");  // C1 CSI
  CHECK(terminal_text("ab\xe2\x80\xae"
                      "cd") == "ab?cd");  // right-to-left override
  CHECK(terminal_text("a\xe2\x81\xa6"
                      "b\xe2\x80\x8b"
                      "c") == "a?b?c");
  CHECK(terminal_text("a\xe2\x80\xa8"
                      "b") == "a?b");
  CHECK(terminal_text("\xf3\xa0\x81\x81") == "?");  // tag character
}

TEST_CASE("bytes that are not UTF-8 become question marks", "[runtime][call][attack]") {
  CHECK(terminal_text("a\xff"
                      "b") == "a?b");
  CHECK(terminal_text("\xc0\xaf") == "??");            // overlong
  CHECK(terminal_text("\xed\xa0\x80") == "???");       // surrogate
  CHECK(terminal_text("\xf4\x90\x80\x80") == "????");  // beyond the last plane
  CHECK(terminal_text("\xe2\x80") == "??");            // cut short
  CHECK(terminal_text(std::string(1, '\0')) == "?");
}

TEST_CASE("no name can look like a line of the program's own", "[runtime][call][attack]") {
  CHECK(quoted_name("Ada") == "\"Ada\"");
  CHECK(quoted_name("Ada\" knocks and is let in") == "\"Ada' knocks and is let in\"");
  CHECK(quoted_name("x\nSafety code 12345") == "\"x?Safety code 12345\"");
  CHECK(quoted_name(std::string(70, '"')) == "\"" + std::string(64, '\'') + "\"");
  CHECK(quoted_name("") == "\"\"");
}

TEST_CASE("text is shortened between characters", "[runtime][call]") {
  CHECK(shortened("Zoë", 2) == "Zo");
  CHECK(shortened("Zoë", 3) == "Zoë");
  CHECK(shortened("Zoëy", 3) == "Zoë");
  CHECK(columns_of("Zoë") == 3);
}

TEST_CASE("characters that take two columns are counted as two, so that no name breaks the status line", "[runtime][call][attack]") {
  CHECK(columns_of("李小龍 🦉") == 9);
  CHECK(columns_of("한국어ｗ") == 8);
  CHECK(shortened("李小龍", 6) == "李小龍");
  CHECK(shortened("李小龍", 5) == "李小");
  CHECK(shortened("a李", 2) == "a");
  CHECK(columns_of(quoted_name("日本語日本語日本語日本語", 20)) <= 22);
}

}  // namespace conclave::call
