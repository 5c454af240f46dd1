#include "runtime/steady_time.h"

namespace conclave::runtime {

Time steady_now() {
  return Time(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

UnixSeconds wall_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(since).count())};
}

}  // namespace conclave::runtime
