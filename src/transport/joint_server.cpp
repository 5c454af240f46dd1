#include "transport/joint_server.h"

#include <algorithm>
#include <iterator>

namespace conclave::transport {

std::vector<ServerEvent> JointServer::poll(Time now) {
  std::vector<ServerEvent> events = datagram_.poll(now);
  if (stream_ == nullptr) return events;
  std::vector<ServerEvent> others = stream_->poll(now);
  events.insert(events.end(), std::make_move_iterator(others.begin()), std::make_move_iterator(others.end()));
  return events;
}

Time JointServer::next_deadline() const {
  return stream_ == nullptr ? datagram_.next_deadline() : std::min(datagram_.next_deadline(), stream_->next_deadline());
}

Result<void> JointServer::send_message(ConnectionId id, Channel channel, ByteView message, Time now) {
  return of(id).send_message(id, channel, message, now);
}

Result<void> JointServer::send_media(ConnectionId id, const MediaPacket& packet, Time now) { return of(id).send_media(id, packet, now); }
Result<void> JointServer::send_feedback(ConnectionId id, ByteView feedback, Time now) { return of(id).send_feedback(id, feedback, now); }
void JointServer::admit(ConnectionId id) { of(id).admit(id); }

void JointServer::close(ConnectionId id, ErrorCode code, std::string_view reason, Time now) { of(id).close(id, code, reason, now); }

}  // namespace conclave::transport
