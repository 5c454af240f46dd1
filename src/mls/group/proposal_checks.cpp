// Proposal by proposal (RFC 9420 section 12.1).
#include "base/bytes.h"
#include "mls/group/proposal_list.h"
#include "mls/invalid.h"
#include "mls/tree/leaf_validation.h"

namespace conclave::mls {
namespace {

Result<void> check(const ProposalRules& rules, const SentProposal&, const Add& add) {
  const KeyPackage& package = *add.key_package;
  if (package.version != rules.context.version) return invalid("an added key package is of another version");
  if (package.cipher_suite != rules.context.cipher_suite) return invalid("an added key package is for another cipher suite");
  CONCLAVE_TRY(package.validate(rules.now));
  return {};
}

Result<void> check(const ProposalRules& rules, const SentProposal& sent, const Update& update) {
  const auto sender = member_of(sent.sender);
  if (!sender) return invalid("an update does not come from a member");
  const TreeLeaf* current = rules.tree.leaf(*sender);
  if (current == nullptr) return invalid("an update comes from a blank leaf");
  const LeafNode& leaf = *update.leaf_node;
  if (leaf.source_type() != LeafNodeSource::update) return invalid("the leaf of an update has another source");
  if (equal(leaf.encryption_key, current->encryption_key())) return invalid("an update keeps its encryption key");
  CONCLAVE_TRY(validate_leaf(rules.tree.suite(), leaf, rules.context.group_id, *sender, rules.now));
  return {};
}

Result<void> check(const ProposalRules& rules, const SentProposal&, const Remove& remove) {
  if (rules.tree.leaf(remove.removed) == nullptr) return invalid("a removal names a blank leaf");
  return {};
}

Result<void> check(const ProposalRules& rules, const SentProposal&, const PreSharedKey& psk) {
  const ResumptionPskUsage usage = psk.psk.usage();
  if (usage == ResumptionPskUsage::reinit && rules.kind != CommitKind::reinit) return invalid("a reinit PSK is used outside of a reinitialization");
  if (usage == ResumptionPskUsage::branch && rules.kind != CommitKind::branch) return invalid("a branch PSK is used outside of a branching");
  if (psk.psk.psk_nonce.size() != rules.tree.suite().hash_size) return invalid("the nonce of a PSK has the wrong size");
  return {};
}

Result<void> check(const ProposalRules& rules, const SentProposal&, const ReInit& reinit) {
  if (reinit.version < rules.context.version) return invalid("a reinitialization lowers the version");
  return {};
}

Result<void> check(const ProposalRules& rules, const SentProposal&, const ExternalInit&) {
  if (rules.kind != CommitKind::external) return invalid("an external init stands outside of an external commit");
  return {};
}

Result<void> check(const ProposalRules& rules, const SentProposal&, const GroupContextExtensions& change) {
  CONCLAVE_TRY(change.extensions.get<RequiredCapabilities>());
  CONCLAVE_ASSIGN(external, change.extensions.get<ExternalSenders>());
  if (!external) return {};
  for (const ExternalSender& sender : external->senders) {
    CONCLAVE_TRY(crypto::SignaturePublicKey::parse(rules.tree.suite().signature, sender.signature_key));
  }
  return {};
}

}  // namespace

Result<void> check_proposal(const ProposalRules& rules, const SentProposal& sent) {
  auto result = std::visit([&](const auto& proposal) { return check(rules, sent, proposal); }, sent.proposal);
  if (!result.ok() && !result.error().participant) {
    if (const auto sender = member_of(sent.sender)) result.error().participant = sender->value;
  }
  return result;
}

}  // namespace conclave::mls
