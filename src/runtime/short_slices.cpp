#include "runtime/short_slices.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace conclave::runtime {
namespace {

/// `struct sched_attr` of the kernel (sched_setattr(2)), for which not every C library has a name.
struct SchedulingAttributes {
  std::uint32_t size = 48;
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;  ///< of an ordinary thread: the length of its slices in nanoseconds
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};
static_assert(sizeof(SchedulingAttributes) == 48);

constexpr std::uint32_t ordinary = 0;             // SCHED_OTHER
constexpr std::uint64_t shortest_slice = 100'000;  // that the kernel takes

}  // namespace

void ask_for_short_slices() {
  SchedulingAttributes wish;
  if (::syscall(SYS_sched_getattr, 0, &wish, sizeof wish, 0) != 0 || wish.policy != ordinary) return;
  wish.runtime = shortest_slice;
  (void)::syscall(SYS_sched_setattr, 0, &wish, 0);
}

}  // namespace conclave::runtime
