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
/// Whoever takes an object keeps its slot, so that handing it back is a plain store. Slots apart (`Alignment`) keep threads that
/// share one pool out of each other's cache lines.
/// This is the only place below `runtime` that knows of threads: it makes const calls on one key safe.
template <class T, class Deleter, std::size_t kept = 4, std::size_t Alignment = alignof(void*)>
class Pool {
  using Address = std::uintptr_t;

 public:
  using Object = std::unique_ptr<T, Deleter>;

  Pool() = default;
  ~Pool() {
    for (Slot& slot : slots_) Object(object_at(slot.content.load(std::memory_order_acquire)));
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// An object for this call alone; goes back into the pool at the end of its life.
  class Lease {
   public:
    /// `slot` is null for an object that no slot waits for.
    Lease(std::atomic<Address>* slot, Object object) : slot_(slot), object_(std::move(object)) {}
    /// When `make` throws, the slot is empty again.
    template <class Make>
    Lease(std::atomic<Address>* slot, const Make& make) : Lease(slot, Object()) {
      object_ = make();
    }
    ~Lease() {
      if (slot_ != nullptr) slot_->store(reinterpret_cast<Address>(object_.release()), std::memory_order_release);
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] T* get() const { return object_.get(); }

   private:
    std::atomic<Address>* slot_;
    Object object_;
  };

  /// `make` gives a new `Object` when none is idle.
  template <class Make>
  Lease take(const Make& make) {
    const std::size_t start = home();
    for (std::size_t i = 0; i < kept; ++i) {
      std::atomic<Address>& content = slots_[(start + i) % kept].content;
      if (content.load(std::memory_order_relaxed) == taken) continue;
      const Address found = content.exchange(taken, std::memory_order_acquire);
      if (found == taken) continue;  // another was quicker, and will store over this
      return found == empty ? Lease(&content, make) : Lease(&content, Object(object_at(found)));
    }
    return Lease(nullptr, make());
  }

 private:
  static constexpr Address empty = 0;  ///< nothing was made for this slot yet
  static constexpr Address taken = 1;  ///< no object has this address
  struct alignas(Alignment) Slot {
    std::atomic<Address> content{empty};
  };

  static T* object_at(Address content) { return content == taken ? nullptr : reinterpret_cast<T*>(content); }

  /// The slot where a thread looks first: threads differ in where their stacks are, and mostly find their own object again.
  static std::size_t home() {
    const char here = 0;
    return (reinterpret_cast<std::uintptr_t>(&here) >> 20) * 0x9E3779B9U >> 8 & (kept - 1);
  }

  static_assert(std::has_single_bit(kept));
  std::array<Slot, kept> slots_;
};

}  // namespace conclave::crypto
