#include "crypto/kem.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <vector>

#include "crypto/dh.h"
#include "crypto/hex.h"

using namespace conclave;
using namespace conclave::crypto;
using conclave::test::hex;

TEST_CASE("the table of suites gives the sizes that the primitives have", "[crypto]") {
  SeededRandom random(1);
  REQUIRE(all_suites().size() == 7);
  std::uint16_t number = 1;
  for (const CipherSuite& suite : all_suites()) {
    CHECK(find_suite(number++) == &suite);
    const auto receiver = KemPrivateKey::generate(suite.kem, random);
    REQUIRE(receiver.ok());
    const auto encapsulation = encapsulate(suite.kem, receiver->public_key(), random);
    REQUIRE(encapsulation.ok());
    CHECK(encapsulation->enc.size() == suite.kem_output_size);
    CHECK(encapsulation->shared_secret.size() == suite.kem_secret_size);
    const auto decapsulated = receiver->clone().decapsulate(encapsulation->enc);
    REQUIRE(decapsulated.ok());
    CHECK(constant_time_equal(decapsulated->expose(), encapsulation->shared_secret.expose()));
  }
  CHECK(find_suite(0) == nullptr);
  CHECK(find_suite(8) == nullptr);
  CHECK(find_suite(0xFFFF) == nullptr);
}

TEST_CASE("DeriveKeyPair gives the known answer of RFC 9180 appendix A.3.1 for P-256", "[crypto]") {
  const auto key = KemPrivateKey::derive(KemAlgorithm::p256_sha256, hex("668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550"));
  REQUIRE(key.ok());
  CHECK(to_hex(key->expose()) == "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2");
}

TEST_CASE("a point of low order, to which nobody can seal, is no key, however it is spelt", "[crypto][attack]") {
  SeededRandom random(3);
  const auto ends = [](std::size_t size, std::uint8_t first, std::uint8_t middle, std::uint8_t last) {
    Bytes bytes(size, middle);
    bytes.front() = first;
    bytes.back() = last;
    return bytes;
  };
  std::vector<Bytes> low{hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
                         hex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")};
  for (const std::uint8_t first : std::initializer_list<std::uint8_t>{0x00, 0x01}) low.push_back(ends(32, first, 0x00, 0x00));
  for (const std::uint8_t first : std::initializer_list<std::uint8_t>{0xec, 0xed, 0xee}) low.push_back(ends(32, first, 0xff, 0x7f));
  for (std::size_t i = 0, all = low.size(); i < all; ++i) {
    low.push_back(low[i]);
    low.back().back() |= 0x80;  // the bit that X25519 ignores
  }
  for (const std::uint8_t first : std::initializer_list<std::uint8_t>{0x00, 0x01}) low.push_back(ends(56, first, 0x00, 0x00));
  for (const std::uint8_t first : std::initializer_list<std::uint8_t>{0xfe, 0xff}) {
    low.push_back(Bytes(56, 0xff));
    low.back()[0] = first;
    low.back()[28] = 0xfe;
  }
  low.push_back(Bytes(56, 0xff));
  std::fill_n(low.back().begin(), 28, std::uint8_t{0});
  for (const Bytes& point : low) {
    CAPTURE(to_hex(point));
    const KemAlgorithm kem = point.size() == 32 ? KemAlgorithm::x25519_sha256 : KemAlgorithm::x448_sha512;
    CHECK_FALSE(KemPublicKey::parse(kem, point).ok());
    CHECK_FALSE(dh(kem, KemPrivateKey::generate(kem, random)->expose(), point).ok());  // it is of low order indeed
    Bytes neighbour = point;
    neighbour[5] ^= 0x10;
    CHECK(KemPublicKey::parse(kem, neighbour).ok());
  }
}

TEST_CASE("what is no key of a KEM does not become one", "[crypto][attack]") {
  SeededRandom random(2);
  for (const CipherSuite& suite : all_suites()) {
    CAPTURE(static_cast<int>(suite.id));
    const auto receiver = KemPrivateKey::generate(suite.kem, random);
    REQUIRE(receiver.ok());
    const ByteView bytes = receiver->public_key().bytes();
    for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(KemPublicKey::parse(suite.kem, bytes.first(size)).ok());
    Bytes longer = to_bytes(bytes);
    longer.push_back(0);
    CHECK_FALSE(KemPublicKey::parse(suite.kem, longer).ok());
    CHECK(receiver->decapsulate(longer).error().code == ErrorCode::malformed);
    CHECK(receiver->decapsulate(Bytes(bytes.size(), 0)).error().code == ErrorCode::malformed);
    CHECK_FALSE(KemPrivateKey::parse(suite.kem, Bytes(suite.kem_private_key_size + 1, 1)).ok());
    CHECK_FALSE(KemPrivateKey::parse(suite.kem, {}).ok());
  }
  for (const KemAlgorithm kem : {KemAlgorithm::p256_sha256, KemAlgorithm::p384_sha384, KemAlgorithm::p521_sha512}) {
    const auto receiver = KemPrivateKey::generate(kem, random);
    REQUIRE(receiver.ok());
    Bytes off_curve = to_bytes(receiver->public_key().bytes());
    off_curve.back() ^= 1;
    CHECK_FALSE(KemPublicKey::parse(kem, off_curve).ok());
    CHECK_FALSE(KemPrivateKey::parse(kem, Bytes(receiver->expose().size(), 0xFF)).ok());
    CHECK_FALSE(KemPrivateKey::parse(kem, Bytes(receiver->expose().size(), 0)).ok());
  }
}

TEST_CASE("a seeded source repeats itself and two seeds differ", "[crypto]") {
  std::set<Bytes> seen;
  for (const unsigned seed : {1U, 2U, 1U}) {
    SeededRandom random(seed);
    Bytes bytes(100);
    random.fill(ByteSpan(bytes).first(50));
    random.fill(ByteSpan(bytes).last(50));
    CHECK_FALSE(equal(ByteView(bytes).first(50), ByteView(bytes).last(50)));
    seen.insert(bytes);
  }
  CHECK(seen.size() == 2);
}
