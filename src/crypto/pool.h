// Objects that are dear to make and that one call at a time may use. Internal to crypto.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace conclave::crypto {

/// Keeps a few idle objects for any number of threads, without a lock: a call takes an object that no other holds, or makes one,
/// and hands it back. After the first calls of as many threads as work at once, nothing is made any more.
/// Slots apart (`Alignment`) keep threads that share one pool out of each other's cache lines.
/// This is the only place below `runtime` that knows of threads: it makes const calls on one key safe.
template <class T, class Deleter, std::size_t kept = 4, std::size_t Alignment = alignof(void*)>
class Pool {
 public:
  using Object = std::unique_ptr<T, Deleter>;

  Pool() = default;
  ~Pool() {
    for (Slot& slot : slots_) Object(slot.idle.load(std::memory_order_acquire));
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// An object for this call alone; goes back into the pool at the end of its life.
  class Lease {
   public:
    Lease(Pool& pool, Object object) : pool_(pool), object_(std::move(object)) {}
    ~Lease() { pool_.put(std::move(object_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] T* get() const { return object_.get(); }

   private:
    Pool& pool_;
    Object object_;
  };

  /// `make` gives a new `Object` when none is idle.
  template <class Make>
  Lease take(const Make& make) {
    const std::size_t start = home();
    for (std::size_t i = 0; i < kept; ++i) {
      auto& idle = slots_[(start + i) % kept].idle;
      if (idle.load(std::memory_order_relaxed) == nullptr) continue;
      if (T* object = idle.exchange(nullptr, std::memory_order_acquire)) return Lease(*this, Object(object));
    }
    return Lease(*this, make());
  }

 private:
  struct alignas(Alignment) Slot {
    std::atomic<T*> idle{nullptr};
  };

  void put(Object object) {
    const std::size_t start = home();
    for (std::size_t i = 0; i < kept; ++i) {
      T* empty = nullptr;
      if (slots_[(start + i) % kept].idle.compare_exchange_strong(empty, object.get(), std::memory_order_release,
                                                                  std::memory_order_relaxed)) {
        static_cast<void>(object.release());
        return;
      }
    }
  }

  /// The slot where a thread looks first: threads differ in where their stacks are, and mostly find their own object again.
  static std::size_t home() {
    const char here = 0;
    return (reinterpret_cast<std::uintptr_t>(&here) >> 20) * 0x9E3779B9U >> 8 & (kept - 1);
  }

  static_assert(std::has_single_bit(kept));
  std::array<Slot, kept> slots_;
};

}  // namespace conclave::crypto
