// Threads that an application lends to one call.
#pragma once

#include <cstddef>
#include <functional>

namespace conclave::mls {

/// Runs `job(0)` to `job(count - 1)`, in any order and on any threads, and returns when all of them are done. The jobs read what
/// they share and write what is theirs alone. An empty executor leaves them to the calling thread. One that leaves a job out makes the
/// call fail; one that runs a job again, one that there is not, or (with a copy of `job`) one after it returned does nothing by it.
using Executor = std::function<void(std::size_t count, const std::function<void(std::size_t)>& job)>;

}  // namespace conclave::mls
