// What raiders and impostors write: names, chat and links.
#include "conclave/text.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "crypto/random.h"
#include "room/text.h"

using namespace conclave;

namespace {

std::string inert(std::string_view text) { return inert_text(as_bytes(text)); }

std::vector<std::string> links(std::string_view text) {
  std::vector<std::string> out;
  for (const TextSpan& span : safe_links(text)) out.emplace_back(text.substr(span.offset, span.size));
  return out;
}

}  // namespace

TEST_CASE("honest text stays as it is, lines and all", "[room]") {
  for (const char* text : {"Hello, world!", "Zeile eins\nZeile zwei\n\nZeile vier", "日本語のテキスト", "שלום", "a + b = c; see <chapter 2>"}) {
    CHECK(inert(text) == text);
  }
}

TEST_CASE("text cannot steer a terminal, turn its direction, hide or pile up", "[room][attack]") {
  CHECK(inert("\x1b]8;;file:///etc/passwd\x07" "click\x1b]8;;\x07") == "]8;;file:///etc/passwdclick]8;;");
  CHECK(inert("photo\u202egnp.exe") == "photognp.exe");
  CHECK(inert("a\u2066b\u2069c\u200bd\ufeffe") == "abcde");
  CHECK(inert("one\r\ntwo\rthree") == "one\ntwothree");
  CHECK(inert("x\n\n\n\n\n\n\n\ny") == "x\n\ny");
  std::string flood = "Z";
  for (int i = 0; i < 500; ++i) flood += "\u0335";
  CHECK(inert(flood) == "Z\u0335\u0335");
  CHECK(inert(std::string("a\0b", 3)) == "ab");
}

TEST_CASE("a megabyte of text is cut, at a character", "[room][attack]") {
  std::string long_text;
  while (long_text.size() < 1'000'000) long_text += "\u00e9";
  const std::string cut = inert(long_text);
  CHECK(cut.size() <= max_text_size);
  CHECK(cut.size() > max_text_size - 8);
  CHECK(cut == long_text.substr(0, cut.size()));
  CHECK(cut.size() % 2 == 0);
}

TEST_CASE("only https to a named host may be linked", "[room]") {
  CHECK(links("see https://example.org/a?b=c#d.") == std::vector<std::string>{"https://example.org/a?b=c#d"});
  CHECK(links("(https://a.example:8443/x), https://b.example") == std::vector<std::string>{"https://a.example:8443/x", "https://b.example"});
}

TEST_CASE("UNC paths, files, scripts, custom schemes and disguised hosts stay text", "[room][attack]") {
  for (const char* text :
       {"\\\\evil.example\\share\\x.exe", "//evil.example/share", "file:///etc/passwd", "file://evil.example/x", "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>", "vbscript:x", "ms-msdt:/id PCWDiagnostic", "search-ms:query=x", "zoommtg://zoom.us/join",
        "conclave://relay.example:1/x#y", "smb://evil.example/x", "http://example.org", "HTTPS://example.org", "ftp://example.org",
        "https://user@evil.example", "https://bank.example@evil.example/", "https://bank.example:443@evil.example", "https://[::1]/",
        "https://127.0.0.1/", "https://2130706433/", "https://localhost/", "https://xn--pple-43d.example/", "https://\u0430pple.example/",
        "https://example.org\u2044.evil.example", "https://exam\u200bple.org.", "https:///example.org", "https://.example.org", "https://-a.example",
        "https://example.org:99999999/", "https://example.org:80a/", "xhttps://example.org", "https:\\\\example.org\\x", "https://"}) {
    INFO(text);
    CHECK(links(text).empty());
  }
}

TEST_CASE("a link ends before what could break out of it", "[room][attack]") {
  CHECK(links("https://example.org/\"onclick=\"x") == std::vector<std::string>{"https://example.org/"});
  CHECK(links("https://example.org/<script>") == std::vector<std::string>{"https://example.org/"});
  CHECK(links("https://example.org/a\\..\\b") == std::vector<std::string>{"https://example.org/a"});
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "https://example.org/ ";
  CHECK(links(many).size() <= 32);
  CHECK(links("https://example.org/" + std::string(100'000, 'x')).empty());
}

TEST_CASE("names that people cannot tell apart are one", "[room][attack]") {
  for (const char* name : {"Ada Lovelace", "ada lovelace", "Adа Lоvelасе", "ADA LOVELACE", "Ada  Lovelace.", "Ad\u0430 L\u043evel\u0430ce", "Àdá Lóvèlàçe",
                           "\U0001D400da Lovelace", "Ada Love1ace", "Ada L0velace", "ａｄａ ｌｏｖｅｌａｃｅ", "Ada\u200b Lovelace", "A\u0301da Lovelace", "αda Lovelace"}) {
    INFO(name);
    CHECK(confusable_names(name, "Ada Lovelace"));
  }
  CHECK(confusable_names("Bernard", "Bemard"));
  CHECK(confusable_names("BILL", "8ILL") == false);
}

TEST_CASE("different names stay different", "[room]") {
  const std::vector<std::string> names{"Ada", "Bob", "Eve", "Ольга", "李雷", "韩梅梅", "علي", "Zoë", "Adam", "🦊", "🐻"};
  for (const std::string& a : names) {
    for (const std::string& b : names) CHECK(confusable_names(a, b) == (a == b));
  }
}

TEST_CASE("nobody can call itself what only a program or the host would be called", "[room][attack]") {
  for (const char* name : {"Host", "HOST", "H0st", "Ноst", "Co-Host", "System", "Support", "Technical Support", "Admin", "Conclave", "m0derator"}) {
    INFO(name);
    CHECK(is_reserved_name(name));
  }
  for (const char* name : {"Hosteen", "Ada", "Mod", "Sysiphus"}) CHECK_FALSE(is_reserved_name(name));
}

TEST_CASE("making text inert twice changes nothing, whatever it was", "[room][fuzz]") {
  crypto::SeededRandom random(9);
  for (int i = 0; i < 3000; ++i) {
    Bytes noise(96);
    random.fill(noise);
    const std::string once = inert_text(noise);
    CHECK(inert(once) == once);
    for (const TextSpan& span : safe_links(once)) CHECK(span.offset + span.size <= once.size());
    (void)name_skeleton(once);
  }
}
