#include "transport/websocket/send_queue.h"

#include <algorithm>
#include <iterator>

namespace conclave::transport::websocket {
namespace {

constexpr std::uint8_t sound_priority = 7;  // as `FrameInfo::priority` says

/// Frame numbers are modulo 2^16.
bool is_later(std::uint16_t number, std::uint16_t than) { return static_cast<std::int16_t>(static_cast<std::uint16_t>(number - than)) > 0; }

OutgoingFrame frame_of(FrameKind kind, Bytes bytes) {
  OutgoingFrame frame;
  frame.front[0] = static_cast<std::uint8_t>(kind);
  frame.bytes = std::move(bytes);
  return frame;
}

OutgoingFrame frame_of(MediaPacket packet) {
  OutgoingFrame frame;
  frame.front[0] = static_cast<std::uint8_t>(FrameKind::media);
  hop::write_media_header(packet.header, ByteSpan(frame.front).subspan(1));
  frame.front_size = frame.front.size();
  frame.shared = std::move(packet.payload);
  return frame;
}

}  // namespace

// ---- what comes in ----

bool SendQueue::push_message(Channel channel, ByteView message) {
  if (message_bytes() + message.size() > max_backlog) return false;
  channels_[static_cast<std::size_t>(channel)].push_message(message);
  return true;
}

void SendQueue::push_feedback(ByteView feedback, Time now) {
  if (feedback_.size() >= max_waiting_feedback) feedback_.pop_front();
  feedback_.push_back({Bytes(feedback.begin(), feedback.end()), now});
}

void SendQueue::push_media(const MediaPacket& packet, Time now) {
  drop_stale(now);  // whether or not anything leaves
  const std::size_t lane = lane_of(packet.header);
  if (lane != sound && (!passes_cut(packet.header) || is_straggler(packet.header, now))) {
    ++stale_;
    return;
  }
  media_bytes_ += cost_of(packet);
  ++media_packets_;
  media_[lane].push_back({packet, now, next_order_++});
  note_waiting(lane, packet.header);
  make_room(now);
}

std::size_t SendQueue::lane_of(const MediaHeader& header) {
  if (header.fec) return 3;  // nothing is lost here
  if (header.frame.priority == sound_priority) return sound;
  if (header.frame.temporal_layer > 0) return 3;
  return header.frame.spatial_layer == 0 ? 1 : 2;
}

/// Whether what was given up before leaves this packet of any use.
bool SendQueue::passes_cut(const MediaHeader& header) {
  const auto found = header.fec ? cuts_.end() : cuts_.find(picture_of(header));
  if (found == cuts_.end()) return true;
  if (header.frame.keyframe && header.start) {
    cuts_.erase(found);
    return true;
  }
  const std::uint8_t layer = header.frame.temporal_layer;
  if (layer < found->second) return true;
  if (layer > found->second || !header.frame.layer_sync || !header.start) return false;
  ++found->second;  // this layer can be decoded again; those above refer to what was lost
  return true;
}

// ---- what is given up ----

void SendQueue::drop_stale(Time now) {
  while (!feedback_.empty() && feedback_.front().since + stale_sound < now) feedback_.pop_front();
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const Duration patience = lane == sound ? stale_sound : stale_picture;
    while (!media_[lane].empty() && media_[lane].front().since + patience < now) give_up_front(lane, now);
  }
}

void SendQueue::make_room(Time now) {
  for (std::size_t lane = lanes; lane-- > 0;) {
    while (over_full() && !media_[lane].empty()) give_up_front(lane, now);
  }
}

/// One packet of sound or parity, or a frame as far as it stands together; what stands behind others is refused when its turn comes.
void SendQueue::give_up_front(std::size_t lane, Time now) {
  const Taken taken = take_front(lane);
  const MediaHeader& lost = taken.packet.header;
  ++stale_;
  if (lane == sound || lost.fec || taken.doomed) return;
  const auto is_of_it = [&](const MediaHeader& each) {
    return !each.fec && picture_of(each) == picture_of(lost) && each.frame.frame_number == lost.frame.frame_number;
  };
  for (; !media_[lane].empty() && is_of_it(media_[lane].front().packet.header); ++stale_) (void)take_front(lane);
  if (lost_.size() >= most_cuts) lost_.clear();
  lost_.insert_or_assign(picture_of(lost), Lost{lost.frame.frame_number, now});
  if (!lost.frame.discardable && !lost.retransmission) cut(lost);
}

bool SendQueue::is_straggler(const MediaHeader& header, Time now) const {
  const auto found = header.fec ? lost_.end() : lost_.find(picture_of(header));
  return found != lost_.end() && found->second.frame_number == header.frame.frame_number && now <= found->second.since + stale_sound;
}

SendQueue::Taken SendQueue::take_front(std::size_t lane) {
  Waiting& front = media_[lane].front();
  Taken taken{{}, lane != sound && doomed(front)};
  taken.packet = std::move(front.packet);
  media_[lane].pop_front();
  media_bytes_ -= cost_of(taken.packet);
  --media_packets_;
  note_gone(lane, taken.packet.header);
  return taken;
}

// ---- what cannot be decoded any more ----

void SendQueue::note_waiting(std::size_t lane, const MediaHeader& header) {
  if (lane == sound || header.fec) return;
  Standing& standing = standing_[picture_of(header)];
  ++standing.packets;
  if (!header.frame.keyframe || lane == lanes - 1) return;  // keyframes are of the lowest temporal layer
  const bool newer = standing.of_keyframes == 0 || is_later(header.frame.frame_number, standing.newest_keyframe);  // what was repaired comes late
  if (newer) standing.newest_keyframe = header.frame.frame_number;
  ++standing.of_keyframes;
}

void SendQueue::note_gone(std::size_t lane, const MediaHeader& header) {
  if (lane == sound || header.fec) return;
  const auto found = standing_.find(picture_of(header));
  if (header.frame.keyframe && lane != lanes - 1) --found->second.of_keyframes;
  if (--found->second.packets == 0) standing_.erase(found);
}

bool SendQueue::doomed(const Waiting& each) const {
  const MediaHeader& header = each.packet.header;
  const auto found = header.fec ? standing_.end() : standing_.find(picture_of(header));
  if (found == standing_.end()) return false;
  return std::ranges::any_of(found->second.dooms, [&](const Doom& doom) {
    const bool meant = header.frame.temporal_layer >= doom.layer && each.order < doom.order;
    return meant && (!doom.keyframe || is_later(*doom.keyframe, header.frame.frame_number));
  });
}

/// Nothing of the picture from the lost frame's layer upward is decoded before the next keyframe: the newest that waits, since two are rarely that close.
void SendQueue::cut(const MediaHeader& lost) {
  const std::uint8_t layer = lost.frame.temporal_layer;
  if (const auto found = standing_.find(picture_of(lost)); found != standing_.end()) {
    Standing& standing = found->second;
    Doom doom{layer, next_order_, {}};
    if (standing.of_keyframes > 0 && is_later(standing.newest_keyframe, lost.frame.frame_number)) doom.keyframe = standing.newest_keyframe;
    std::erase_if(standing.dooms, [&](const Doom& before) { return before.layer == layer; });
    standing.dooms.push_back(doom);
    if (doom.keyframe) return;
  }
  if (cuts_.size() >= most_cuts) cuts_.clear();
  const auto [entry, fresh] = cuts_.emplace(picture_of(lost), layer);
  if (!fresh) entry->second = std::min(entry->second, layer);
}

void SendQueue::drop_media() {
  for (auto& lane : media_) lane.clear();
  standing_.clear();
  feedback_.clear();
  media_bytes_ = media_packets_ = 0;
}

// ---- what leaves ----

std::optional<OutgoingFrame> SendQueue::next(Time now) {
  drop_stale(now);
  if (!feedback_.empty()) {
    auto frame = frame_of(FrameKind::feedback, std::move(feedback_.front().bytes));
    feedback_.pop_front();
    return frame;
  }
  if (auto frame = next_media(sound, sound + 1, now)) return frame;
  pictures_turn_ = !pictures_turn_;
  auto frame = pictures_turn_ ? next_media(sound + 1, lanes, now) : next_message();
  if (!frame) frame = pictures_turn_ ? next_message() : next_media(sound + 1, lanes, now);
  return frame;
}

std::optional<OutgoingFrame> SendQueue::next_message() {
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    const auto waiting = channels_[i].unsent(1);
    if (waiting.empty()) continue;
    const ByteView chunk = waiting.front().first(std::min(waiting.front().size(), max_chunk));
    auto frame = frame_of(static_cast<FrameKind>(i), Bytes(chunk.begin(), chunk.end()));
    taken_[i] += chunk.size();
    channels_[i].mark_sent(chunk.size());
    channels_[i].mark_acked(taken_[i]);  // TCP repeats it, not we
    return frame;
  }
  return std::nullopt;
}

std::optional<OutgoingFrame> SendQueue::next_media(std::size_t first_lane, std::size_t end_lane, Time now) {
  for (std::size_t lane = first_lane; lane < end_lane; ++lane) {
    while (!media_[lane].empty()) {
      Taken taken = take_front(lane);
      const bool of_use = lane == sound || (!taken.doomed && !is_straggler(taken.packet.header, now));
      if (of_use) return frame_of(std::move(taken.packet));
      ++stale_;
    }
  }
  return std::nullopt;
}

std::size_t SendQueue::message_bytes() const {
  std::size_t bytes = 0;
  for (const auto& channel : channels_) bytes += channel.held();
  return bytes;
}

bool SendQueue::empty() const {
  return feedback_.empty() && !holds_messages() && std::all_of(media_.begin(), media_.end(), [](const auto& lane) { return lane.empty(); });
}

}  // namespace conclave::transport::websocket
