#include "crypto/aead.h"

#include <sodium.h>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <iostream>

#include "crypto/evp_cipher.h"
#include "crypto/hex.h"
#include "crypto/ipsec_mb.h"
#include "crypto/random.h"

using namespace conclave;
using namespace conclave::crypto;
using conclave::test::hex;

namespace {

constexpr AeadAlgorithm algorithms[] = {AeadAlgorithm::aes_128_gcm, AeadAlgorithm::aes_256_gcm, AeadAlgorithm::chacha20_poly1305};

Bytes random_bytes(Random& random, std::size_t size) {
  Bytes bytes(size);
  random.fill(bytes);
  return bytes;
}

std::size_t random_below(Random& random, std::uint32_t limit) {
  const Bytes bytes = random_bytes(random, 4);
  return (std::uint32_t{bytes[0]} | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16) % limit;
}

struct Message {
  Bytes key, nonce, associated_data, plaintext;
};

Message random_message(Random& random, AeadAlgorithm algorithm, std::uint32_t size_limit) {
  return {random_bytes(random, aead_key_size(algorithm)), random_bytes(random, 12), random_bytes(random, random_below(random, 80)),
          random_bytes(random, random_below(random, size_limit))};
}

Bytes seal(const AeadKey& key, const Message& message) {
  Bytes out(message.plaintext.size() + aead_tag_size);
  key.seal(message.nonce, message.associated_data, message.plaintext, out);
  return out;
}

Bytes seal_with_openssl(AeadAlgorithm algorithm, const Message& message) {
  Bytes out(message.plaintext.size() + aead_tag_size);
  const EvpCipher cipher(fetched_aead(algorithm), message.key);
  cipher.seal(message.nonce.data(), message.associated_data, message.plaintext, out.data(), out.data() + message.plaintext.size());
  return out;
}

}  // namespace

TEST_CASE("what was sealed opens, in place and elsewhere", "[crypto]") {
  SeededRandom random(1);
  for (const AeadAlgorithm algorithm : algorithms) {
    for (int round = 0; round < 50; ++round) {
      const Message message = random_message(random, algorithm, 3000);
      const AeadKey key(algorithm, message.key);
      const Bytes sealed = seal(key, message);
      Bytes opened(message.plaintext.size());
      REQUIRE(key.open(message.nonce, message.associated_data, sealed, opened));
      REQUIRE(opened == message.plaintext);

      Bytes place = message.plaintext;
      place.resize(sealed.size());
      key.seal(message.nonce, message.associated_data, ByteView(place).first(message.plaintext.size()), place);
      REQUIRE(place == sealed);
      REQUIRE(key.open(message.nonce, message.associated_data, place, ByteSpan(place).first(message.plaintext.size())));
      REQUIRE(equal(ByteView(place).first(message.plaintext.size()), message.plaintext));
    }
  }
}

TEST_CASE("every flipped bit is refused and nothing of the plaintext is left", "[crypto][attack]") {
  SeededRandom random(2);
  for (const AeadAlgorithm algorithm : algorithms) {
    const Message message{random_bytes(random, aead_key_size(algorithm)), random_bytes(random, 12), random_bytes(random, 9),
                          random_bytes(random, 40)};
    const AeadKey key(algorithm, message.key);
    const Bytes sealed = seal(key, message);
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
      Bytes damaged = sealed;
      damaged[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
      Bytes opened(message.plaintext.size(), 0xAA);
      REQUIRE_FALSE(key.open(message.nonce, message.associated_data, damaged, opened));
      REQUIRE(opened == Bytes(opened.size(), 0));
    }
    for (std::size_t size = 0; size < sealed.size(); ++size) {
      Bytes opened(size < aead_tag_size ? 0 : size - aead_tag_size);
      REQUIRE_FALSE(key.open(message.nonce, message.associated_data, ByteView(sealed).first(size), opened));
    }
    Bytes opened(message.plaintext.size());
    REQUIRE_FALSE(key.open(message.nonce, ByteView(message.associated_data).first(8), sealed, opened));
  }
}

TEST_CASE("the fast implementation and OpenSSL give the same bytes", "[crypto]") {
  SeededRandom random(3);
  for (const AeadAlgorithm algorithm : algorithms) {
    const ipsec_mb::Cipher* fast = ipsec_mb::find(algorithm);
    if (fast == nullptr) {
#if defined(__x86_64__)
      if (std::getenv("CI") != nullptr) FAIL("libipsec-mb is missing under CI, or does not know this machine");
#endif
      std::cout << "SKIPPED: this machine has no second implementation" << std::endl;
      return;
    }
    for (int round = 0; round < 600; ++round) {
      const Message message = random_message(random, algorithm, round % 10 == 0 ? 70'000 : 600);
      ipsec_mb::ExpandedKey expanded;
      fast->expand(message.key, expanded);
      Bytes out(message.plaintext.size() + aead_tag_size);
      fast->seal(expanded, message.nonce.data(), message.associated_data, message.plaintext, out.data(),
                 out.data() + message.plaintext.size());
      REQUIRE(out == seal_with_openssl(algorithm, message));

      const EvpCipher slow(fetched_aead(algorithm), message.key);
      Bytes opened(message.plaintext.size());
      REQUIRE(slow.open(message.nonce.data(), message.associated_data, ByteView(out).first(opened.size()),
                        out.data() + opened.size(), opened.data()));
      REQUIRE(opened == message.plaintext);
      std::uint8_t tag[16];
      fast->open(expanded, message.nonce.data(), message.associated_data, ByteView(out).first(opened.size()), opened.data(), tag);
      REQUIRE(opened == message.plaintext);
      REQUIRE(equal(tag, ByteView(out).last(16)));
    }
  }
}

TEST_CASE("ChaCha20-Poly1305 gives the bytes of libsodium", "[crypto]") {
  SeededRandom random(4);
  for (int round = 0; round < 300; ++round) {
    const Message message = random_message(random, AeadAlgorithm::chacha20_poly1305, 2000);
    Bytes expected(message.plaintext.size() + aead_tag_size);
    crypto_aead_chacha20poly1305_ietf_encrypt(expected.data(), nullptr, message.plaintext.data(), message.plaintext.size(),
                                              message.associated_data.data(), message.associated_data.size(), nullptr,
                                              message.nonce.data(), message.key.data());
    REQUIRE(seal(AeadKey(AeadAlgorithm::chacha20_poly1305, message.key), message) == expected);
  }
}

TEST_CASE("AES-GCM seals the known answer of the GCM specification", "[crypto]") {
  // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 4.
  const AeadKey key(AeadAlgorithm::aes_128_gcm, hex("feffe9928665731c6d6a8f9467308308"));
  const Message message{{}, hex("cafebabefacedbaddecaf888"), hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
                        hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")};
  CHECK(to_hex(seal(key, message)) ==
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
        "5bc94fbc3221a5db94fae95ae7121a47");
}
