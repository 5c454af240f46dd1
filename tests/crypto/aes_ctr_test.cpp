#include "crypto/aes_ctr.h"

#include <catch2/catch.hpp>
#include <future>
#include <vector>

#include "crypto/evp_cipher.h"
#include "crypto/hex.h"
#include "crypto/random.h"

using namespace conclave;
using namespace conclave::crypto;
using conclave::test::hex;

TEST_CASE("AES-CTR gives the bytes of NIST SP 800-38A and of OpenSSL", "[crypto]") {
  // Appendix F.5.1, whose counter does not overflow its last four bytes.
  const Bytes key = hex("2b7e151628aed2a6abf7158809cf4f3c");
  Bytes out(32);
  AesCtrKey(key).apply(hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"), out);
  CHECK(to_hex(out) == "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
  SeededRandom random(5);
  for (int round = 0; round < 300; ++round) {
    Bytes secret(16);
    Bytes start(16);
    random.fill(secret);
    random.fill(start);
    start[12] = 0;
    Bytes text((start[0] + 256U * start[1]) % (round % 10 == 0 ? 65'000U : 600U));
    random.fill(text);
    Bytes expected(text.size());
    EvpCipher(fetched_aes_128_ctr(), secret).apply_keystream(start.data(), text, expected.data());
    Bytes ours = text;
    AesCtrKey(secret).apply(start, ours, ours);
    REQUIRE(ours == expected);
  }
}

TEST_CASE("threads share a key and each gets its own answer", "[crypto]") {
  const EvpCipher shared(fetched_aead(AeadAlgorithm::aes_128_gcm), Bytes(16, 1));
  const AesCtrKey stream(Bytes(16, 2));
  const Bytes text(500, 3);
  const auto work = [&](std::uint8_t number) {
    Bytes nonce(16, number);
    Bytes sealed(516);
    Bytes opened(500);
    for (int round = 0; round < 2000; ++round) {
      shared.seal(nonce.data(), {}, text, sealed.data(), &sealed[500]);
      if (!shared.open(nonce.data(), {}, ByteView(sealed).first(500), &sealed[500], opened.data()) || opened != text) return false;
      stream.apply(nonce, text, opened);
      stream.apply(nonce, opened, opened);
      if (opened != text) return false;
    }
    return true;
  };
  std::vector<std::future<bool>> running;
  for (std::uint8_t number = 0; number < 6; ++number) running.push_back(std::async(std::launch::async, work, number));
  for (auto& one : running) CHECK(one.get());
}
