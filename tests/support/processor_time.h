// What a piece of work costs this thread, so that a test can tell a cost that grows from one that does not.
#pragma once

#include <time.h>

#include <algorithm>
#include <limits>

namespace conclave::test {

/// Seconds of the processor that this thread spends in `work`: the least of `rounds`, since others disturb.
template <class Work>
double processor_seconds(Work&& work, int rounds = 3) {
  const auto spent = [] {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  };
  double least = std::numeric_limits<double>::max();
  for (int i = 0; i < rounds; ++i) {
    const double begin = spent();
    work();
    least = std::min(least, spent() - begin);
  }
  return least;
}

}  // namespace conclave::test
