#include <string>

#include "conclave/frame_sealer.h"

namespace conclave {

const char* name_of(FrameStatus status) {
  switch (status) {
    case FrameStatus::opened: return "opened";
    case FrameStatus::malformed: return "malformed";
    case FrameStatus::unknown_epoch: return "unknown_epoch";
    case FrameStatus::not_in_roster: return "not_in_roster";
    case FrameStatus::unknown_stream: return "unknown_stream";
    case FrameStatus::no_right: return "no_right";
    case FrameStatus::wrong_sender: return "wrong_sender";
    case FrameStatus::replayed: return "replayed";
    case FrameStatus::too_old: return "too_old";
    case FrameStatus::forged: return "forged";
    case FrameStatus::suspended: return "suspended";
    case FrameStatus::buffer_too_small: return "buffer_too_small";
    case FrameStatus::held: return "held";
  }
  return "";
}

namespace {

ErrorCode code_of(FrameStatus status) {
  switch (status) {
    case FrameStatus::opened: return ErrorCode::internal;
    case FrameStatus::malformed: return ErrorCode::malformed;
    case FrameStatus::unknown_epoch:
    case FrameStatus::not_in_roster:
    case FrameStatus::unknown_stream: return ErrorCode::unknown_key;
    case FrameStatus::no_right: return ErrorCode::forbidden_by_policy;
    case FrameStatus::wrong_sender: return ErrorCode::invalid_message;
    case FrameStatus::replayed:
    case FrameStatus::too_old: return ErrorCode::replayed;
    case FrameStatus::forged: return ErrorCode::not_authentic;
    case FrameStatus::suspended: return ErrorCode::diverged;
    case FrameStatus::buffer_too_small: return ErrorCode::buffer_too_small;
    case FrameStatus::held: return ErrorCode::not_authentic;
  }
  return ErrorCode::internal;
}

bool names_sender(FrameStatus status) {
  return status != FrameStatus::malformed && status != FrameStatus::unknown_epoch && status != FrameStatus::not_in_roster &&
         status != FrameStatus::suspended;
}

}  // namespace

Error OpenedFrame::error() const {
  Error error{code_of(status), std::string("a frame is dropped: ") + name_of(status)};
  if (status == FrameStatus::buffer_too_small) error.detail = std::to_string(size) + " bytes are needed";
  if (names_sender(status)) error.participant = sender;
  return error;
}

}  // namespace conclave
