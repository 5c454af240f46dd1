#include "conference/receiving_stream.h"

#include <algorithm>

namespace conclave::conference {

std::optional<ArrivedFrame> ReceivingStream::push(const MediaPacket& packet, session::FrameOpener& opener, DropReport& dropped,
                                                  Time now) {
  losses_.push(packet.header, now);
  std::optional<media::ReassembledFrame> frame = reassembler_.push(packet, now);
  if (!frame) return std::nullopt;
  const session::OpenedFrame opened = opener.open(frame->info, frame->ciphertext);
  if (opened.fate == session::FrameFate::unknown_epoch) {
    hold(std::move(*frame), dropped);
    return std::nullopt;
  }
  return accept(opened, *frame, dropped);
}

std::optional<ArrivedFrame> ReceivingStream::next_held(session::FrameOpener& opener, DropReport& dropped, Time now) {
  while (!held_.empty()) {
    const media::ReassembledFrame frame = std::move(held_.front());
    held_.pop_front();
    held_bytes_ -= frame.ciphertext.size();
    if (now - frame.arrival > max_held_time) {
      ++dropped.unknown_epoch;
      continue;
    }
    if (auto arrived = open(frame, opener, dropped)) return arrived;
  }
  return std::nullopt;
}

std::optional<ArrivedFrame> ReceivingStream::open(const media::ReassembledFrame& frame, session::FrameOpener& opener,
                                                  DropReport& dropped) {
  return accept(opener.open(frame.info, frame.ciphertext), frame, dropped);
}

std::optional<ArrivedFrame> ReceivingStream::accept(const session::OpenedFrame& opened, const media::ReassembledFrame& frame,
                                                    DropReport& dropped) {
  switch (opened.fate) {
    case session::FrameFate::opened: break;
    case session::FrameFate::malformed: ++dropped.malformed; return std::nullopt;
    case session::FrameFate::unknown_epoch: ++dropped.unknown_epoch; return std::nullopt;
    case session::FrameFate::unknown_sender: ++dropped.unknown_sender; return std::nullopt;
    case session::FrameFate::forged: ++dropped.forged; return std::nullopt;
    case session::FrameFate::replayed: ++dropped.replayed; return std::nullopt;
  }
  const Result<media::FramePayload> payload = media::read_frame_payload(opened.plaintext);
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
}

}  // namespace conclave::conference
