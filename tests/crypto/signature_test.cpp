#include "crypto/signature.h"

#include <catch2/catch.hpp>
#include <type_traits>

#include "crypto/hex.h"

using namespace conclave;
using namespace conclave::crypto;
using conclave::test::hex;

TEST_CASE("Ed25519 and Ed448 give the known answers of RFC 8032", "[crypto]") {
  // Section 7.1, test 2, and section 7.4, one octet.
  const auto ed25519 = SignaturePrivateKey::parse(SignatureAlgorithm::ed25519,
                                                  hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  REQUIRE(ed25519.ok());
  CHECK(to_hex(ed25519->public_key().bytes()) == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  CHECK(to_hex(ed25519->sign(hex("72")).value()) ==
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  const auto ed448 = SignaturePrivateKey::parse(
      SignatureAlgorithm::ed448,
      hex("c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463afbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e"));
  REQUIRE(ed448.ok());
  CHECK(to_hex(ed448->public_key().bytes()) ==
        "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480");
  CHECK(to_hex(ed448->sign(hex("03")).value()) ==
        "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00");
}

TEST_CASE("every scheme verifies its own signature and no other", "[crypto]") {
  SeededRandom random(1);
  for (const CipherSuite& suite : all_suites()) {
    CAPTURE(static_cast<int>(suite.id));
    const auto key = SignaturePrivateKey::generate(suite.signature, random);
    const auto other = SignaturePrivateKey::generate(suite.signature, random);
    REQUIRE((key.ok() && other.ok()));
    const auto signature = key->sign(as_bytes("message"));
    REQUIRE(signature.ok());
    const auto reread = SignaturePublicKey::parse(suite.signature, key->public_key().bytes());
    REQUIRE(reread.ok());
    CHECK(*reread == key->public_key());
    CHECK(reread->verify(as_bytes("message"), *signature));
    CHECK_FALSE(reread->verify(as_bytes("massage"), *signature));
    CHECK_FALSE(other->public_key().verify(as_bytes("message"), *signature));
    for (std::size_t i = 0; i < signature->size(); ++i) {
      Bytes damaged = *signature;
      damaged[i] ^= 0x10;
      CHECK_FALSE(reread->verify(as_bytes("message"), damaged));
    }
    Bytes longer = *signature;
    longer.push_back(0);
    CHECK_FALSE(reread->verify(as_bytes("message"), longer));
    CHECK_FALSE(reread->verify(as_bytes("message"), {}));
    const auto copy = SignaturePrivateKey::parse(suite.signature, key->clone().expose());
    REQUIRE(copy.ok());
    CHECK(copy->public_key() == key->public_key());
  }
}

TEST_CASE("what is no key does not become one", "[crypto][attack]") {
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<SignaturePrivateKey>);
  SeededRandom random(2);
  for (const CipherSuite& suite : all_suites()) {
    const auto key = SignaturePrivateKey::generate(suite.signature, random);
    REQUIRE(key.ok());
    const ByteView bytes = key->public_key().bytes();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CHECK_FALSE(SignaturePublicKey::parse(suite.signature, bytes.first(size)).ok());
    }
    CHECK_FALSE(SignaturePrivateKey::parse(suite.signature, Bytes(100, 1)).ok());
    CHECK_FALSE(SignaturePrivateKey::parse(suite.signature, {}).ok());
    CHECK_FALSE(SignaturePublicKey{}.verify(as_bytes("message"), Bytes(64)));
  }
  const auto p256 = SignaturePrivateKey::generate(SignatureAlgorithm::ecdsa_p256_sha256, random);
  REQUIRE(p256.ok());
  Bytes off_curve = to_bytes(p256->public_key().bytes());
  off_curve.back() ^= 1;
  CHECK_FALSE(SignaturePublicKey::parse(SignatureAlgorithm::ecdsa_p256_sha256, off_curve).ok());
  CHECK_FALSE(SignaturePrivateKey::parse(SignatureAlgorithm::ecdsa_p256_sha256, Bytes(32, 0)).ok());
  CHECK_FALSE(SignaturePrivateKey::parse(SignatureAlgorithm::ecdsa_p256_sha256, Bytes(32, 0xFF)).ok());
}
