#include "sframe/header.h"

#include "crypto/random.h"
#include "sframe/support.h"

using namespace conclave;
using namespace conclave::sframe;

TEST_CASE("a value in more bytes than it needs is no header", "[sframe][attack]") {
  for (const char* text : {"8000", "8007", "0807", "900008", "0900ff", "890800ff", "f00000000000000001", "0f00ffffffffffffff"}) {
    CAPTURE(text);
    CHECK_FALSE(read_header(sframe::test::hex(text)));
  }
  CHECK(read_header(sframe::test::hex("8008")));
  CHECK(read_header(sframe::test::hex("0fffffffffffffffff")));
  CHECK_FALSE(read_header({}));
}

TEST_CASE("a header reads as it was written, and what reads writes the same bytes", "[sframe][fuzz]") {
  crypto::SeededRandom random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::array<std::uint8_t, 18> bytes{};
    random.fill(bytes);
    if (round % 2 == 0) {
      Header header;
      std::memcpy(&header.kid, &bytes[0], 8);
      std::memcpy(&header.counter, &bytes[8], 8);
      header.kid >>= bytes[16] % 64;
      header.counter >>= bytes[17] % 64;
      Bytes out(max_header_size);
      out.resize(write(header, out));
      REQUIRE(out.size() == encoded_size(header));
      const auto read = read_header(out);
      REQUIRE(read);
      REQUIRE(read->header == header);
    } else if (const auto read = read_header(bytes)) {
      Bytes out(encoded_size(read->header));
      REQUIRE(read->size == out.size());
      write(read->header, out);
      REQUIRE(equal(out, ByteView(bytes).first(read->size)));
    }
  }
}
