#include "failure.h"

#include <algorithm>
#include <cstring>

#include "structs.h"

namespace conclave::c {
namespace {

thread_local conclave_error last{};  // trivial: no thread's end has to take it down

#define CONCLAVE_SAME(upper, lower) static_assert(CONCLAVE_##upper == static_cast<int>(ErrorCode::lower))
CONCLAVE_SAME(INVALID_ARGUMENT, invalid_argument);
CONCLAVE_SAME(INVALID_STATE, invalid_state);
CONCLAVE_SAME(BUFFER_TOO_SMALL, buffer_too_small);
CONCLAVE_SAME(NOT_PERMITTED, not_permitted);
CONCLAVE_SAME(LIMIT_EXCEEDED, limit_exceeded);
CONCLAVE_SAME(MALFORMED, malformed);
CONCLAVE_SAME(NOT_AUTHENTIC, not_authentic);
CONCLAVE_SAME(REPLAYED, replayed);
CONCLAVE_SAME(UNKNOWN_KEY, unknown_key);
CONCLAVE_SAME(UNSUPPORTED, unsupported);
CONCLAVE_SAME(INVALID_MESSAGE, invalid_message);
CONCLAVE_SAME(WRONG_GROUP, wrong_group);
CONCLAVE_SAME(WRONG_EPOCH, wrong_epoch);
CONCLAVE_SAME(FORBIDDEN_BY_POLICY, forbidden_by_policy);
CONCLAVE_SAME(EXPIRED, expired);
CONCLAVE_SAME(REFUSED, refused);
CONCLAVE_SAME(VERSION_MISMATCH, version_mismatch);
CONCLAVE_SAME(IDENTITY_MISMATCH, identity_mismatch);
CONCLAVE_SAME(DIVERGED, diverged);
CONCLAVE_SAME(UNREACHABLE, unreachable);
CONCLAVE_SAME(CONNECTION_LOST, connection_lost);
CONCLAVE_SAME(IO_ERROR, io_error);
CONCLAVE_SAME(DEVICE_MISSING, device_missing);
CONCLAVE_SAME(OUT_OF_RESOURCES, out_of_resources);
CONCLAVE_SAME(DAMAGED_STATE, damaged_state);
CONCLAVE_SAME(INTERNAL, internal);
#undef CONCLAVE_SAME

}  // namespace

conclave_result record(const Error& error) noexcept {
  last = {};
  put_error(last, error);
  return last.code;
}

}  // namespace conclave::c

using namespace conclave;

uint32_t conclave_abi_version(void) { return CONCLAVE_ABI_VERSION; }
const char* conclave_version(void) { return CONCLAVE_VERSION_TEXT; }
int64_t conclave_now(void) { return c::micros(monotonic_now()); }

const char* conclave_result_name(conclave_result code) {
  if (code == CONCLAVE_OK) return "ok";
  const char* name = code > 0 && code < 0x10000 ? name_of(static_cast<ErrorCode>(code)) : "unknown";
  return name;
}

conclave_result conclave_last_error(conclave_error* error) {
  // Not guarded: a failure here must not replace what is asked for.
  return c::write_struct(error, c::last).ok() ? CONCLAVE_OK : CONCLAVE_INVALID_ARGUMENT;
}
