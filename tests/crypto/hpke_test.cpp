#include "crypto/hpke.h"

#include <catch2/catch.hpp>

#include "crypto/hex.h"

using namespace conclave;
using namespace conclave::crypto;
using conclave::test::hex;

TEST_CASE("HPKE opens the known answer of RFC 9180 appendix A.1.1", "[crypto]") {
  const CipherSuite& suite = *find_suite(1);
  const auto receiver = KemPrivateKey::derive(suite.kem, hex("6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037"));
  REQUIRE(receiver.ok());
  CHECK(to_hex(receiver->expose()) == "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8");
  const Bytes enc = hex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431");
  const Bytes info = hex("4f6465206f6e2061204772656369616e2055726e");
  const auto opened = hpke_open(suite, *receiver, enc, info, hex("436f756e742d30"),
                                hex("f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"));
  REQUIRE(opened.ok());
  CHECK(to_hex(opened->expose()) == "4265617574792069732074727574682c20747275746820626561757479");
  const auto exported = hpke_receive_export(suite, *receiver, enc, info, hex("00"), 32);
  REQUIRE(exported.ok());
  CHECK(to_hex(exported->expose()) == "2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5");
}

TEST_CASE("every suite seals to a receiver who alone opens", "[crypto]") {
  SeededRandom random(1);
  for (const CipherSuite& suite : all_suites()) {
    CAPTURE(static_cast<int>(suite.id));
    const auto receiver = KemPrivateKey::generate(suite.kem, random);
    const auto stranger = KemPrivateKey::generate(suite.kem, random);
    REQUIRE((receiver.ok() && stranger.ok()));
    CHECK(receiver->expose().size() == suite.kem_private_key_size);
    CHECK(receiver->public_key().bytes().size() == suite.kem_public_key_size);
    const Bytes text(33, 7);
    const auto sealed = hpke_seal(suite, receiver->public_key(), as_bytes("info"), as_bytes("aad"), text, random);
    REQUIRE(sealed.ok());
    CHECK(sealed->kem_output.size() == suite.kem_output_size);
    const auto opened = hpke_open(suite, *receiver, sealed->kem_output, as_bytes("info"), as_bytes("aad"), sealed->ciphertext);
    REQUIRE(opened.ok());
    CHECK(equal(opened->expose(), text));
    CHECK(hpke_open(suite, *stranger, sealed->kem_output, as_bytes("info"), as_bytes("aad"), sealed->ciphertext).error().code ==
          ErrorCode::not_authentic);
    CHECK(hpke_open(suite, *receiver, sealed->kem_output, as_bytes("other"), as_bytes("aad"), sealed->ciphertext).error().code ==
          ErrorCode::not_authentic);
    CHECK(hpke_open(suite, *receiver, Bytes(suite.kem_output_size, 0), as_bytes("info"), as_bytes("aad"), sealed->ciphertext)
              .error().code == ErrorCode::malformed);
    CHECK(hpke_open(suite, *receiver, sealed->kem_output, as_bytes("info"), as_bytes("aad"), Bytes(15)).error().code ==
          ErrorCode::not_authentic);
  }
}

TEST_CASE("sender and receiver export the same secret", "[crypto]") {
  SeededRandom random(2);
  for (const CipherSuite& suite : all_suites()) {
    const auto receiver = KemPrivateKey::generate(suite.kem, random);
    REQUIRE(receiver.ok());
    const auto sent = hpke_send_export(suite, receiver->public_key(), as_bytes("info"), as_bytes("context"), 77, random);
    REQUIRE(sent.ok());
    const auto received = hpke_receive_export(suite, *receiver, sent->kem_output, as_bytes("info"), as_bytes("context"), 77);
    REQUIRE(received.ok());
    CHECK(constant_time_equal(sent->secret.expose(), received->expose()));
    CHECK_FALSE(hpke_receive_export(suite, *receiver, sent->kem_output, {}, {}, 255 * suite.hash_size + 1).ok());
  }
}
