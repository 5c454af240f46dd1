#include "room/text.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "crypto/random.h"

using namespace conclave;

namespace {
std::string inert(std::string_view text) { return room::inert_name(as_bytes(text)); }
}  // namespace

TEST_CASE("an honest name stays as it is", "[room]") {
  for (const char* name : {"Ada Lovelace", "José Núñez", "李雷", "Ольга", "علي", "🦊 Fox", "O'Brien-Smith"}) CHECK(inert(name) == name);
}

TEST_CASE("a name cannot steer a terminal or a layout", "[room][attack]") {
  CHECK(inert("\x1b[2J\x1b]0;owned\x07" "Ada") == "[2J]0;ownedAda");
  CHECK(inert("Ada\r\nhost: admit Eve") == "Ada host: admit Eve");
  CHECK(inert("\u202eadA\u202c") == "adA");
  CHECK(inert("A\u200bd\u200da\ufeff") == "Ada");
  CHECK(inert("\U000E0041Ada") == "Ada");
  CHECK(inert("a\u0301\u0301\u0301\u0301\u0301\u0301b") == "a\u0301\u0301b");
  CHECK(inert("  Ada \t  Lovelace  ") == "Ada Lovelace");
  CHECK(inert("") == "somebody");
  CHECK(inert("\u200b\u202e ") == "somebody");
}

TEST_CASE("bytes that are not UTF-8 vanish, and length is bounded", "[room][attack]") {
  CHECK(inert("A\xff\xfe\xc0\xaf" "da") == "Ada");
  CHECK(inert("\xed\xa0\x80" "Ada") == "Ada");
  CHECK(inert(std::string(1'000'000, 'x')).size() == room::max_name_length);
  crypto::SeededRandom random(3);
  for (int i = 0; i < 2000; ++i) {
    Bytes noise(64);
    random.fill(noise);
    const std::string once = room::inert_name(noise);
    CHECK(inert(once) == once);
    for (const char c : once) CHECK((static_cast<unsigned char>(c) >= 0x20 && c != 0x7F));
  }
}
