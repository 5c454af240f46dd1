#include "transport/quic/inbox.h"

#include <algorithm>

namespace conclave::transport::quic {

Inbox::Verdict Inbox::push(Channel channel, ByteView bytes, std::size_t limit, Time now, std::vector<Bytes>& complete) {
  Incoming& incoming = channels_.at(static_cast<std::size_t>(channel));
  const std::size_t before = complete.size();
  switch (incoming.reader.push(bytes, limit, complete)) {
    case MessageReader::Verdict::good: break;
    case MessageReader::Verdict::empty_message: return Verdict::empty_message;
    case MessageReader::Verdict::oversized: return Verdict::oversized;
  }
  if (complete.size() != before) incoming.since = never;  // what is not whole is another one
  incoming.since = incoming.reader.unfinished() ? std::min(incoming.since, now) : never;
  return held() <= limit + limit / 2 ? Verdict::good : Verdict::crowded;
}

std::size_t Inbox::held() const {
  std::size_t sum = 0;
  for (const Incoming& incoming : channels_) sum += incoming.reader.held();
  return sum;
}

Time Inbox::since() const {
  Time oldest = never;
  for (const Incoming& incoming : channels_) oldest = std::min(oldest, incoming.since);
  return oldest;
}

void InboxLedger::note(ConnectionId id, const AddressBlock& origin, std::size_t held) {
  const auto found = held_.find({origin, id});
  if (found != held_.end()) total_ -= found->second;
  total_ += held;
  if (held > 0) held_.insert_or_assign({origin, id}, held);
  else if (found != held_.end()) held_.erase(found);
}

std::optional<ConnectionId> InboxLedger::greatest() const {
  std::optional<ConnectionId> answer;
  std::size_t most = 0;
  for (auto first = held_.begin(); first != held_.end();) {
    const AddressBlock& origin = first->first.first;
    const auto end = std::find_if(first, held_.end(), [&](const auto& entry) { return entry.first.first != origin; });
    std::size_t sum = 0;
    auto largest = first;
    for (auto entry = first; entry != end; ++entry) {
      sum += entry->second;
      if (entry->second > largest->second) largest = entry;
    }
    if (sum > most) answer = largest->first.second;
    most = std::max(most, sum);
    first = end;
  }
  return answer;
}

}  // namespace conclave::transport::quic
