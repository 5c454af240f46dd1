#include "mls/cost/allocation_count.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONCLAVE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CONCLAVE_SANITIZED 1
#endif
#endif

namespace {

std::atomic<std::size_t> allocated = 0;
std::atomic<std::size_t> live = 0;

}  // namespace

#ifndef CONCLAVE_SANITIZED  // whose allocator is its own

void* operator new(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  allocated += size;
  live += malloc_usable_size(memory);
  return memory;
}

void operator delete(void* memory) noexcept {
  live -= malloc_usable_size(memory);
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

#endif

namespace conclave::mls::cost {

bool can_count() {
#ifdef CONCLAVE_SANITIZED
  return false;
#else
  return true;
#endif
}

std::size_t allocated_bytes() { return allocated; }
std::size_t live_bytes() { return live; }

}  // namespace conclave::mls::cost
