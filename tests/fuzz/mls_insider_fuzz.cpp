// A member in the middle of a group gets bytes from the network, and from another member: what the fuzzer makes is also
// wrapped into messages that decrypt, so that it reaches what lies behind the encryption.
#include <cstdlib>

#include "base/bytes.h"
#include "crypto/aead.h"
#include "mls/group/group.h"

using namespace conclave;
using namespace conclave::mls;

namespace conclave::mls {

/// Seals any content as another member could.
class Insider {
 public:
  static Bytes seal(Group& group, ByteView content, ContentType type, crypto::Random& random) {
    PrivateMessage out{to_bytes(group.group_id()), group.epoch(), type, {}, {}, Bytes(content.size() + crypto::aead_tag_size)};
    auto next = group.epoch_.secret_tree.ratchet({1}, ratchet_kind(type)).peek(group.suite(), 0, {});
    if (!next.ok()) std::abort();
    const Bytes aad = wire::encode(out.group_id, out.epoch, out.content_type, out.authenticated_data);
    crypto::AeadKey(group.suite().aead, next->key.expose()).seal(next->nonce.expose(), aad, content, out.ciphertext);
    const MessageKey hiding = sender_data_key(group.suite(), group.epoch_.secrets.sender_data_secret, out.ciphertext);
    const Bytes sender = wire::encode(std::uint32_t{1}, std::uint32_t{0}, std::uint32_t{0});
    out.encrypted_sender_data.resize(sender.size() + crypto::aead_tag_size);
    crypto::AeadKey(group.suite().aead, hiding.key.expose())
        .seal(hiding.nonce.expose(), wire::encode(out.group_id, out.epoch, out.content_type), sender, out.encrypted_sender_data);
    static_cast<void>(random);
    return encode_message(out);
  }
};

}  // namespace conclave::mls

namespace {

constexpr UnixSeconds now{1'800'000'000};

Group make_group(crypto::Random& random) {
  const auto profile = [] { return ClientProfile{BasicCredential{{1}}, Capabilities::of_library(crypto::SuiteId{1}), {}, {now.value - 10, now.value + 10}}; };
  GroupConfig config;
  config.signer = *crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random);
  config.profile = profile();
  Group group = *Group::create(std::move(config), random);
  std::vector<Proposal> adds;
  for (int i = 0; i < 4; ++i) {
    const auto signer = *crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random);
    const auto bundle = *KeyPackageBundle::generate(*crypto::find_suite(1), signer, profile(), {}, random);
    adds.emplace_back(Add{std::make_shared<KeyPackage>(bundle.key_package)});
  }
  static_cast<void>(group.commit(std::move(adds), {}, now, random));
  static_cast<void>(group.merge_pending());
  return group;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static crypto::SeededRandom random(7);
  static Group group = make_group(random);
  static const Bytes authenticator = to_bytes(group.epoch_authenticator());
  static const Bytes tree = group.ratchet_tree();
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  const auto type = static_cast<ContentType>(1 + data[0] % 3);
  for (const Bytes& message : {to_bytes(bytes), Insider::seal(group, bytes, type, random)}) {
    static_cast<void>(group.unprotect(message));
    static_cast<void>(group.receive_proposal(message, now));
    static_cast<void>(group.stage(message, now));
  }
  group.clear_proposals();
  if (!equal(group.epoch_authenticator(), authenticator) || group.ratchet_tree() != tree) std::abort();
  return 0;
}
