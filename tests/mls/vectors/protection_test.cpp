#include "mls/framing/message.h"
#include "mls/vectors/vector_support.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

/// The two members of a case: the sender is leaf 1.
struct Pair {
  explicit Pair(const nlohmann::json& json) : each(json), suite(suite_of(json)) {
    const GroupContext group_context{ProtocolVersion::mls10, suite.id, hex(each, "group_id"), each.at("epoch").get<std::uint64_t>(),
                                     hex(each, "tree_hash"), hex(each, "confirmed_transcript_hash"), {}};
    context = wire::encode(group_context);
    public_key = *crypto::SignaturePublicKey::parse(suite.signature, hex(each, "signature_pub"));
    private_key = *crypto::SignaturePrivateKey::parse(suite.signature, hex(each, "signature_priv"));
    membership_key = MembershipKey::copy_of(hex(each, "membership_key"));
    sender_data_secret = SenderDataSecret::copy_of(hex(each, "sender_data_secret"));
  }

  [[nodiscard]] SecretTree keys() const { return {suite, EncryptionSecret::copy_of(hex(each, "encryption_secret")), 2}; }

  [[nodiscard]] AuthenticatedContent open_public(ByteView bytes) const {
    auto message = MlsMessage::decode(bytes);
    REQUIRE(message.ok());
    auto opened = PublicMessage::unprotect(suite, std::get<PublicMessage>(std::move(message->body)), membership_key, context);
    REQUIRE(opened.ok());
    CHECK(opened->verify(public_key, context));
    return std::move(*opened);
  }

  [[nodiscard]] AuthenticatedContent open_private(ByteView bytes) const {
    auto message = MlsMessage::decode(bytes);
    REQUIRE(message.ok());
    SecretTree tree = keys();
    auto opened = unprotect_private(suite, tree, sender_data_secret, std::get<PrivateMessage>(message->body));
    REQUIRE(opened.ok());
    CHECK(opened->sender == LeafIndex{1});
    CHECK(opened->message.verify(public_key, context));
    return std::move(opened->message);
  }

  /// Our own message of this content.
  [[nodiscard]] AuthenticatedContent say(Content content, WireFormat format) const {
    AuthenticatedContent message;
    message.wire_format = format;
    message.content = {hex(each, "group_id"), each.at("epoch").get<std::uint64_t>(), MemberSender{{1}}, {}, std::move(content)};
    if (message.content.content_type() == ContentType::commit) message.auth.confirmation_tag = Bytes(suite.hash_size, 7);
    REQUIRE(message.sign(private_key, context).ok());
    return message;
  }

  const nlohmann::json& each;
  const crypto::CipherSuite& suite;
  Bytes context;
  crypto::SignaturePublicKey public_key;
  crypto::SignaturePrivateKey private_key;
  MembershipKey membership_key;
  SenderDataSecret sender_data_secret;
};

Bytes raw_of(const AuthenticatedContent& message) {
  return std::visit([](const auto& arm) { return wire::encode(arm); }, message.content.content);
}

template <class Arm>
Content content_of(ByteView raw) {
  auto value = wire::decode<Arm>(raw);
  REQUIRE(value.ok());
  return Content(std::move(*value));
}

template <class Arm>
void check_kind(const Pair& pair, const std::string& name, bool as_public) {
  INFO(name);
  Bytes raw = hex(pair.each, name.c_str());
  if constexpr (std::is_same_v<Arm, ApplicationContent>) raw = wire::encode(wire::Opaque{raw});
  CHECK(raw_of(pair.open_private(hex(pair.each, (name + "_priv").c_str()))) == raw);
  SecretTree tree = pair.keys();
  const auto sealed = protect_private(pair.suite, tree, pair.sender_data_secret, {1}, pair.say(content_of<Arm>(raw), WireFormat::private_message), 32,
                                      crypto::system_random());
  REQUIRE(sealed.ok());
  CHECK(raw_of(pair.open_private(encode_message(*sealed))) == raw);
  auto wrapped = PublicMessage::protect(pair.suite, pair.say(content_of<Arm>(raw), WireFormat::public_message), pair.membership_key, pair.context);
  CHECK(wrapped.ok() == as_public);
  if (!as_public) return;
  CHECK(raw_of(pair.open_public(encode_message(*wrapped))) == raw);
  CHECK(raw_of(pair.open_public(hex(pair.each, (name + "_pub").c_str()))) == raw);
}

}  // namespace

TEST_CASE("protected messages of the working group open, and ours do, and application data is never public", "[mls][vectors]") {
  for_each_case("message-protection", [](const nlohmann::json& each) {
    const Pair pair(each);
    check_kind<ProposalContent>(pair, "proposal", true);
    check_kind<CommitContent>(pair, "commit", true);
    check_kind<ApplicationContent>(pair, "application", false);
  });
}
