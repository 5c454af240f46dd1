// Groups made from nothing but a tree: Welcomes into states that no history led to. For attacks on joiners, and for benchmarks.
#pragma once

#include <functional>

#include "base/bytes.h"
#include "mls/framing/message.h"
#include "mls/group/epoch_state.h"
#include "mls/group/psk_store.h"

namespace conclave::mls::test {

/// Who signs a forged Welcome, and for whom it is.
struct ForgedWelcome {
  LeafIndex signer;
  const crypto::SignaturePrivateKey& key;
  const KeyPackage& receiver;
  Extensions extensions;                            ///< of the group context
  std::function<void(GroupInfo&)> bend_signed = {};  ///< before the group info is signed
  std::function<void(GroupInfo&)> bend_sent = {};    ///< after that
  std::function<void(GroupSecrets&)> bend_secrets = {};  ///< before they are sealed
  std::function<void(Welcome&)> bend_welcome = {};
  std::uint64_t epoch = 7;
  std::vector<PreSharedKeyId> psks = {};
  const PskStore* psk_secrets = nullptr;  ///< where those are found
};

/// A Welcome into a group with this tree; every secret is random.
inline Bytes forge_welcome(RatchetTree& tree, ByteView group_id, const ForgedWelcome& forged, crypto::Random& random) {
  const crypto::CipherSuite& suite = tree.suite();
  GroupContext context{ProtocolVersion::mls10, suite.id, to_bytes(group_id), forged.epoch, to_bytes(tree.tree_hash()), Bytes(suite.hash_size, 3), forged.extensions};
  JoinerSecret joiner_secret(suite.hash_size);
  random.fill(joiner_secret.expose_mutable());
  const PskSecret psk_secret = forged.psk_secrets == nullptr ? PskSecret(suite.hash_size) : *forged.psk_secrets->combine(suite, forged.psks);
  const EpochState epoch = enter_epoch(suite, context, joiner_secret, psk_secret, tree.leaf_count());
  GroupInfo info;
  info.group_context = context;
  info.confirmation_tag = epoch.confirmation_tag;
  info.signer = forged.signer;
  info.extensions.set(ExtensionType::ratchet_tree, tree.encode());
  if (forged.bend_signed) forged.bend_signed(info);
  static_cast<void>(info.sign(forged.key));
  if (forged.bend_sent) forged.bend_sent(info);
  Welcome welcome;
  welcome.cipher_suite = suite.id;
  welcome.encrypted_group_info = seal_group_info(suite, derive_welcome_secret(suite, joiner_secret, psk_secret), info);
  GroupSecrets secrets;
  secrets.joiner_secret = std::move(joiner_secret);
  secrets.psks = forged.psks;
  if (forged.bend_secrets) forged.bend_secrets(secrets);
  welcome.secrets.push_back(*seal_group_secrets(welcome_context(suite, welcome.encrypted_group_info), forged.receiver, secrets, random));
  if (forged.bend_welcome) forged.bend_welcome(welcome);
  return encode_message(welcome);
}

}  // namespace conclave::mls::test
