// Objects that are dear to make and that one call at a time may use. Internal to crypto.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace conclave::crypto {

/// Keeps a few idle objects for any number of threads, without a lock: a call takes an object that no other holds, or makes one,
/// and hands it back. After the first calls of as many threads as work at once, nothing is made any more.
/// This is the only place below `runtime` that knows of threads: it makes const calls on one key safe.
template <class T, class Deleter>
class Pool {
 public:
  using Object = std::unique_ptr<T, Deleter>;

  Pool() = default;
  ~Pool() {
    for (auto& slot : idle_) Object(slot.load(std::memory_order_acquire));
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
    for (auto& slot : idle_) {
      if (slot.load(std::memory_order_relaxed) == nullptr) continue;
      if (T* object = slot.exchange(nullptr, std::memory_order_acquire)) return Lease(*this, Object(object));
    }
    return Lease(*this, make());
  }

 private:
  void put(Object object) {
    for (auto& slot : idle_) {
      T* empty = nullptr;
      if (slot.compare_exchange_strong(empty, object.get(), std::memory_order_release, std::memory_order_relaxed)) {
        static_cast<void>(object.release());
        return;
      }
    }
  }

  static constexpr std::size_t kept = 4;
  std::array<std::atomic<T*>, kept> idle_{};
};

}  // namespace conclave::crypto
