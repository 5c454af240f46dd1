// A member who does what the protocol forbids, with its own keys.
#pragma once

#include <algorithm>
#include <functional>

#include "crypto/aead.h"
#include "mls/group/commit_changes.h"
#include "mls/group/transaction.h"
#include "mls/support/world.h"

namespace conclave::mls {

/// Makes commits by hand: an honest one is drafted, bent by the test, signed and sent.
class Insider {
 public:
  Insider(Group& group, crypto::Random& random) : group_(group), random_(random) {}

  /// A commit of these proposals with an honest path, unless `bend` changes the path before its leaf is signed and it is encrypted.
  Commit draft(const std::vector<Proposal>& proposals, bool with_path = true) {
    Commit commit;
    ProposalList list;
    for (const Proposal& proposal : proposals) {
      commit.proposals.emplace_back(InlineProposal{proposal});
      list.push_back(std::make_shared<SentProposal>(SentProposal{proposal, MemberSender{group_.own_leaf()}, {}, true}));
    }
    if (!with_path) return commit;
    Transaction transaction(group_.tree_);
    const auto applied = apply_proposals(group_.tree_, list);
    PrivateKeys keys = group_.epoch_.keys;
    const LeafIndex own = group_.own_leaf();
    LeafNode leaf = leaf_override ? *leaf_override : group_.tree_.leaf(own)->parsed();
    auto path = renew_path(group_.tree_, keys, own, std::move(leaf), signer_override ? *signer_override : group_.signer_, group_.group_id(), random_);
    const Bytes context = wire::encode(provisional_context(group_.context(), group_.tree_, extensions_after(list, group_.extensions())));
    const std::vector<LeafIndex> joiners = applied.ok() ? applied->joiners : std::vector<LeafIndex>();
    commit.path = encrypt ? encrypt(*path, context) : *encrypt_path(group_.tree_, *path, context, joiners, random_);
    return commit;
  }

  /// Signs the leaf of a path again after it was bent.
  void sign_leaf(LeafNode& leaf) { static_cast<void>(leaf.sign(group_.signer_, group_.group_id(), group_.own_leaf())); }

  /// Sends a message of this content in our name, or in that of `claimed` (signed by us all the same).
  Bytes send(Content content, std::optional<Sender> claimed = {}, WireFormat format = WireFormat::public_message) {
    AuthenticatedContent message = group_.frame(std::move(content), {}, format);
    if (claimed) message.content.sender = *claimed;
    static_cast<void>(message.sign(signer_override ? *signer_override : group_.signer_, group_.epoch_.context_bytes));
    if (message.content.content_type() == ContentType::commit) message.auth.confirmation_tag = Bytes(group_.suite().hash_size, 1);
    return resend(std::move(message));
  }
  /// A signed message as it is, with a fresh membership tag or encrypted.
  Bytes resend(AuthenticatedContent message) { return *group_.protect_handshake(std::move(message), random_); }
  Bytes send_commit(Commit commit, std::optional<Sender> claimed = {}) { return send(CommitContent{std::move(commit)}, claimed); }

  /// Sends a private message whose sender data names this leaf and generation.
  Bytes send_private(AuthenticatedContent message, LeafIndex leaf, std::uint32_t generation) {
    SecretTree& keys = group_.epoch_.secret_tree;
    HashRatchet& ratchet = keys.ratchet(leaf, ratchet_kind(message.content.content_type()));
    while (ratchet.next_generation() < generation) static_cast<void>(ratchet.take_next(group_.suite()));
    return encode_message(*protect_private(group_.suite(), keys, group_.epoch_.secrets.sender_data_secret, leaf, std::move(message), 1, random_));
  }

  /// What another member signed for this epoch, sealed once more as that member seals it.
  Bytes seal_again(ByteView message) {
    const MlsMessage decoded = *MlsMessage::decode(message);
    auto opened = *unprotect_private(group_.suite(), group_.epoch_.secret_tree, group_.epoch_.secrets.sender_data_secret, std::get<PrivateMessage>(decoded.body));
    return send_private(std::move(opened.message), opened.sender, opened.generation + 5);
  }

  /// A private message with forged sender data, and rubbish where the content should be.
  Bytes send_generation(LeafIndex leaf, std::uint32_t generation, ContentType type) { return send_sealed(Bytes(64, 5), leaf, generation, type); }

  /// A private message of ours whose plaintext is whatever we like.
  Bytes send_plaintext(ByteView plaintext, ContentType type) {
    const PrivateMessage header{to_bytes(group_.group_id()), group_.epoch(), type, {}, {}, {}};
    const auto [generation, key] = *group_.epoch_.secret_tree.ratchet(group_.own_leaf(), ratchet_kind(type)).take_next(group_.suite());
    const Bytes aad = wire::encode(header.group_id, header.epoch, header.content_type, header.authenticated_data);
    Bytes ciphertext(plaintext.size() + crypto::aead_tag_size);
    crypto::AeadKey(group_.suite().aead, key.key.expose()).seal(key.nonce.expose(), aad, plaintext, ciphertext);
    return send_sealed(std::move(ciphertext), group_.own_leaf(), generation, type);
  }

  /// A private message with this ciphertext, in whose sender data the reuse guard is zero.
  Bytes send_sealed(Bytes ciphertext, LeafIndex leaf, std::uint32_t generation, ContentType type) {
    PrivateMessage message{to_bytes(group_.group_id()), group_.epoch(), type, {}, {}, std::move(ciphertext)};
    const MessageKey key = sender_data_key(group_.suite(), group_.epoch_.secrets.sender_data_secret, message.ciphertext);
    const Bytes sender_data = wire::encode(leaf, generation, std::uint32_t{0});
    message.encrypted_sender_data.resize(sender_data.size() + 16);
    const Bytes aad = wire::encode(message.group_id, message.epoch, message.content_type);
    crypto::AeadKey(group_.suite().aead, key.key.expose()).seal(key.nonce.expose(), aad, sender_data, message.encrypted_sender_data);
    return encode_message(message);
  }

  AuthenticatedContent signed_application(ByteView text) {
    AuthenticatedContent message = group_.frame(ApplicationContent{SecretBuffer::copy_of(text)}, {}, WireFormat::private_message);
    static_cast<void>(message.sign(group_.signer_, group_.epoch_.context_bytes));
    return message;
  }

  /// All that is saved of a group, sealed always alike: equal exactly when nothing changed. Secrets are split down to every leaf
  /// first, since peeking at a key may do that.
  static Bytes whole_state(Group& group) {
    const auto split = [](SecretTree& keys) {
      for (std::uint32_t i = 0; i < keys.leaf_count(); ++i) static_cast<void>(keys.ratchet({i}, RatchetKind::handshake));
    };
    split(group.epoch_.secret_tree);
    for (auto& past : group.past_) split(past.secret_tree);
    crypto::SeededRandom always_alike(0);
    auto state = group.save(Bytes(32, 1), 0, always_alike);
    return state.ok() ? std::move(state).value() : group.ratchet_tree();  // a removed member has none
  }

  RatchetTree& tree() { return group_.tree_; }
  const crypto::SignaturePrivateKey& signer() { return group_.signer_; }
  [[nodiscard]] GroupInfo group_info() { return *group_.make_group_info(group_.epoch_, true, true, group_.signer_); }
  /// Of our own ratchet.
  std::uint32_t next_generation(RatchetKind kind) { return group_.epoch_.secret_tree.ratchet(group_.own_leaf(), kind).next_generation(); }
  /// A leaf's ratchet of the epoch before this one.
  const HashRatchet& past_ratchet(LeafIndex leaf, RatchetKind kind) { return group_.past_.front().secret_tree.ratchet(leaf, kind); }
  /// Whether any secrets that the group holds, of whichever epoch, decrypt a message, whatever epoch it is of. None is spent.
  bool reads(const PrivateMessage& message) {
    const auto with = [&](SecretTree& keys, const SenderDataSecret& hiding) {
      return !hiding.empty() && unprotect_private(group_.suite(), keys, hiding, message).ok();
    };
    return with(group_.epoch_.secret_tree, group_.epoch_.secrets.sender_data_secret) ||
           std::ranges::any_of(group_.past_, [&](auto& past) { return with(past.secret_tree, past.sender_data_secret); });
  }
  [[nodiscard]] const EpochState& epoch() { return group_.epoch_; }

  /// Encrypts the path of a draft in its own way, under this group context.
  std::function<UpdatePath(NewPath&, ByteView)> encrypt;
  std::optional<LeafNode> leaf_override;
  std::optional<crypto::SignaturePrivateKey> signer_override;

 private:
  Group& group_;
  crypto::Random& random_;
};

}  // namespace conclave::mls
