// What the relay is given holds no key that anybody in the meeting derived.
#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "conference/call_simulation.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "support/derived_keys.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

TEST_CASE("no key of MLS or of SFrame, of all that a meeting derives, is in anything that the relay is given", "[conference][attack]") {
  watch_derived_keys();
  CallSimulation call({});
  Bytes seen;
  call.watch = [&](ByteView bytes) {
    seen.insert(seen.end(), bytes.begin(), bytes.end());
    seen.resize(seen.size() + key_window);  // nothing is found across two packets
  };
  REQUIRE(call.run_until([&] { return call.host().in_room; }, 10s));
  call.add_guest("Bob");
  REQUIRE(call.run_until([&] { return call.guest().in_room && !call.host().joined.empty(); }, 10s));
  for (int i = 0; i < 3; ++i) {
    call.tell(i % 2 == 0 ? call.host() : call.guest(), RotateKeys{});
    call.run_for(1s);
  }
  CHECK(seen.size() > 100'000);
  CHECK(derived_keys() > 200);
  for (const auto& [epoch, authenticator] : call.host().epochs) CHECK(is_derived(authenticator));  // the record is of this meeting
  CHECK(find_derived_keys(seen) == 0);

  std::array<std::uint8_t, 32> leaked{};
  crypto::hkdf_expand(crypto::HashAlgorithm::sha256, Bytes(32, 1), as_bytes("a key that leaks"), leaked);
  std::copy(leaked.begin(), leaked.end(), seen.begin() + 1001);
  CHECK(find_derived_keys(seen) == 2);
}
