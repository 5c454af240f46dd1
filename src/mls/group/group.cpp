#include "mls/group/group.h"

#include <algorithm>

#include "base/bytes.h"
#include "mls/tree/grease.h"
#include "mls/tree/leaf_validation.h"

namespace conclave::mls {

Group::Group(const crypto::CipherSuite& suite, RatchetTree tree, EpochState epoch, crypto::SignaturePrivateKey signer, GroupOptions options)
    : suite_(&suite), tree_(std::move(tree)), epoch_(std::move(epoch)), signer_(std::move(signer)), options_(options) {
  epoch_.secret_tree.set_limits(options_.ratchet);
  if (!epoch_.secrets.resumption_psk.empty()) {
    psks_.add_resumption(epoch_.context.group_id, epoch_.context.epoch, epoch_.secrets.resumption_psk.clone());
  }
}

Result<Group> Group::create(GroupConfig config, crypto::Random& random) {
  const crypto::CipherSuite* suite = crypto::find_suite(static_cast<std::uint16_t>(config.suite));
  if (suite == nullptr) return Error{ErrorCode::invalid_argument, "unknown cipher suite"};
  if (config.group_id.empty()) {
    config.group_id.resize(suite->hash_size);
    random.fill(config.group_id);
  }
  config.profile.capabilities.announce(config.extensions);
  CONCLAVE_ASSIGN(bundle, KeyPackageBundle::generate(*suite, config.signer, std::move(config.profile), {}, random));
  CONCLAVE_TRY(bundle.key_package.validate(std::nullopt));
  CONCLAVE_TRY(check_lifetime_length(bundle.key_package.leaf_node));

  RatchetTree tree(*suite, random);
  const LeafIndex own_leaf = tree.place(TreeLeaf(bundle.key_package.leaf_node));
  CONCLAVE_TRY(check_support(tree, config.extensions));
  GroupContext context{ProtocolVersion::mls10, suite->id, std::move(config.group_id), 0, to_bytes(tree.tree_hash()), {}, std::move(config.extensions)};

  // RFC 9420 section 11: the first epoch secret is random.
  EpochSecret epoch_secret(suite->hash_size);
  random.fill(epoch_secret.expose_mutable());
  EpochState epoch;
  epoch.context_bytes = wire::encode(context);
  epoch.context = std::move(context);
  epoch.secrets = EpochSecrets::derive(*suite, epoch_secret);
  epoch.secret_tree = SecretTree(*suite, std::move(epoch.secrets.encryption_secret), tree.leaf_count());
  epoch.confirmation_tag = mac(*suite, epoch.secrets.confirmation_key.expose(), {});
  epoch.interim_transcript_hash = interim_transcript_hash(*suite, {}, epoch.confirmation_tag);
  epoch.own_leaf = own_leaf;
  epoch.keys.set(node_of(own_leaf), std::move(bundle.encryption_key));
  return Group(*suite, std::move(tree), std::move(epoch), std::move(config.signer), config.options);
}

std::vector<Member> Group::members() const {
  std::vector<Member> out;
  for (std::uint32_t i = 0; i < tree_.leaf_count(); ++i) {
    if (const TreeLeaf* leaf = tree_.leaf({i})) out.push_back({{i}, leaf->parsed()});
  }
  return out;
}

std::optional<LeafNode> Group::member(LeafIndex leaf) const {
  const TreeLeaf* found = tree_.leaf(leaf);
  return found == nullptr ? std::nullopt : std::optional(found->parsed());
}

Result<SecretBuffer> Group::exporter(std::string_view label, ByteView context, std::size_t size) const {
  CONCLAVE_TRY(check_active());
  if (label.size() > 255) return Error{ErrorCode::invalid_argument, "a label has at most 255 bytes"};
  if (size > 255 * suite_->hash_size) return Error{ErrorCode::invalid_argument, "no more than 255 hashes are exported"};
  SecretBuffer out(size);
  export_secret(*suite_, epoch_.secrets.exporter_secret, label, context, out.expose_mutable());
  return out;
}

Result<void> Group::check_active() const {
  if (removed_) return Error{ErrorCode::invalid_state, "we were removed from the group"};
  if (reinit_) return Error{ErrorCode::invalid_state, "the group was reinitialised"};
  return {};
}

Result<void> Group::check_address(ByteView group_id, std::uint64_t epoch) const {
  if (!equal(group_id, epoch_.context.group_id)) return Error{ErrorCode::wrong_group, "the message is for another group"};
  if (epoch != epoch_.context.epoch) return Error{ErrorCode::wrong_epoch, "the message is of another epoch"};
  return {};
}

Result<GroupInfo> Group::make_group_info(const EpochState& epoch, bool with_tree, bool with_external_pub,
                                         const crypto::SignaturePrivateKey& signer) const {
  GroupInfo info;
  info.group_context = epoch.context;
  info.confirmation_tag = epoch.confirmation_tag;
  info.signer = epoch.own_leaf;
  if (with_tree) info.extensions.set(ExtensionType::ratchet_tree, tree_.encode());
  if (with_external_pub) {
    CONCLAVE_ASSIGN(key, external_key(*suite_, epoch.secrets.external_secret));
    info.extensions.set(ExternalPub{to_bytes(key.public_key().bytes())});
  }
  add_grease(info.extensions, info.confirmation_tag);
  CONCLAVE_TRY(info.sign(signer));
  return info;
}

Result<Bytes> Group::group_info(bool with_tree) const {
  CONCLAVE_TRY(check_active());
  CONCLAVE_ASSIGN(info, make_group_info(epoch_, with_tree, true, signer_));
  return encode_message(info);
}

Proposal Group::psk_proposal(Bytes psk_id, crypto::Random& random) const {
  PreSharedKey proposal{{ExternalPskId{std::move(psk_id)}, Bytes(suite_->hash_size)}};
  random.fill(proposal.psk.psk_nonce);
  return proposal;
}

Proposal Group::resumption_proposal(std::uint64_t epoch, crypto::Random& random) const {
  PreSharedKey proposal{{ResumptionPskId{ResumptionPskUsage::application, epoch_.context.group_id, epoch}, Bytes(suite_->hash_size)}};
  random.fill(proposal.psk.psk_nonce);
  return proposal;
}

}  // namespace conclave::mls
