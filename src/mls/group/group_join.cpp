// Joining by a Welcome (RFC 9420 section 12.4.3.1).
#include <algorithm>

#include "base/bytes.h"
#include "mls/group/group.h"
#include "mls/group/tree_validation.h"
#include "mls/invalid.h"
#include "mls/tree/leaf_validation.h"

namespace conclave::mls {
namespace {

/// The one Welcome being processed.
struct Joining {
  const JoinRequest& request;
  const crypto::CipherSuite& suite;
  GroupSecrets secrets;
  PskSecret psk_secret;
  GroupInfo info;
};

Result<void> check_psk_usage(const std::vector<PreSharedKeyId>& psks) {
  const auto special = std::ranges::count_if(psks, [](const PreSharedKeyId& id) { return id.usage() != ResumptionPskUsage::application; });
  if (special > 1) return invalid("a Welcome names more than one PSK of a reinitialization or branching");
  return {};
}

Result<Joining> open_welcome(const JoinRequest& request) {
  CONCLAVE_ASSIGN(message, MlsMessage::decode(request.welcome));
  const auto* welcome = std::get_if<Welcome>(&message.body);
  if (welcome == nullptr) return Error{ErrorCode::invalid_argument, "this is no Welcome"};
  const crypto::CipherSuite* suite = crypto::find_suite(static_cast<std::uint16_t>(welcome->cipher_suite));
  if (suite == nullptr) return Error{ErrorCode::unsupported, "the Welcome is of an unknown cipher suite"};
  const EncryptedGroupSecrets* entry = welcome->find(*suite, request.bundle.key_package);
  if (entry == nullptr) return Error{ErrorCode::unknown_key, "the Welcome is not for this key package"};
  CONCLAVE_ASSIGN(secrets, welcome->open_secrets(*suite, *entry, request.bundle.init_key));
  CONCLAVE_TRY(check_psk_usage(secrets.psks));
  static const PskStore no_psks;
  const PskStore* of_predecessor = request.predecessor == nullptr ? nullptr : &request.predecessor->psks();
  CONCLAVE_ASSIGN(psk_secret, (request.psks == nullptr ? no_psks : *request.psks).combine(*suite, secrets.psks, of_predecessor));
  CONCLAVE_ASSIGN(info, welcome->open_group_info(*suite, derive_welcome_secret(*suite, secrets.joiner_secret, psk_secret)));
  return Joining{request, *suite, std::move(secrets), std::move(psk_secret), std::move(info)};
}

std::optional<LeafIndex> find_own_leaf(const RatchetTree& tree, const LeafNode& own) {
  const Bytes encoded = wire::encode(own);
  for (std::uint32_t i = 0; i < tree.leaf_count(); ++i) {
    const TreeLeaf* leaf = tree.leaf({i});
    if (leaf != nullptr && equal(leaf->encoded(), encoded)) return LeafIndex{i};
  }
  return std::nullopt;
}

/// Checks the tree against the group info and finds us in it.
Result<LeafIndex> check_tree(const Joining& joining, RatchetTree& tree) {
  CONCLAVE_TRY(verify_group(joining.info, tree, joining.request.executor, joining.request.options.check_lifetimes));
  const auto own = find_own_leaf(tree, joining.request.bundle.key_package.leaf_node);
  if (!own) return invalid("the tree has no leaf of ours");
  if (*own == joining.info.signer) return invalid("the Welcome claims to be signed by us");
  return *own;
}

Result<PrivateKeys> own_keys(Joining& joining, const RatchetTree& tree, LeafIndex own) {
  const KeyPackageBundle& bundle = joining.request.bundle;
  PrivateKeys keys;
  keys.set(node_of(own), bundle.encryption_key.clone());
  if (!keys.matches(tree)) return Error{ErrorCode::invalid_argument, "the bundle's encryption key is not that of its key package"};
  if (joining.secrets.path_secret) {
    CONCLAVE_TRY(implant_path_secret(tree, keys, common_ancestor(own, joining.info.signer), std::move(*joining.secrets.path_secret)));
  }
  return keys;
}

/// All that is checked before anything is derived: the tree, our place and keys in it, and where the group comes from.
Result<std::pair<LeafIndex, PrivateKeys>> check_group(Joining& joining, RatchetTree& tree) {
  CONCLAVE_ASSIGN(own, check_tree(joining, tree));
  CONCLAVE_ASSIGN(keys, own_keys(joining, tree, own));
  CONCLAVE_TRY(check_lineage(joining.secrets.psks, joining.info.group_context, tree, joining.request.predecessor));
  return std::pair(own, std::move(keys));
}

}  // namespace

Result<Group> Group::join(const JoinRequest& request, crypto::Random& random) {
  CONCLAVE_ASSIGN(joining, open_welcome(request));
  GroupContext& context = joining.info.group_context;
  if (context.version != ProtocolVersion::mls10 || context.cipher_suite != joining.suite.id) return invalid("the group info is of another version or suite");
  const auto carried = joining.info.extensions.find(ExtensionType::ratchet_tree);
  const auto tree_bytes = carried ? carried : request.ratchet_tree;
  if (!tree_bytes) return Error{ErrorCode::invalid_argument, "the ratchet tree comes neither with the Welcome nor beside it"};
  CONCLAVE_ASSIGN(tree, RatchetTree::read(joining.suite, *tree_bytes, random));
  auto place = check_group(joining, tree);
  if (!place.ok()) return blame_signer(std::move(place).error(), joining.info);
  auto& [own, keys] = *place;

  EpochState epoch = enter_epoch(joining.suite, std::move(context), joining.secrets.joiner_secret, joining.psk_secret, tree.leaf_count());
  if (!constant_time_equal(epoch.confirmation_tag, joining.info.confirmation_tag)) {
    return Error{ErrorCode::not_authentic, "the confirmation tag of a Welcome does not verify", joining.info.signer.value};
  }
  epoch.own_leaf = own;
  epoch.keys = std::move(keys);
  Group group(joining.suite, std::move(tree), std::move(epoch), request.bundle.signature_key.clone(), request.options);
  group.inviter_ = joining.info.signer;
  return group;
}

}  // namespace conclave::mls
