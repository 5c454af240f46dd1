#include "mls/group/proposal_selection.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/bytes.h"
#include "mls/objects/bytes_less.h"

namespace conclave::mls {
namespace {

class Selection {
 public:
  Selection(const RatchetTree& tree, LeafIndex committer) : tree_(tree), committer_(committer) {}

  /// First pass, over everything: who goes, and whose update is the last.
  void survey(const SentProposal& sent) {
    if (const auto* remove = std::get_if<Remove>(&sent.proposal)) removed_.insert(remove->removed);
    if (std::holds_alternative<Update>(sent.proposal)) last_update_[*member_of(sent.sender)] = &sent;
  }

  /// Notes what a chosen proposal uses up, and says whether this one still fits.
  bool take(const SentProposal& sent) {
    return std::visit([&](const auto& proposal) { return fits(sent, proposal); }, sent.proposal);
  }

 private:
  bool fits(const SentProposal&, const Remove& remove) {
    return remove.removed != committer_ && tree_.leaf(remove.removed) != nullptr && taken_removals_.insert(remove.removed).second;
  }
  bool fits(const SentProposal& sent, const Update&) {
    const LeafIndex leaf = *member_of(sent.sender);
    return leaf != committer_ && !removed_.contains(leaf) && last_update_[leaf] == &sent;
  }
  bool fits(const SentProposal&, const Add& add) {
    const LeafNode& leaf = add.key_package->leaf_node;
    if (stays(leaf)) return false;
    return keys_.insert(leaf.signature_key).second && keys_.insert(leaf.encryption_key).second;
  }
  bool fits(const SentProposal&, const PreSharedKey& psk) { return psks_.insert(psk.psk).second; }
  bool fits(const SentProposal&, const GroupContextExtensions&) { return !std::exchange(has_extensions_, true); }
  bool fits(const SentProposal&, const ReInit&) { return true; }
  bool fits(const SentProposal&, const ExternalInit&) { return false; }

  /// True when a key of this leaf stands in the tree, and will after the removals.
  [[nodiscard]] bool stays(const LeafNode& leaf) const {
    if (!tree_.has_signature_key(leaf.signature_key) && !tree_.has_encryption_key(leaf.encryption_key)) return false;
    return std::ranges::none_of(removed_, [&](LeafIndex index) {
      const TreeLeaf* goes = tree_.leaf(index);
      return goes != nullptr && equal(goes->signature_key(), leaf.signature_key);
    });
  }

  const RatchetTree& tree_;
  LeafIndex committer_;
  std::set<LeafIndex> removed_;
  std::set<LeafIndex> taken_removals_;
  std::map<LeafIndex, const SentProposal*> last_update_;
  std::set<Bytes, BytesLess> keys_;
  std::set<PreSharedKeyId> psks_;
  bool has_extensions_ = false;
};

}  // namespace

ProposalList select_proposals(const RatchetTree& tree, LeafIndex committer, const ProposalList& noted, const ProposalList& chosen) {
  Selection selection(tree, committer);
  for (const SharedProposal& sent : chosen) selection.survey(*sent);
  for (const SharedProposal& sent : noted) selection.survey(*sent);
  for (const SharedProposal& sent : chosen) selection.take(*sent);
  ProposalList out;
  for (const SharedProposal& sent : noted) {
    if (selection.take(*sent)) out.push_back(sent);
  }
  const auto is_reinit = [](const SharedProposal& sent) { return std::holds_alternative<ReInit>(sent->proposal); };
  if (out.size() + chosen.size() > 1) {
    const bool only_reinits = chosen.empty() && std::ranges::all_of(out, is_reinit);
    if (only_reinits) {
      out.resize(1);
    } else {
      std::erase_if(out, is_reinit);
    }
  }
  return out;
}

}  // namespace conclave::mls
