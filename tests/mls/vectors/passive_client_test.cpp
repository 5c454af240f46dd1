#include "mls/group/group.h"
#include "mls/vectors/vector_support.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

KeyPackage read_key_package(const nlohmann::json& each) {
  auto message = MlsMessage::decode(hex(each, "key_package"));
  REQUIRE(message.ok());
  return std::get<KeyPackageMessage>(message->body).key_package;
}

/// Joins as the case says, leaving lifetimes alone: the vectors are years old.
Group join(const nlohmann::json& each) {
  const crypto::CipherSuite& suite = suite_of(each);
  const KeyPackageBundle bundle{read_key_package(each), *crypto::KemPrivateKey::parse(suite.kem, hex(each, "init_priv")),
                                *crypto::KemPrivateKey::parse(suite.kem, hex(each, "encryption_priv")),
                                *crypto::SignaturePrivateKey::parse(suite.signature, hex(each, "signature_priv"))};
  PskStore psks;
  for (const auto& psk : each.at("external_psks")) psks.add_external(hex(psk, "psk_id"), SecretBuffer::copy_of(hex(psk, "psk")));
  const Bytes welcome = hex(each, "welcome");
  Bytes tree;
  JoinRequest request{.welcome = welcome, .bundle = bundle, .ratchet_tree = {}, .psks = &psks, .predecessor = nullptr, .options = {}};
  request.options.check_lifetimes = false;
  if (!each.at("ratchet_tree").is_null()) {
    tree = hex(each, "ratchet_tree");
    request.ratchet_tree = tree;
  }
  auto group = Group::join(request, crypto::system_random());
  if (!group.ok()) FAIL(name_of(group.error().code) << ": " << group.error().detail);
  for (const auto& psk : each.at("external_psks")) group->psks().add_external(hex(psk, "psk_id"), SecretBuffer::copy_of(hex(psk, "psk")));
  return std::move(*group);
}

void follow(Group& group, const nlohmann::json& epoch) {
  for (const auto& proposal : epoch.at("proposals")) {
    const auto received = group.receive_proposal(hex(proposal), {});
    if (!received.ok()) FAIL(name_of(received.error().code) << ": " << received.error().detail);
  }
  auto staged = group.stage(hex(epoch, "commit"), {});
  if (!staged.ok()) FAIL(name_of(staged.error().code) << ": " << staged.error().detail);
  REQUIRE(group.merge(std::move(*staged)).ok());
  CHECK(same(group.epoch_authenticator(), epoch.at("epoch_authenticator")));
}

void check_client(const nlohmann::json& each) {
  Group group = join(each);
  CHECK(same(group.epoch_authenticator(), each.at("initial_epoch_authenticator")));
  for (const auto& epoch : each.at("epochs")) follow(group, epoch);
}

}  // namespace

TEST_CASE("a passive client joins by the working group's Welcomes", "[mls][vectors]") { for_each_case("passive-client-welcome", check_client); }

TEST_CASE("a passive client follows the working group's commits", "[mls][vectors]") {
  for_each_case("passive-client-handling-commit", check_client);
}

TEST_CASE("a Welcome of the working group opens to its group info", "[mls][vectors]") {
  for_each_case("welcome", [](const nlohmann::json& each) {
    const crypto::CipherSuite& suite = suite_of(each);
    const auto init_key = crypto::KemPrivateKey::parse(suite.kem, hex(each, "init_priv"));
    const auto signer = crypto::SignaturePublicKey::parse(suite.signature, hex(each, "signer_pub"));
    REQUIRE(init_key.ok());
    REQUIRE(signer.ok());
    auto message = MlsMessage::decode(hex(each, "welcome"));
    REQUIRE(message.ok());
    const auto& welcome = std::get<Welcome>(message->body);
    const EncryptedGroupSecrets* entry = welcome.find(suite, read_key_package(each));
    REQUIRE(entry != nullptr);
    const auto secrets = welcome.open_secrets(suite, *entry, *init_key);
    REQUIRE(secrets.ok());
    const PskSecret no_psk = combine_psks(suite, {});
    const auto info = welcome.open_group_info(suite, derive_welcome_secret(suite, secrets->joiner_secret, no_psk));
    REQUIRE(info.ok());
    CHECK(info->verify(*signer));
    const Bytes context = wire::encode(info->group_context);
    const auto epoch = EpochSecrets::derive(suite, derive_epoch_secret(suite, secrets->joiner_secret, no_psk, context));
    CHECK(verify_mac(suite, epoch.confirmation_key.expose(), info->group_context.confirmed_transcript_hash, info->confirmation_tag));
  });
}
