#include "failure.h"

#include "terminal.h"

namespace conclave::call {
namespace {

Failure make(ExitCode code, const std::string& sentence) { return {code, terminal_text(sentence)}; }

std::string with_detail(const std::string& sentence, const Error& error) {
  return error.detail.empty() ? sentence : sentence + ": " + error.detail;
}

/// Most details say themselves what is wrong with the link.
Failure wrong_link(const Error& error) {
  const bool whole = error.detail.find("the link") != std::string::npos;
  return make(ExitCode::wrong_link, whole ? error.detail : with_detail("the link is wrong", error));
}

}  // namespace

Failure link_failure(const Error& error) {
  return error.code == ErrorCode::version_mismatch ? make(ExitCode::version_mismatch, error.detail) : wrong_link(error);
}

Failure host_failure(const Error& error) {
  auto failure = device_failure(error);
  if (error.detail.starts_with("cannot bind the UDP port")) failure.sentence += " (try --port 0)";
  return failure;
}

Failure room_failure(const Error& error, const std::string& place) {
  const bool refused = error.code == ErrorCode::refused || error.code == ErrorCode::limit_exceeded;
  if (!refused) return call_failure(error, place, false);
  return make(ExitCode::knock_refused, with_detail("the relay opens no room for you", error));
}

Failure device_failure(const Error& error) { return make(ExitCode::missing_source, error.detail); }

Failure call_failure(const Error& error, const std::string& place, bool joined) {
  switch (error.code) {
    case ErrorCode::version_mismatch:
      return make(ExitCode::version_mismatch,
                  with_detail("the other side speaks another version of the protocol", error));
    case ErrorCode::identity_mismatch:
      return make(ExitCode::identity_mismatch, with_detail("the other side is not the one that the link names", error));
    default: break;
  }
  if (joined) return make(ExitCode::call_broken, with_detail("the call broke off", error));
  switch (error.code) {
    case ErrorCode::unreachable: return make(ExitCode::unreachable, with_detail("nobody answers at " + place, error));
    case ErrorCode::refused: return make(ExitCode::knock_refused, with_detail("the knock was refused", error));
    case ErrorCode::expired: return make(ExitCode::knock_refused, "nobody answered the knock in time");
    case ErrorCode::malformed:
    case ErrorCode::not_authentic:
    case ErrorCode::unknown_key:
    case ErrorCode::wrong_group: return wrong_link(error);
    default: return make(ExitCode::call_broken, with_detail("the call could not be set up", error));
  }
}

}  // namespace conclave::call
