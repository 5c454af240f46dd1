// What heirs have to say to the relay, and the owner about them: so that a host whom they removed loses its rank there too.
#include <algorithm>
#include <utility>

#include "conference/door_view.h"

namespace conclave::conference {

std::optional<std::uint64_t> DoorKeeping::connection_of(const room::IdentityHash& identity, const View& view) const {
  if (identity == view.own->first) return connection_;
  const auto seat = seats_.find(identity);
  return seat == seats_.end() ? std::nullopt : std::optional(seat->second.connection);
}

/// One leads alone who did not before: we have merged the commit that says so, and the relay hears it from us. Where several lead, nobody is to lose its rank.
void DoorKeeping::acclaim(const View& view, Time now, Outcome& outcome) {
  const bool may = std::exchange(heir_, view.is_heir(view.own->first)) || heir_;
  const std::vector<room::IdentityHash> before = std::exchange(owners_, view.owners);
  if (!may || view.owners.size() != 1) {
    acclaims_left_ = 0;
    return;
  }
  if (!before.empty() && before != view.owners) acclaims_left_ = acclaims, next_acclaim_ = now;
  if (acclaims_left_ == 0 || now < next_acclaim_) return;
  next_acclaim_ = now + request_interval;
  const auto connection = connection_of(view.owners.front(), view);
  if (!connection) return;  // it has not spoken yet
  --acclaims_left_;
  outcome.acclaim = transport::Acclaim{*connection};
}

/// An owner may leave us out, and then our voice does not count: a person has to know that while the list before still does.
void DoorKeeping::watch_heirs(const View& view, Time now, Outcome& outcome) {
  const bool counts = seated_heirs_ && std::ranges::binary_search(seated_heirs_->connections, connection_) && seated_heirs_->quorum <= view.quorum;
  if (counts || view.leads() || view.quorum == 0 || !view.is_heir(view.own->first)) {
    left_out_from_.reset();
    told_left_out_ = false;
    return;
  }
  if (!left_out_from_) left_out_from_ = now;
  if (told_left_out_ || now < *left_out_from_ + left_out_after) return;
  told_left_out_ = outcome.left_out = true;
}

/// Waits until each heir who has a seat has spoken: a list that is changed counts late.
void DoorKeeping::seat_heirs(const View& view, Outcome& outcome) {
  transport::SeatHeirs heirs{view.quorum, {}};
  for (const room::IdentityHash& identity : view.heirs) {
    if (view.quorum == 0 || !view.ranks.contains(identity)) continue;
    const auto connection = connection_of(identity, view);
    if (!connection) return;
    heirs.connections.push_back(*connection);
  }
  std::ranges::sort(heirs.connections);
  if (heirs.connections.size() < heirs.quorum || told_heirs_ == heirs) return;
  told_heirs_ = heirs;
  outcome.heirs = std::move(heirs);
}

void DoorKeeping::come_back() {
  if (told_heirs_ && told_heirs_->quorum > 0) told_heirs_.reset();
}

}  // namespace conclave::conference
