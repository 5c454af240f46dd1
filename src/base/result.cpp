#include "base/result.h"

namespace conclave {

const char* name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::invalid_state: return "invalid_state";
    case ErrorCode::buffer_too_small: return "buffer_too_small";
    case ErrorCode::not_permitted: return "not_permitted";
    case ErrorCode::limit_exceeded: return "limit_exceeded";
    case ErrorCode::malformed: return "malformed";
    case ErrorCode::not_authentic: return "not_authentic";
    case ErrorCode::replayed: return "replayed";
    case ErrorCode::unknown_key: return "unknown_key";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::invalid_message: return "invalid_message";
    case ErrorCode::wrong_group: return "wrong_group";
    case ErrorCode::wrong_epoch: return "wrong_epoch";
    case ErrorCode::forbidden_by_policy: return "forbidden_by_policy";
    case ErrorCode::expired: return "expired";
    case ErrorCode::refused: return "refused";
    case ErrorCode::version_mismatch: return "version_mismatch";
    case ErrorCode::identity_mismatch: return "identity_mismatch";
    case ErrorCode::diverged: return "diverged";
    case ErrorCode::unreachable: return "unreachable";
    case ErrorCode::connection_lost: return "connection_lost";
    case ErrorCode::io_error: return "io_error";
    case ErrorCode::device_missing: return "device_missing";
    case ErrorCode::out_of_resources: return "out_of_resources";
    case ErrorCode::damaged_state: return "damaged_state";
    case ErrorCode::internal: return "internal";
  }
  return "unknown";
}

}  // namespace conclave
