#include "session/succession.h"

#include <algorithm>

namespace conclave::session {

void Succession::support(const room::IdentityHash& claimant, Time now) {
  if (supported_ != claimant) spoken_in_.reset();
  supported_ = claimant;
  until_ = now + lasting;
}

std::optional<room::IdentityHash> Succession::next_voice(const room::RoomPolicy& policy, std::uint64_t epoch, Time now) {
  if (!supported_) return std::nullopt;
  const bool over = now >= until_ || !policy.is_heir(*supported_) || policy.role_of(*supported_) == Role::owner;
  if (over) supported_.reset();
  if (over || spoken_in_ == epoch) return std::nullopt;
  spoken_in_ = epoch;
  return supported_;
}

bool Succession::hear(const room::Endorsement& voice) {
  const room::IdentityHash heir = room::identity_hash(voice.heir_key);
  const auto known = voices_.find(heir);
  const bool news = known == voices_.end() || known->second.claimant != voice.claimant;
  voices_.insert_or_assign(heir, voice);
  return news;
}

std::optional<Bytes> Succession::claim(const room::RoomPolicy& policy, const room::IdentityHash& self, std::uint64_t epoch) {
  std::erase_if(voices_, [&](const auto& each) { return !policy.is_heir(each.first); });
  if (supported_ != self || policy.quorum == 0 || claimed_in_ == epoch) return std::nullopt;
  std::vector<room::Endorsement> ours;
  for (const auto& [heir, voice] : voices_) {
    if (heir != self && voice.epoch == epoch && voice.claimant == self) ours.push_back(voice);
  }
  if (ours.size() + 1 < policy.quorum) return std::nullopt;
  claimed_in_ = epoch;
  return room::encode_endorsements(ours);
}

}  // namespace conclave::session
