#include "mls/objects/labels.h"
#include "mls/vectors/vector_support.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

void check_signature(const crypto::CipherSuite& suite, const nlohmann::json& each) {
  const auto label = each.at("label").get<std::string>();
  const Bytes content = hex(each, "content");
  const auto public_key = crypto::SignaturePublicKey::parse(suite.signature, hex(each, "pub"));
  const auto private_key = crypto::SignaturePrivateKey::parse(suite.signature, hex(each, "priv"));
  REQUIRE(public_key.ok());
  REQUIRE(private_key.ok());
  CHECK(verify_with_label(*public_key, label, content, hex(each, "signature")));
  const auto signature = sign_with_label(*private_key, label, content);
  REQUIRE(signature.ok());
  CHECK(verify_with_label(*public_key, label, content, *signature));
  CHECK_FALSE(verify_with_label(*public_key, label + "x", content, *signature));
}

void check_encryption(const crypto::CipherSuite& suite, const nlohmann::json& each) {
  const auto label = each.at("label").get<std::string>();
  const Bytes context = hex(each, "context");
  const Bytes plaintext = hex(each, "plaintext");
  const auto public_key = crypto::KemPublicKey::parse(suite.kem, hex(each, "pub"));
  const auto private_key = crypto::KemPrivateKey::parse(suite.kem, hex(each, "priv"));
  REQUIRE(public_key.ok());
  REQUIRE(private_key.ok());
  const auto opened = decrypt_with_label(suite, *private_key, label, context, {hex(each, "kem_output"), hex(each, "ciphertext")});
  REQUIRE(opened.ok());
  CHECK(equal(opened->expose(), plaintext));
  const auto sealed = encrypt_with_label(suite, *public_key, label, context, plaintext, crypto::system_random());
  REQUIRE(sealed.ok());
  const auto again = decrypt_with_label(suite, *private_key, label, context, *sealed);
  REQUIRE(again.ok());
  CHECK(equal(again->expose(), plaintext));
}

}  // namespace

TEST_CASE("labelled operations give the working group's values in every suite", "[mls][vectors]") {
  for_each_case("crypto-basics", [](const nlohmann::json& each) {
    const crypto::CipherSuite& suite = suite_of(each);
    const auto& ref = each.at("ref_hash");
    CHECK(same(ref_hash(suite, ref.at("label").get<std::string>(), hex(ref, "value")).view(), ref.at("out")));

    const auto& expand = each.at("expand_with_label");
    Bytes out(expand.at("length").get<std::size_t>());
    expand_with_label(suite, hex(expand, "secret"), expand.at("label").get<std::string>(), hex(expand, "context"), out);
    CHECK(same(out, expand.at("out")));

    const auto& derive = each.at("derive_secret");
    const auto secret = derive_secret<Secret<struct TestTag>>(suite, hex(derive, "secret"), derive.at("label").get<std::string>());
    CHECK(same(secret.expose(), derive.at("out")));

    const auto& tree = each.at("derive_tree_secret");
    Bytes tree_out(tree.at("length").get<std::size_t>());
    derive_tree_secret(suite, hex(tree, "secret"), tree.at("label").get<std::string>(), tree.at("generation").get<std::uint32_t>(), tree_out);
    CHECK(same(tree_out, tree.at("out")));

    check_signature(suite, each.at("sign_with_label"));
    check_encryption(suite, each.at("encrypt_with_label"));
  });
}
