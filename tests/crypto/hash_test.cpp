#include "crypto/hash.h"

#include <sodium.h>

#include <catch2/catch.hpp>

#include "crypto/hex.h"
#include "crypto/hkdf.h"
#include "crypto/random.h"

using namespace conclave;
using namespace conclave::crypto;
using conclave::test::hex;

TEST_CASE("SHA-2 gives the known answers of FIPS 180-4 for \"abc\"", "[crypto]") {
  const ByteView abc = as_bytes("abc");
  CHECK(to_hex(hash(HashAlgorithm::sha256, abc).view()) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(hash(HashAlgorithm::sha384, abc).view()) ==
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  CHECK(to_hex(hash(HashAlgorithm::sha512, abc).view()) ==
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST_CASE("a hash over parts is the hash over their concatenation", "[crypto]") {
  SeededRandom random(1);
  Bytes data(1000);
  random.fill(data);
  for (const HashAlgorithm algorithm : {HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512}) {
    const HmacKey key(algorithm, ByteView(data).first(200));
    for (std::size_t cut = 0; cut <= data.size(); cut += 37) {
      const ByteView head = ByteView(data).first(cut);
      const ByteView tail = ByteView(data).subspan(cut);
      REQUIRE(hash(algorithm, {head, {}, tail}) == hash(algorithm, data));
      Digest mac(hash_size(algorithm));
      key.mac({data}, mac.span());
      REQUIRE(key.verify({head, tail}, mac.view()));
      REQUIRE_FALSE(key.verify({head}, mac.view().first(mac.size() - 1)));
    }
  }
}

TEST_CASE("SHA-2 and HMAC give the bytes of libsodium for every length around a block", "[crypto]") {
  SeededRandom random(2);
  Bytes data(300);
  random.fill(data);
  Bytes key(32);
  random.fill(key);
  for (std::size_t size = 0; size <= data.size(); ++size) {
    const ByteView part = ByteView(data).first(size);
    Bytes expected(64);
    crypto_hash_sha512(expected.data(), part.data(), part.size());
    REQUIRE(equal(hash(HashAlgorithm::sha512, part).view(), expected));
    crypto_auth_hmacsha256(expected.data(), part.data(), part.size(), key.data());
    Digest mac(32);
    HmacKey(HashAlgorithm::sha256, key).mac({part}, mac.span());
    REQUIRE(equal(mac.view(), ByteView(expected).first(32)));
  }
}

TEST_CASE("HKDF gives the known answers of RFC 5869 appendix A.1 and A.3", "[crypto]") {
  Bytes prk(32);
  Bytes okm(42);
  hkdf_extract(HashAlgorithm::sha256, hex("000102030405060708090a0b0c"), Bytes(22, 0x0B), prk);
  CHECK(to_hex(prk) == "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  hkdf_expand(HashAlgorithm::sha256, prk, hex("f0f1f2f3f4f5f6f7f8f9"), okm);
  CHECK(to_hex(okm) == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  hkdf_extract(HashAlgorithm::sha256, {}, Bytes(22, 0x0B), prk);
  hkdf_expand(HashAlgorithm::sha256, prk, ByteView{}, okm);
  CHECK(to_hex(okm) == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}
