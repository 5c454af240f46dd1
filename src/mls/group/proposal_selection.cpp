#include "mls/group/proposal_selection.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/bytes.h"
#include "mls/group/commit_changes.h"
#include "mls/group/transaction.h"
#include "mls/objects/bytes_less.h"
#include "mls/tree/leaf_validation.h"

namespace conclave::mls {
namespace {

/// Looks at each proposal beside those that were taken before it. What it lets through may still fail together: see `Assembly`.
class Selection {
 public:
  explicit Selection(const Workbench& bench)
      : tree_(bench.tree), extensions_(bench.rules.context.extensions), committer_(*bench.rules.committer), now_(bench.rules.now), held_(bench.psks) {
    const auto required = extensions_.get<RequiredCapabilities>();
    if (required.ok() && *required) required_ = **required;
  }

  /// First pass, over everything: who goes, and whose update is the last.
  void survey(const SentProposal& sent) {
    if (const auto* remove = std::get_if<Remove>(&sent.proposal)) removed_.insert(remove->removed);
    if (std::holds_alternative<Update>(sent.proposal)) last_update_[*member_of(sent.sender)] = &sent;
    if (std::holds_alternative<GroupContextExtensions>(sent.proposal)) keeps_extensions_ = false;
  }

  /// Notes what a chosen proposal uses up, and says whether this one still fits.
  bool take(const SentProposal& sent) {
    return std::visit([&](const auto& proposal) { return fits(sent, proposal); }, sent.proposal);
  }

 private:
  bool fits(const SentProposal&, const Remove& remove) {
    return remove.removed != committer_ && tree_.leaf(remove.removed) != nullptr && taken_removals_.insert(remove.removed).second;
  }
  bool fits(const SentProposal& sent, const Update& update) {
    const LeafIndex leaf = *member_of(sent.sender);
    return able(*update.leaf_node) && leaf != committer_ && !removed_.contains(leaf) && last_update_[leaf] == &sent;
  }
  bool fits(const SentProposal&, const Add& add) {
    const LeafNode& leaf = add.key_package->leaf_node;
    const auto* lifetime = std::get_if<Lifetime>(&leaf.source);
    if (!able(leaf) || stays(leaf) || (now_ && lifetime != nullptr && !lifetime->contains(*now_))) return false;
    return keys_.insert(leaf.signature_key).second && keys_.insert(leaf.encryption_key).second;
  }
  bool fits(const SentProposal&, const PreSharedKey& psk) { return held_.find(psk.psk).has_value() && psks_.insert(psk.psk).second; }
  bool fits(const SentProposal&, const GroupContextExtensions&) { return true; }
  bool fits(const SentProposal&, const ReInit&) { return true; }
  bool fits(const SentProposal&, const ExternalInit&) { return false; }

  /// True when the leaf and the members understand each other's credentials, and it can do what the group asks for now.
  [[nodiscard]] bool able(const LeafNode& leaf) const {
    const Capabilities& can = leaf.capabilities;
    const auto used = tree_.capabilities().used_credentials();
    if (!std::ranges::all_of(used, [&](CredentialType type) { return can.supports(type); })) return false;
    if (tree_.capabilities().supporting(type_of(leaf.credential)) != tree_.member_count()) return false;
    return !keeps_extensions_ || (supports_all(can, extensions_) && can.supports(required_));
  }
  /// True when a key of this leaf stands in the tree, and will after the removals.
  [[nodiscard]] bool stays(const LeafNode& leaf) const {
    if (!tree_.has_signature_key(leaf.signature_key) && !tree_.has_encryption_key(leaf.encryption_key)) return false;
    return std::ranges::none_of(removed_, [&](LeafIndex index) {
      const TreeLeaf* goes = tree_.leaf(index);
      return goes != nullptr && equal(goes->signature_key(), leaf.signature_key);
    });
  }

  const RatchetTree& tree_;
  const Extensions& extensions_;
  RequiredCapabilities required_;
  bool keeps_extensions_ = true;
  LeafIndex committer_;
  std::optional<UnixSeconds> now_;
  const PskStore& held_;
  std::set<LeafIndex> removed_;
  std::set<LeafIndex> taken_removals_;
  std::map<LeafIndex, const SentProposal*> last_update_;
  std::set<Bytes, BytesLess> keys_;
  std::set<PreSharedKeyId> psks_;
};

/// A list that grows by what can be committed with it.
class Assembly {
 public:
  Assembly(const Workbench& bench, const ProposalList& chosen) : bench_(bench), list_(chosen), chosen_(chosen.size()) {}

  /// Adds all of `more` but those with which the list could not be committed, found by halving. Proposals of one sender stand together.
  bool add(std::span<const SharedProposal> more) {
    if (more.empty()) return true;
    const std::size_t second = first_of_another(more);
    int& tries = second == more.size() ? tries_of_sender(more.front()->sender) : tries_;
    if (tries == 0) return false;
    --tries;
    const std::size_t before = list_.size();
    list_.insert(list_.end(), more.begin(), more.end());
    if (try_proposals(bench_, list_).ok()) return true;
    list_.erase(list_.begin() + static_cast<std::ptrdiff_t>(before), list_.end());
    if (more.size() == 1) return false;
    const std::size_t middle = second == more.size() ? more.size() / 2 : boundary(more, second);
    add(more.first(middle));
    add(more.subspan(middle));
    return false;
  }
  /// Without what was chosen.
  ProposalList take() && {
    list_.erase(list_.begin(), list_.begin() + static_cast<std::ptrdiff_t>(chosen_));
    return std::move(list_);
  }

 private:
  static std::size_t first_of_another(std::span<const SharedProposal> of) {
    const auto other = std::ranges::find_if(of, [&](const SharedProposal& sent) { return sent->sender != of.front()->sender; });
    return static_cast<std::size_t>(other - of.begin());
  }
  /// Where one sender's end and another's begin, behind the middle or else before it.
  static std::size_t boundary(std::span<const SharedProposal> of, std::size_t first) {
    for (std::size_t i = std::max(of.size() / 2, first); i < of.size(); ++i) {
      if (of[i]->sender != of[i - 1]->sender) return i;
    }
    return first;
  }
  int& tries_of_sender(const Sender& sender) {
    if (!last_ || *last_ != sender) last_tries_ = 32;
    last_ = sender;
    return last_tries_;
  }

  const Workbench& bench_;
  ProposalList list_;
  std::size_t chosen_;
  int tries_ = 64;               ///< of proposals of several senders
  std::optional<Sender> last_;   ///< whose proposals are being tried alone
  int last_tries_ = 0;
};

template <class T>
bool is(const SharedProposal& sent) { return std::holds_alternative<T>(sent->proposal); }

/// Moves the proposals of a kind out of a list.
template <class T>
ProposalList split_off(ProposalList& list) {
  const auto first = std::stable_partition(list.begin(), list.end(), [](const SharedProposal& sent) { return !is<T>(sent); });
  ProposalList out(first, list.end());
  list.erase(first, list.end());
  return out;
}

/// Whoever proposed little is looked at first, and all that one sender proposed stands together: what a sender makes of the tries is its own loss.
void sort_by_sender(ProposalList& list) {
  const auto key = [](const SharedProposal& sent) {
    const auto* external = std::get_if<ExternalSenderIndex>(&sent->sender);
    const std::uint32_t place = external != nullptr ? external->sender_index : member_of(sent->sender).value_or(LeafIndex{}).value;
    return std::pair(sent->sender.index(), place);
  };
  std::map<std::pair<std::size_t, std::uint32_t>, std::size_t> counts;
  for (const SharedProposal& sent : list) ++counts[key(sent)];
  std::ranges::stable_sort(list, {}, [&](const SharedProposal& sent) { return std::pair(counts.at(key(sent)), key(sent)); });
}

/// Removals can always be committed. Extensions come next, since all else is judged by them (RFC 9420 section 12.3).
ProposalList assemble(const Workbench& bench, ProposalList fitting, const ProposalList& chosen) {
  Assembly assembly(bench, chosen);
  const ProposalList removals = split_off<Remove>(fitting);
  const ProposalList extensions = split_off<GroupContextExtensions>(fitting);
  assembly.add(removals);
  bool changed = std::ranges::any_of(chosen, is<GroupContextExtensions>);
  for (std::size_t i = 0; i < std::min<std::size_t>(extensions.size(), 8) && !changed; ++i) changed = assembly.add(std::span(extensions).subspan(i, 1));
  sort_by_sender(fitting);
  assembly.add(fitting);
  return std::move(assembly).take();
}

}  // namespace

Result<void> try_proposals(const Workbench& bench, const ProposalList& list) {
  for (const SharedProposal& sent : list) {
    const auto* psk = std::get_if<PreSharedKey>(&sent->proposal);
    if (psk != nullptr && !bench.psks.find(psk->psk)) return Error{ErrorCode::unknown_key, "a pre-shared key is not at hand"};
  }
  Transaction transaction(bench.tree);
  CONCLAVE_ASSIGN(applied, apply_proposals(bench.tree, list));
  if (applied.psks.size() > PskStore::max_combined) return Error{ErrorCode::limit_exceeded, "more pre-shared keys than can be counted"};
  if (bench.own_leaf != nullptr) bench.tree.set_leaf(*bench.rules.committer, TreeLeaf(*bench.own_leaf));
  return check_support(bench.tree, extensions_after(list, bench.rules.context.extensions));
}

ProposalList select_proposals(const Workbench& bench, const ProposalList& noted, const ProposalList& chosen) {
  if (std::ranges::any_of(chosen, is<ReInit>)) return {};  // it stands alone
  Selection selection(bench);
  for (const SharedProposal& sent : chosen) selection.survey(*sent);
  for (const SharedProposal& sent : noted) selection.survey(*sent);
  for (const SharedProposal& sent : chosen) selection.take(*sent);
  ProposalList fitting;
  for (const SharedProposal& sent : noted) {
    if (selection.take(*sent)) fitting.push_back(sent);
  }
  ProposalList reinits = split_off<ReInit>(fitting);
  if (chosen.empty() && fitting.empty() && !reinits.empty()) return {reinits.front()};
  return assemble(bench, std::move(fitting), chosen);
}

}  // namespace conclave::mls
