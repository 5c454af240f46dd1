#include "conference/receiving_stream.h"

#include <algorithm>
#include <utility>

#include "session/frame_metadata.h"

namespace conclave::conference {

std::optional<ArrivedFrame> ReceivingStream::push(const MediaPacket& packet, std::uint64_t hop_losses, Reception& reception, DropReport& dropped,
                                                  Time now) {
  hop_losses_ = hop_losses;
  for (MediaPacket& made : recovery_.push(packet)) repaired_.push_back(std::move(made));
  if (packet.header.fec) return std::nullopt;
  last_packet_ = now;
  if (!sender_ && unproven_++ == 0) first_unproven_ = now;
  return take(packet, reception, dropped, now);
}

std::optional<ArrivedFrame> ReceivingStream::next_repaired(Reception& reception, DropReport& dropped, Time now) {
  while (!repaired_.empty()) {
    const MediaPacket packet = std::move(repaired_.front());
    repaired_.pop_front();
    if (auto arrived = take(packet, reception, dropped, now)) return arrived;
  }
  return std::nullopt;
}

std::optional<ArrivedFrame> ReceivingStream::take(const MediaPacket& packet, Reception& reception, DropReport& dropped, Time now) {
  losses_.push(packet.header, now, hop_losses_);
  if (!announced_sound_) frame_losses_.push(packet.header, hop_losses_);
  std::optional<media::ReassembledFrame> frame = reassembler_.push(packet, now);
  if (!frame) return std::nullopt;
  reception.plaintext.resize(frame->ciphertext.size());
  const OpenedFrame opened = reception.opener.open(frame->info, frame->ciphertext, reception.plaintext);
  if (opened.status == FrameStatus::unknown_epoch) {
    hold(std::move(*frame), dropped);
    return std::nullopt;
  }
  return accept(opened, reception.plaintext, *frame, dropped);
}

std::optional<ArrivedFrame> ReceivingStream::next_held(Reception& reception, DropReport& dropped, Time now) {
  while (!held_.empty()) {
    const media::ReassembledFrame frame = std::move(held_.front());
    held_.pop_front();
    held_bytes_ -= frame.ciphertext.size();
    if (now - frame.arrival > max_held_time) {
      ++dropped.unknown_epoch;
      continue;
    }
    if (auto arrived = open(frame, reception, dropped)) return arrived;
  }
  return std::nullopt;
}

std::optional<ArrivedFrame> ReceivingStream::next_proven(Reception& reception, DropReport& dropped, Time now) {
  while (const auto proven = reception.opener.next_proven()) {
    std::array<std::uint8_t, session::frame_metadata_size> metadata{};
    if (proven->metadata.size() != metadata.size()) continue;
    std::ranges::copy(proven->metadata, metadata.begin());
    media::ReassembledFrame frame;
    frame.info = session::frame_info(metadata);
    frame.arrival = now;
    if (auto arrived = accept(proven->frame, proven->plaintext, frame, dropped)) return arrived;
  }
  return std::nullopt;
}

std::optional<ArrivedFrame> ReceivingStream::open(const media::ReassembledFrame& frame, Reception& reception,
                                                  DropReport& dropped) {
  reception.plaintext.resize(frame.ciphertext.size());
  return accept(reception.opener.open(frame.info, frame.ciphertext, reception.plaintext), reception.plaintext, frame, dropped);
}

std::optional<ArrivedFrame> ReceivingStream::accept(const OpenedFrame& opened, ByteView plaintext, const media::ReassembledFrame& frame,
                                                    DropReport& dropped) {
  switch (opened.status) {
    case FrameStatus::opened: break;
    case FrameStatus::malformed:
    case FrameStatus::buffer_too_small: ++dropped.malformed; return std::nullopt;
    case FrameStatus::suspended:
    case FrameStatus::unknown_epoch: ++dropped.unknown_epoch; return std::nullopt;
    case FrameStatus::not_in_roster:
    case FrameStatus::unknown_stream:
    case FrameStatus::no_right:
    case FrameStatus::wrong_sender: ++dropped.unknown_sender; return std::nullopt;
    case FrameStatus::held: return std::nullopt;  // `next_proven` has it, once it is proven
    case FrameStatus::forged: ++dropped.forged; return std::nullopt;
    case FrameStatus::replayed:
    case FrameStatus::too_old: ++dropped.replayed; return std::nullopt;
  }
  const Result<media::FramePayload> payload = media::read_frame_payload(plaintext.first(opened.size));
  if (!payload.ok()) {
    ++dropped.malformed;
    return std::nullopt;
  }
  const bool sound = payload->kind == media::PayloadKind::opus;
  const bool foreign = sender_ && (*sender_ != opened.sender || sound == video());
  if (foreign) {
    ++dropped.wrong_stream;
    return std::nullopt;
  }
  sender_ = opened.sender;
  kind_ = payload->kind;
  return ArrivedFrame{opened.sender, frame.info, *payload, frame.arrival};
}

void ReceivingStream::hold(media::ReassembledFrame frame, DropReport& dropped) {
  const bool fits = held_.size() < max_held && held_bytes_ + frame.ciphertext.size() <= max_held_bytes;
  if (!fits) {
    ++dropped.unknown_epoch;
    return;
  }
  held_bytes_ += frame.ciphertext.size();
  held_.push_back(std::move(frame));
}

std::vector<std::uint32_t> ReceivingStream::due_nacks(Time now, Duration round_trip, Duration budget) {
  return losses_.due_nacks(now, round_trip, budget);
}

transport::ReceiverReport ReceivingStream::report(Time now) {
  const media::StreamReport report = losses_.report(now);
  return {id_,           report.highest_sequence, report.received,        report.lost,
          report.jitter, report.last_send_time,   report.delay_since_last};
}

void ReceivingStream::expire(DropReport& dropped, Time now) {
  reassembler_.expire(now);
  while (!held_.empty() && now - held_.front().arrival > max_held_time) {
    held_bytes_ -= held_.front().ciphertext.size();
    held_.pop_front();
    ++dropped.unknown_epoch;
  }
}

Time ReceivingStream::next_deadline() const { return losses_.next_deadline(); }

void ReceivingStream::unbind() {
  sender_.reset();
  kind_.reset();
  unproven_ = 0;
}

bool ReceivingStream::take_back() {
  if (!sender_) unproven_ = 0;
  return !std::exchange(wanted_, true);
}

}  // namespace conclave::conference
