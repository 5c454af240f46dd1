#include "mls/framing/private_message.h"
#include "mls/schedule/epoch_secrets.h"
#include "mls/schedule/group_context.h"
#include "mls/vectors/vector_support.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

void check_epoch(const crypto::CipherSuite& suite, const nlohmann::json& epoch, const GroupContext& context, InitSecret& init_secret) {
  const Bytes context_bytes = wire::encode(context);
  CHECK(same(context_bytes, epoch.at("group_context")));
  const auto commit_secret = CommitSecret::copy_of(hex(epoch, "commit_secret"));
  const auto psk_secret = PskSecret::copy_of(hex(epoch, "psk_secret"));
  const JoinerSecret joiner_secret = derive_joiner_secret(suite, init_secret, commit_secret, context_bytes);
  CHECK(same(joiner_secret.expose(), epoch.at("joiner_secret")));
  CHECK(same(derive_welcome_secret(suite, joiner_secret, psk_secret).expose(), epoch.at("welcome_secret")));
  EpochSecrets secrets = EpochSecrets::derive(suite, derive_epoch_secret(suite, joiner_secret, psk_secret, context_bytes));
  CHECK(same(secrets.init_secret.expose(), epoch.at("init_secret")));
  CHECK(same(secrets.sender_data_secret.expose(), epoch.at("sender_data_secret")));
  CHECK(same(secrets.encryption_secret.expose(), epoch.at("encryption_secret")));
  CHECK(same(secrets.exporter_secret.expose(), epoch.at("exporter_secret")));
  CHECK(same(secrets.epoch_authenticator.expose(), epoch.at("epoch_authenticator")));
  CHECK(same(secrets.external_secret.expose(), epoch.at("external_secret")));
  CHECK(same(secrets.confirmation_key.expose(), epoch.at("confirmation_key")));
  CHECK(same(secrets.membership_key.expose(), epoch.at("membership_key")));
  CHECK(same(secrets.resumption_psk.expose(), epoch.at("resumption_psk")));
  const auto external = external_key(suite, secrets.external_secret);
  REQUIRE(external.ok());
  CHECK(same(external->public_key().bytes(), epoch.at("external_pub")));
  const auto& exporter = epoch.at("exporter");
  Bytes exported(exporter.at("length").get<std::size_t>());
  export_secret(suite, secrets.exporter_secret, exporter.at("label").get<std::string>(), hex(exporter, "context"), exported);
  CHECK(same(exported, exporter.at("secret")));
  init_secret = std::move(secrets.init_secret);
}

}  // namespace

TEST_CASE("the key schedule gives the working group's secrets over several epochs", "[mls][vectors]") {
  for_each_case("key-schedule", [](const nlohmann::json& each) {
    const crypto::CipherSuite& suite = suite_of(each);
    auto init_secret = InitSecret::copy_of(hex(each, "initial_init_secret"));
    std::uint64_t number = 0;
    for (const auto& epoch : each.at("epochs")) {
      const GroupContext context{ProtocolVersion::mls10, suite.id, hex(each, "group_id"), number, hex(epoch, "tree_hash"), hex(epoch, "confirmed_transcript_hash"), {}};
      check_epoch(suite, epoch, context, init_secret);
      ++number;
    }
  });
}

TEST_CASE("pre-shared keys combine to the working group's psk_secret", "[mls][vectors]") {
  for_each_case("psk_secret", [](const nlohmann::json& each) {
    const crypto::CipherSuite& suite = suite_of(each);
    std::vector<Bytes> secrets;
    for (const auto& psk : each.at("psks")) secrets.push_back(hex(psk, "psk"));
    std::vector<NamedPsk> named;
    for (const auto& psk : each.at("psks")) named.push_back({{ExternalPskId{hex(psk, "psk_id")}, hex(psk, "psk_nonce")}, secrets[named.size()]});
    CHECK(same(combine_psks(suite, named).expose(), each.at("psk_secret")));
  });
}

TEST_CASE("transcript hashes are the working group's, and the confirmation tag verifies", "[mls][vectors]") {
  for_each_case("transcript-hashes", [](const nlohmann::json& each) {
    const crypto::CipherSuite& suite = suite_of(each);
    const auto commit = wire::decode<AuthenticatedContent>(hex(each, "authenticated_content"));
    REQUIRE(commit.ok());
    REQUIRE(commit->content.content_type() == ContentType::commit);
    const auto confirmed = confirmed_transcript_hash(suite, hex(each, "interim_transcript_hash_before"), *commit);
    CHECK(same(confirmed.view(), each.at("confirmed_transcript_hash_after")));
    CHECK(verify_mac(suite, hex(each, "confirmation_key"), confirmed.view(), commit->auth.confirmation_tag));
    const auto interim = interim_transcript_hash(suite, confirmed.view(), commit->auth.confirmation_tag);
    CHECK(same(interim.view(), each.at("interim_transcript_hash_after")));
  });
}

TEST_CASE("the secret tree gives the working group's keys and nonces", "[mls][vectors]") {
  for_each_case("secret-tree", [](const nlohmann::json& each) {
    const crypto::CipherSuite& suite = suite_of(each);
    const auto& sender = each.at("sender_data");
    const MessageKey hiding = sender_data_key(suite, SenderDataSecret::copy_of(hex(sender, "sender_data_secret")), hex(sender, "ciphertext"));
    CHECK(same(hiding.key.expose(), sender.at("key")));
    CHECK(same(hiding.nonce.expose(), sender.at("nonce")));

    const auto& leaves = each.at("leaves");
    SecretTree tree(suite, EncryptionSecret::copy_of(hex(each, "encryption_secret")), static_cast<std::uint32_t>(leaves.size()));
    for (std::uint32_t leaf = 0; leaf < leaves.size(); ++leaf) {
      for (const auto& step : leaves[leaf]) {
        const auto generation = step.at("generation").get<std::uint32_t>();
        const auto handshake = tree.peek({leaf}, RatchetKind::handshake, generation);
        const auto application = tree.peek({leaf}, RatchetKind::application, generation);
        REQUIRE(handshake.ok());
        REQUIRE(application.ok());
        CHECK(same(handshake->key.expose(), step.at("handshake_key")));
        CHECK(same(handshake->nonce.expose(), step.at("handshake_nonce")));
        CHECK(same(application->key.expose(), step.at("application_key")));
        CHECK(same(application->nonce.expose(), step.at("application_nonce")));
        tree.consume({leaf}, RatchetKind::handshake, generation);
        tree.consume({leaf}, RatchetKind::application, generation);
        CHECK_FALSE(tree.peek({leaf}, RatchetKind::application, generation).ok());
      }
    }
  });
}
