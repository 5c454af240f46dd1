#include "transport/hop/link.h"

#include <iterator>
#include <utility>

namespace conclave::transport::hop {
namespace {

void count(Drop drop, TransportCounters& counters) {
  switch (drop) {
    case Drop::malformed: ++counters.malformed; break;
    case Drop::forged: ++counters.forged; break;
    case Drop::replayed: ++counters.replayed; break;
  }
}

constexpr std::size_t kept_capacity = 16;  ///< packets: what one flood left would stay for ever

Error overflow(TransportCounters& counters) {
  ++counters.overflowed;
  return Error{ErrorCode::limit_exceeded, "datagrams are not being sent"};
}

}  // namespace

Result<void> Link::send_media(const MediaPacket& packet, Time now, TransportCounters& counters) {
  if (packet.payload.size() > max_payload_size) return Error{ErrorCode::invalid_argument, "payload too large"};
  MediaHeader header = packet.header;
  header.send_time = send_time(now);
  if (waiting_.size() >= max_waiting_packets) return overflow(counters);
  ++counters.media_sent;
  if (seal_payloads_ || header.fec) {  // which packets parity covers, and what they say of themselves, stands in its payload
    waiting_.push_back({peer_, sealer_.seal_whole_media(header, packet.payload.bytes())});
    return {};
  }
  OutgoingPacket& out = waiting_.emplace_back();
  out.to = peer_;
  out.payload = packet.payload;
  out.head.size = media_overhead;
  sealer_.seal_media_header(header, packet.payload.size(), ByteSpan(out.head.bytes).first(media_overhead));
  return {};
}

Result<void> Link::send_feedback(ByteView feedback, TransportCounters& counters) {
  if (feedback.size() > max_feedback_size) return Error{ErrorCode::invalid_argument, "feedback too large"};
  return queue({peer_, sealer_.seal(PacketType::feedback, feedback)}, counters);
}

Result<void> Link::queue(OutgoingPacket packet, TransportCounters& counters) {
  if (waiting_.size() >= max_waiting_packets) return overflow(counters);
  waiting_.push_back(std::move(packet));
  return {};
}

std::optional<TransportEvent> Link::receive(const Address& from, ByteView datagram, Time now, crypto::Random& random,
                                            TransportCounters& counters) {
  auto result = opener_.open(datagram);
  if (const Drop* drop = std::get_if<Drop>(&result)) {
    count(*drop, counters);
    return std::nullopt;
  }
  auto& [content, newest] = std::get<OpenedPacket>(result);
  if (const auto* asked = std::get_if<PathChallenge>(&content)) {
    answer(from, asked->data, counters);
    return std::nullopt;
  }
  if (const auto* answered = std::get_if<PathResponse>(&content)) {
    settle(from, answered->data);
    return std::nullopt;
  }
  if (newest && from != peer_) challenge(from, now, random, counters);
  if (auto* media = std::get_if<MediaPacket>(&content)) {
    ++counters.media_received;
    return std::move(*media);
  }
  return std::get<TransportFeedback>(std::move(content));
}

/// Who copied a packet and sent it from elsewhere gets a few bytes that are of no use to him.
void Link::challenge(const Address& address, Time now, crypto::Random& random, TransportCounters& counters) {
  if (challenge_ && now - challenge_->sent < challenge_interval) return;
  challenge_ = Challenge{address, {}, now};
  random.fill(challenge_->data);
  (void)queue({address, sealer_.seal(PacketType::path_challenge, challenge_->data)}, counters);
}

void Link::answer(const Address& address, const PathData& data, TransportCounters& counters) {
  (void)queue({address, sealer_.seal(PacketType::path_response, data)}, counters);
}

void Link::settle(const Address& from, const PathData& data) {
  if (!challenge_ || challenge_->address != from || challenge_->data != data) return;
  peer_ = from;
  challenge_.reset();
}

void Link::take_packets(std::vector<OutgoingPacket>& out) {
  out.insert(out.end(), std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end()));
  if (waiting_.capacity() <= kept_capacity) waiting_.clear();
  else std::vector<OutgoingPacket>().swap(waiting_);
}

}  // namespace conclave::transport::hop
