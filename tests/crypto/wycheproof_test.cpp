// Project Wycheproof's vectors (C2SP/wycheproof, testvectors_v1): valid ones are taken, hostile ones refused.
#include <functional>
#include <iostream>

#include "crypto/aead.h"
#include "crypto/dh.h"
#include "crypto/hash.h"
#include "crypto/hex.h"
#include "crypto/hkdf.h"
#include "crypto/signature.h"
#include "support/shared.h"

using namespace conclave;
using namespace conclave::crypto;
using nlohmann::json;

namespace {

Bytes field(const json& object, const char* name) { return test::hex(object.at(name).get<std::string>()); }

bool has_flag(const json& vector, const char* flag) {
  const auto& flags = vector.at("flags");
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

/// Runs `accepts` for every vector and compares its answer, where there is one, with the expected result.
/// "Acceptable" vectors are legal but dangerous; `accepts` decides about each by itself.
void run(const std::string& file, const std::function<std::optional<bool>(const json& group, const json& vector)>& accepts,
         std::size_t least) {
  const json document = test::shared_json("vectors/wycheproof/" + file + "_test.json");
  if (document.is_null()) return;
  std::size_t ran = 0;
  std::size_t outside = 0;
  for (const json& group : document.at("testGroups")) {
    for (const json& vector : group.at("tests")) {
      CAPTURE(file, vector.at("tcId").get<int>(), vector.at("comment").get<std::string>());
      const std::optional<bool> accepted = accepts(group, vector);
      if (!accepted) {
        ++outside;
        continue;
      }
      ++ran;
      const auto result = vector.at("result").get<std::string>();
      if (result != "acceptable") CHECK(*accepted == (result == "valid"));
    }
  }
  std::cout << file << ": " << ran << " vectors ran, " << outside << " are outside our interface" << std::endl;
  CHECK(ran >= least);
}

std::optional<bool> aead(AeadAlgorithm algorithm, const json& vector) {
  const Bytes nonce = field(vector, "iv");
  if (nonce.size() != aead_nonce_size) return std::nullopt;
  Bytes sealed = field(vector, "ct");
  const Bytes tag = field(vector, "tag");
  sealed.insert(sealed.end(), tag.begin(), tag.end());
  const Bytes plaintext = field(vector, "msg");
  const AeadKey key(algorithm, field(vector, "key"));
  const Bytes associated_data = field(vector, "aad");
  Bytes opened(plaintext.size());
  const bool opens = key.open(nonce, associated_data, sealed, opened);
  Bytes ours(plaintext.size() + aead_tag_size);
  key.seal(nonce, associated_data, plaintext, ours);
  return opens && opened == plaintext && ours == sealed;
}

std::optional<bool> hkdf(HashAlgorithm algorithm, const json& vector) {
  const auto size = vector.at("size").get<std::size_t>();
  if (size > 255 * hash_size(algorithm)) return std::nullopt;  // a precondition of our function
  Bytes prk(hash_size(algorithm));
  hkdf_extract(algorithm, field(vector, "salt"), field(vector, "ikm"), prk);
  Bytes okm(size);
  hkdf_expand(algorithm, prk, field(vector, "info"), okm);
  return okm == field(vector, "okm");
}

}  // namespace

TEST_CASE("AES-GCM agrees with Wycheproof", "[crypto][vectors]") {
  run("aes_gcm", [](const json& group, const json& vector) -> std::optional<bool> {
    const int size = group.at("keySize").get<int>();
    if (size == 192) return std::nullopt;
    return aead(size == 128 ? AeadAlgorithm::aes_128_gcm : AeadAlgorithm::aes_256_gcm, vector);
  }, 133);
}

TEST_CASE("ChaCha20-Poly1305 agrees with Wycheproof", "[crypto][vectors]") {
  run("chacha20_poly1305", [](const json&, const json& vector) { return aead(AeadAlgorithm::chacha20_poly1305, vector); }, 300);
}

TEST_CASE("ECDH on P-256 agrees with Wycheproof and takes uncompressed points alone", "[crypto][vectors]") {
  run("ecdh_secp256r1_ecpoint", [](const json&, const json& vector) -> std::optional<bool> {
    Bytes private_key = field(vector, "private");
    while (private_key.size() > 32) private_key.erase(private_key.begin());
    private_key.insert(private_key.begin(), 32 - private_key.size(), 0);
    const auto secret = dh(KemAlgorithm::p256_sha256, private_key, field(vector, "public"));
    if (has_flag(vector, "CompressedPoint")) CHECK_FALSE(secret.ok());
    return secret.ok() && equal(secret->expose(), field(vector, "shared"));
  }, 355);
}

TEST_CASE("X25519 agrees with Wycheproof and refuses the all-zero secret", "[crypto][vectors]") {
  run("x25519", [](const json&, const json& vector) -> std::optional<bool> {
    const auto secret = dh(KemAlgorithm::x25519_sha256, field(vector, "private"), field(vector, "public"));
    CHECK(secret.ok() == !has_flag(vector, "ZeroSharedSecret"));
    if (secret.ok()) CHECK(equal(secret->expose(), field(vector, "shared")));
    return secret.ok();
  }, 518);
}

TEST_CASE("ECDSA on P-256 agrees with Wycheproof", "[crypto][vectors]") {
  run("ecdsa_secp256r1_sha256", [](const json& group, const json& vector) -> std::optional<bool> {
    const auto key = SignaturePublicKey::parse(SignatureAlgorithm::ecdsa_p256_sha256, field(group.at("publicKey"), "uncompressed"));
    return key.ok() && key->verify(field(vector, "msg"), field(vector, "sig"));
  }, 484);
}

TEST_CASE("Ed25519 agrees with Wycheproof", "[crypto][vectors]") {
  run("ed25519", [](const json& group, const json& vector) -> std::optional<bool> {
    const auto key = SignaturePublicKey::parse(SignatureAlgorithm::ed25519, field(group.at("publicKey"), "pk"));
    return key.ok() && key->verify(field(vector, "msg"), field(vector, "sig"));
  }, 151);
}

TEST_CASE("HKDF agrees with Wycheproof", "[crypto][vectors]") {
  run("hkdf_sha256", [](const json&, const json& vector) { return hkdf(HashAlgorithm::sha256, vector); }, 83);
  run("hkdf_sha512", [](const json&, const json& vector) { return hkdf(HashAlgorithm::sha512, vector); }, 80);
}

TEST_CASE("HMAC-SHA-256 agrees with Wycheproof", "[crypto][vectors]") {
  run("hmac_sha256", [](const json&, const json& vector) -> std::optional<bool> {
    const Bytes tag = field(vector, "tag");
    const HmacKey key(HashAlgorithm::sha256, field(vector, "key"));
    Digest mac(32);
    key.mac({field(vector, "msg")}, mac.span());
    const bool same = equal(mac.view().first(tag.size()), tag);
    if (tag.size() == 32) CHECK(key.verify({field(vector, "msg")}, tag) == same);
    return same;
  }, 174);
}
