// The MLS working group's crypto-basics: known answers of HPKE and signatures for all seven suites.
#include <iostream>

#include "crypto/hash.h"
#include "crypto/hex.h"
#include "crypto/hpke.h"
#include "crypto/signature.h"
#include "support/shared.h"

using namespace conclave;
using namespace conclave::crypto;
using nlohmann::json;

namespace {

Bytes field(const json& object, const char* name) { return test::hex(object.at(name).get<std::string>()); }

/// A label and a value, as in the structs of RFC 9420 section 5.1; every length here fits into one byte or two.
Bytes labeled(const json& object, const Bytes& value) {
  const std::string label = "MLS 1.0 " + object.at("label").get<std::string>();
  Bytes out;
  for (const ByteView part : {as_bytes(label), ByteView(value)}) {
    if (part.size() >= 64) out.push_back(0x40);  // the two-byte form
    out.push_back(static_cast<std::uint8_t>(part.size()));
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

}  // namespace

TEST_CASE("HPKE and signatures of all seven suites agree with the MLS working group's vectors", "[crypto][vectors]") {
  const json document = test::shared_json("vectors/mls/crypto-basics.json");
  if (document.is_null()) return;
  std::size_t ran = 0;
  for (const json& vector : document) {
    const CipherSuite* suite = find_suite(vector.at("cipher_suite").get<std::uint16_t>());
    REQUIRE(suite != nullptr);
    CAPTURE(static_cast<int>(suite->id));

    const json& encrypted = vector.at("encrypt_with_label");
    const auto receiver = KemPrivateKey::parse(suite->kem, field(encrypted, "priv"));
    REQUIRE(receiver.ok());
    CHECK(equal(receiver->public_key().bytes(), field(encrypted, "pub")));
    const auto opened = hpke_open(*suite, *receiver, field(encrypted, "kem_output"), labeled(encrypted, field(encrypted, "context")),
                                  {}, field(encrypted, "ciphertext"));
    REQUIRE(opened.ok());
    CHECK(equal(opened->expose(), field(encrypted, "plaintext")));

    const json& sign = vector.at("sign_with_label");
    const auto signer = SignaturePrivateKey::parse(suite->signature, field(sign, "priv"));
    REQUIRE(signer.ok());
    CHECK(equal(signer->public_key().bytes(), field(sign, "pub")));
    const Bytes content = labeled(sign, field(sign, "content"));
    CHECK(signer->public_key().verify(content, field(sign, "signature")));
    const auto signature = signer->sign(content);
    REQUIRE(signature.ok());
    CHECK(signer->public_key().verify(content, *signature));
    ++ran;
  }
  std::cout << "crypto-basics: " << ran << " suites ran" << std::endl;
  CHECK(ran == 7);
}
