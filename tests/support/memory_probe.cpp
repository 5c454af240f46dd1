#include "support/memory_probe.h"

#include <malloc.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONCLAVE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CONCLAVE_SANITIZED 1
#endif
#endif

namespace conclave::test {

namespace {

struct Watched {
  std::array<std::uint8_t, 64> bytes;
  std::size_t size;
};

std::atomic<std::size_t> allocation_count{0};
std::size_t leak_count = 0;
std::array<Watched, 8> watched;
std::size_t watched_count = 0;
}  // namespace

std::size_t copies_in(ByteView memory) {
  std::size_t copies = 0;
  for (const Watched& secret : std::span(watched).first(watched_count)) {
    const void* from = memory.data();
    std::size_t left = memory.size();
    while (const void* found = memmem(from, left, secret.bytes.data(), secret.size)) {
      ++copies;
      const auto* next = static_cast<const std::uint8_t*>(found) + 1;
      left = static_cast<std::size_t>(memory.data() + memory.size() - next);
      from = next;
    }
  }
  return copies;
}

std::size_t allocations() { return allocation_count; }

void watch_for(ByteView secret) {
  Watched& entry = watched.at(watched_count++);
  entry.size = std::min(secret.size(), entry.bytes.size());
  std::copy_n(secret.begin(), entry.size, entry.bytes.begin());
}

void forget_secrets() {
  watched_count = 0;
  leak_count = 0;
}

std::size_t leaks() { return leak_count; }

#ifdef CONCLAVE_SANITIZED

bool can_watch_memory() { return false; }

std::size_t copies_left_on_stack(const std::function<void()>&) { return 0; }

#else

namespace {

const std::function<void()>* running = nullptr;

void run() { (*running)(); }

}  // namespace

bool can_watch_memory() { return true; }

std::size_t copies_left_on_stack(const std::function<void()>& body) {
  constexpr std::size_t stack_size = std::size_t{1} << 20;
  const auto stack = std::make_unique<std::uint8_t[]>(stack_size);
  ucontext_t here;
  ucontext_t there;
  getcontext(&there);
  there.uc_stack.ss_sp = stack.get();
  there.uc_stack.ss_size = stack_size;
  there.uc_link = &here;
  running = &body;
  makecontext(&there, run, 0);
  swapcontext(&here, &there);
  const std::size_t left = copies_in({stack.get(), stack_size});
  std::fill_n(stack.get(), stack_size, std::uint8_t{0});
  return left;
}

void note_allocation() { allocation_count.fetch_add(1, std::memory_order_relaxed); }

void note_free(void* memory) {
  if (memory == nullptr || watched_count == 0) return;
  leak_count += copies_in({static_cast<std::uint8_t*>(memory), malloc_usable_size(memory)});
}

#endif

}  // namespace conclave::test

#ifndef CONCLAVE_SANITIZED

// The C library's allocator under the names that it keeps for those who replace the public ones.
extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) {
  conclave::test::note_allocation();
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  conclave::test::note_allocation();
  return __libc_calloc(count, size);
}

void* realloc(void* memory, std::size_t size) {
  conclave::test::note_allocation();
  conclave::test::note_free(memory);
  return __libc_realloc(memory, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  conclave::test::note_allocation();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  *memory = aligned_alloc(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}

void free(void* memory) {
  conclave::test::note_free(memory);
  __libc_free(memory);
}

}  // extern "C"

#endif
