#include "mls/group/psk_store.h"

namespace conclave::mls {

void PskStore::add_external(Bytes psk_id, SecretBuffer secret) { external_.insert_or_assign(std::move(psk_id), std::move(secret)); }

void PskStore::remove_external(const Bytes& psk_id) { external_.erase(psk_id); }

void PskStore::add_resumption(Bytes group_id, std::uint64_t epoch, ResumptionPsk secret) {
  resumption_[std::move(group_id)].insert_or_assign(epoch, std::move(secret));
}

void PskStore::erase_resumption_before(const Bytes& group_id, std::uint64_t epoch) {
  const auto of_group = resumption_.find(group_id);
  if (of_group != resumption_.end()) of_group->second.erase(of_group->second.begin(), of_group->second.lower_bound(epoch));
}

std::optional<ByteView> PskStore::find(const PreSharedKeyId& id) const {
  if (const auto* external = std::get_if<ExternalPskId>(&id.psk)) {
    const auto found = external_.find(external->psk_id);
    return found == external_.end() ? std::nullopt : std::optional(found->second.expose());
  }
  const auto& resumption = std::get<ResumptionPskId>(id.psk);
  const auto of_group = resumption_.find(resumption.psk_group_id);
  if (of_group == resumption_.end()) return std::nullopt;
  const auto found = of_group->second.find(resumption.psk_epoch);
  return found == of_group->second.end() ? std::nullopt : std::optional(found->second.expose());
}

Result<PskSecret> PskStore::combine(const crypto::CipherSuite& suite, std::span<const PreSharedKeyId> ids, const PskStore* more) const {
  if (ids.size() > max_combined) return Error{ErrorCode::limit_exceeded, "more pre-shared keys than can be counted"};
  std::vector<NamedPsk> named;
  for (const PreSharedKeyId& id : ids) {
    auto secret = find(id);
    if (!secret && more != nullptr) secret = more->find(id);
    if (!secret) return Error{ErrorCode::unknown_key, "a pre-shared key is not at hand"};
    named.push_back({id, *secret});
  }
  return combine_psks(suite, named);
}

}  // namespace conclave::mls
