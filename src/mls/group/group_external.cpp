// Joining by an external commit (RFC 9420 section 12.4.3.2).
#include "base/bytes.h"
#include "mls/group/commit_builder.h"
#include "mls/group/tree_validation.h"
#include "mls/invalid.h"
#include "mls/tree/grease.h"

namespace conclave::mls {
namespace {

LeafNode leaf_of_profile(ClientProfile profile, crypto::Random& random) {
  LeafNode leaf;
  leaf.credential = std::move(profile.credential);
  leaf.capabilities = std::move(profile.capabilities);
  leaf.extensions = std::move(profile.leaf_extensions);
  add_grease(leaf.extensions, random);
  leaf.capabilities.drop_defaults();
  leaf.capabilities.announce(leaf.extensions);
  add_grease(leaf.capabilities, random);
  leaf.source = CommittedLeaf{};
  return leaf;
}

SharedProposal newcomers(Proposal proposal) {
  return std::make_shared<SentProposal>(SentProposal{std::move(proposal), NewMemberCommitSender{}, {}, false});
}

}  // namespace

Result<Group::ExternalJoinResult> Group::join_external(ExternalJoin request, crypto::Random& random) {
  CONCLAVE_ASSIGN(message, MlsMessage::decode(request.group_info));
  auto* info = std::get_if<GroupInfo>(&message.body);
  if (info == nullptr) return Error{ErrorCode::invalid_argument, "this is no group info"};
  const crypto::CipherSuite* suite = crypto::find_suite(static_cast<std::uint16_t>(info->group_context.cipher_suite));
  if (suite == nullptr || info->group_context.version != ProtocolVersion::mls10) return Error{ErrorCode::unsupported, "the group is of an unknown version or suite"};
  const auto carried = info->extensions.find(ExtensionType::ratchet_tree);
  const auto tree_bytes = carried ? carried : request.ratchet_tree;
  if (!tree_bytes) return Error{ErrorCode::invalid_argument, "the ratchet tree comes neither with the group info nor beside it"};
  CONCLAVE_ASSIGN(external_pub, info->extensions.get<ExternalPub>());
  if (!external_pub) return invalid("the group info has no external_pub");
  CONCLAVE_ASSIGN(receiver, crypto::KemPublicKey::parse(suite->kem, external_pub->external_pub));
  CONCLAVE_ASSIGN(tree, RatchetTree::read(*suite, *tree_bytes, random));
  CONCLAVE_TRY(verify_group(*info, tree, request.executor, request.options.check_lifetimes));

  EpochState epoch;
  epoch.context_bytes = wire::encode(info->group_context);
  epoch.interim_transcript_hash = interim_transcript_hash(*suite, info->group_context.confirmed_transcript_hash, info->confirmation_tag);
  epoch.context = std::move(info->group_context);
  LeafNode leaf = leaf_of_profile(std::move(request.profile), random);
  Group group(*suite, std::move(tree), std::move(epoch), std::move(request.signer), request.options);
  leaf.signature_key = to_bytes(group.signer_.public_key().bytes());
  group.psks_ = std::move(request.psks);

  CONCLAVE_ASSIGN(init, external_init(*suite, receiver, random));
  ProposalList list{newcomers(ExternalInit{std::move(init.kem_output)})};
  if (request.resync) list.push_back(newcomers(Remove{*request.resync}));
  for (PreSharedKeyId& id : request.use_psks) list.push_back(newcomers(PreSharedKey{std::move(id)}));
  CommitOptions options;
  options.authenticated_data = std::move(request.authenticated_data);
  CONCLAVE_ASSIGN(output, CommitBuilder(group, std::move(options), {}, random).build_external(std::move(list), std::move(leaf), std::move(init.init_secret)));
  CONCLAVE_TRY(group.merge(std::move(output.staged)));
  group.past_.clear();
  return ExternalJoinResult{std::move(group), std::move(output.pending.commit)};
}

}  // namespace conclave::mls
