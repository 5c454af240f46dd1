// A member in the middle of a group, and another who signs and encrypts whatever it likes. Everything comes from one seed.
#pragma once

#include <cstdlib>

#include "base/bytes.h"
#include "crypto/aead.h"
#include "mls/group/group.h"

namespace conclave::mls {

inline constexpr UnixSeconds fuzz_now{1'800'000'000};

/// The malicious member of the fuzz targets.
class Insider {
 public:
  explicit Insider(Group& group) : group_(group) {}

  /// Any plaintext, encrypted as a message of ours.
  Bytes seal(ByteView plaintext, ContentType type) {
    PrivateMessage out{to_bytes(group_.group_id()), group_.epoch(), type, {}, {}, Bytes(plaintext.size() + crypto::aead_tag_size)};
    const HashRatchet& ratchet = group_.epoch_.secret_tree.ratchet(group_.own_leaf(), ratchet_kind(type));
    auto key = ratchet.peek(group_.suite(), ratchet.next_generation(), {});
    const Bytes aad = wire::encode(out.group_id, out.epoch, out.content_type, out.authenticated_data);
    crypto::AeadKey(group_.suite().aead, key->key.expose()).seal(key->nonce.expose(), aad, plaintext, out.ciphertext);
    const MessageKey hiding = sender_data_key(group_.suite(), group_.epoch_.secrets.sender_data_secret, out.ciphertext);
    const Bytes sender = wire::encode(group_.own_leaf(), ratchet.next_generation(), std::uint32_t{0});
    out.encrypted_sender_data.resize(sender.size() + crypto::aead_tag_size);
    crypto::AeadKey(group_.suite().aead, hiding.key.expose())
        .seal(hiding.nonce.expose(), wire::encode(out.group_id, out.epoch, out.content_type), sender, out.encrypted_sender_data);
    return encode_message(out);
  }

  /// A public message with this content, signed by `signer` in the name of `sender`. The leaf of a commit is signed as well.
  Bytes sign(Content content, Sender sender, const crypto::SignaturePrivateKey& signer, LeafIndex place) {
    if (auto* commit = std::get_if<CommitContent>(&content); commit != nullptr && commit->commit.path) {
      static_cast<void>(commit->commit.path->leaf_node.sign(signer, group_.group_id(), place));
    }
    AuthenticatedContent message = group_.frame(std::move(content), {}, WireFormat::public_message);
    message.content.sender = std::move(sender);
    static_cast<void>(message.sign(signer, group_.epoch_.context_bytes));
    if (message.content.content_type() == ContentType::commit) message.auth.confirmation_tag = Bytes(group_.suite().hash_size);
    const auto open = PublicMessage::protect(group_.suite(), std::move(message), group_.epoch_.secrets.membership_key, group_.epoch_.context_bytes);
    return open.ok() ? encode_message(*open) : Bytes();
  }

  /// All that is saved of a group, sealed always alike; secrets are split down to every leaf first, since peeking at a key may do that.
  Bytes whole_state() {
    const auto split = [](SecretTree& keys) {
      for (std::uint32_t i = 0; i < keys.leaf_count(); ++i) static_cast<void>(keys.ratchet({i}, RatchetKind::handshake));
    };
    split(group_.epoch_.secret_tree);
    for (auto& past : group_.past_) split(past.secret_tree);
    crypto::SeededRandom always_alike(0);
    return *group_.save(Bytes(32, 1), 0, always_alike);
  }

  [[nodiscard]] const crypto::SignaturePrivateKey& signer() const { return group_.signer_; }

 private:
  Group& group_;
};

/// The victim founded a group of five; Mallory (leaf 1) committed, proposed a removal, and the victim has a commit pending.
struct Middle {
  Middle() {
    std::vector<Proposal> adds;
    for (auto* bundle : {&mallorys, &others[0], &others[1], &others[2]}) adds.emplace_back(Add{std::make_shared<KeyPackage>(bundle->key_package)});
    const auto added = *victim.commit(std::move(adds), {}, fuzz_now, random);
    static_cast<void>(victim.merge_pending());
    mallory = *Group::join({*added.welcome, mallorys, {}, nullptr, nullptr, {}}, random);
    const auto commit = *mallory->commit({}, {}, fuzz_now, random);
    static_cast<void>(victim.merge(*victim.stage(commit.commit, fuzz_now)));
    static_cast<void>(mallory->merge_pending());
    static_cast<void>(victim.commit({}, {}, fuzz_now, random));
    removal = *mallory->propose_remove({3}, random);
    note_removal();
  }

  /// The victim has noted Mallory's proposal and nothing else.
  void note_removal() {
    victim.clear_proposals();
    static_cast<void>(victim.receive_proposal(removal, fuzz_now));
  }

  static ClientProfile profile() {
    return {BasicCredential{{1}}, Capabilities::of_library(crypto::SuiteId{1}), {}, {fuzz_now.value - 10, fuzz_now.value + 10}};
  }
  crypto::SignaturePrivateKey fresh_signer() { return *crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random); }
  KeyPackageBundle bundle() { return *KeyPackageBundle::generate(*crypto::find_suite(1), fresh_signer(), profile(), {}, random); }
  Group found() {
    GroupConfig config;
    config.group_id = {1, 2, 3, 4};
    config.signer = fresh_signer();
    config.profile = profile();
    return *Group::create(std::move(config), random);
  }

  crypto::SeededRandom random{7};
  Group victim = found();
  KeyPackageBundle mallorys = bundle();
  std::array<KeyPackageBundle, 3> others = {bundle(), bundle(), bundle()};
  crypto::SignaturePrivateKey eve = fresh_signer();  ///< who is no member
  std::optional<Group> mallory;
  Bytes removal;
};

}  // namespace conclave::mls
