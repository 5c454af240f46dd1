#include "handles.h"

#include <array>
#include <mutex>
#include <vector>

namespace conclave::c {

// A handle: generation (32 bits), kind (8), index (24).
// The state of a slot: generation (32 bits), closed (1), exclusive (1), threads inside (30).
struct Slot {
  std::atomic<std::uint64_t> state{std::uint64_t{1} << 32 | std::uint64_t{1} << 31};
  Object* object = nullptr;  ///< stands still while somebody is inside
  std::uint32_t index = 0;
};

namespace {

constexpr std::uint64_t closed_bit = std::uint64_t{1} << 31;
constexpr std::uint64_t exclusive_bit = std::uint64_t{1} << 30;
constexpr std::uint64_t inside_mask = exclusive_bit - 1;
constexpr std::size_t slots_per_block = 256;
constexpr std::size_t most_blocks = 256;

constexpr std::uint64_t generation_of(std::uint64_t word) { return word >> 32; }

/// Slots never move and never go: a look-up needs no lock.
class Table {
 public:
  [[nodiscard]] Slot* find(std::uint32_t index) const {
    if (index >= slots_per_block * most_blocks) return nullptr;
    Slot* block = blocks_[index / slots_per_block].load(std::memory_order_acquire);
    return block != nullptr ? &block[index % slots_per_block] : nullptr;
  }

  /// A slot that nobody uses; null when there is none.
  Slot* take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty() && !grow()) return nullptr;
    Slot* slot = free_.back();
    free_.pop_back();
    return slot;
  }

  void give_back(Slot& slot) {
    const std::lock_guard lock(mutex_);
    free_.push_back(&slot);
  }

 private:
  bool grow() {
    if (block_count_ == most_blocks) return false;
    free_.reserve((block_count_ + 1) * slots_per_block);
    auto* block = new Slot[slots_per_block];  // for the life of the process, as long as handles may be asked for
    for (std::size_t i = slots_per_block; i-- > 0;) {
      block[i].index = static_cast<std::uint32_t>(block_count_ * slots_per_block + i);
      free_.push_back(&block[i]);
    }
    blocks_[block_count_++].store(block, std::memory_order_release);
    return true;
  }

  std::array<std::atomic<Slot*>, most_blocks> blocks_{};
  std::mutex mutex_;
  std::vector<Slot*> free_;
  std::size_t block_count_ = 0;
};

/// Never destroyed: threads of the caller may outlive the statics.
Table& table() {
  static Table* const the = new Table;
  return *the;
}

/// The last one inside a closed slot: makes it free for the next object, then destroys this one.
void destroy(Slot& slot) {
  const std::unique_ptr<Object> object(std::exchange(slot.object, nullptr));
  const std::uint64_t next = (generation_of(slot.state.load()) + 1) & 0xFFFF'FFFF;
  slot.state.store((next == 0 ? 1 : next) << 32 | closed_bit, std::memory_order_release);
  table().give_back(slot);
}

void leave(Slot& slot, std::uint64_t weight) {
  const std::uint64_t after = slot.state.fetch_sub(weight, std::memory_order_acq_rel) - weight;
  if ((after & closed_bit) != 0 && (after & inside_mask) == 0) destroy(slot);
}

/// What entering adds to a slot's state, or why one cannot.
Result<std::uint64_t> weight_of(std::uint64_t state, conclave_handle handle, Use use) {
  if (generation_of(state) != generation_of(handle) || (state & closed_bit) != 0) return wrong_state("the handle is closed");
  if (use == Use::beside) return std::uint64_t{1};
  if ((state & exclusive_bit) != 0) return wrong_state("another thread is using the handle");
  return use == Use::exclusive ? exclusive_bit | 1 : std::uint64_t{1};
}

Result<Slot*> slot_of(conclave_handle handle) {
  Slot* slot = handle != 0 ? table().find(static_cast<std::uint32_t>(handle & 0xFF'FFFF)) : nullptr;
  if (slot == nullptr || generation_of(handle) == 0) return invalid("there is no such handle");
  if (generation_of(handle) > generation_of(slot->state.load(std::memory_order_relaxed))) return invalid("there is no such handle");
  return slot;
}

Result<Held> enter(conclave_handle handle, Use use) {
  CONCLAVE_C_ASSIGN(slot, slot_of(handle));
  std::uint64_t state = slot->state.load(std::memory_order_acquire);
  for (;;) {
    CONCLAVE_C_ASSIGN(weight, weight_of(state, handle, use));
    if (!slot->state.compare_exchange_weak(state, state + weight, std::memory_order_acq_rel, std::memory_order_acquire)) continue;
    Held held(*slot, *slot->object, weight);
    if (static_cast<std::uint64_t>(held.object().kind()) != (handle >> 24 & 0xFF)) return invalid("there is no such handle");
    return held;
  }
}

}  // namespace

Held::~Held() {
  if (slot_ != nullptr) leave(*slot_, weight_);
}

Result<Held> hold(conclave_handle handle, Kind kind, Use use) {
  if (handle == 0) return invalid("the handle is 0");
  if ((handle >> 24 & 0xFF) != static_cast<std::uint64_t>(kind)) return invalid("the handle is of another type");
  return enter(handle, use);
}

Result<Held> hold_any(conclave_handle handle) { return enter(handle, Use::beside); }

Result<conclave_handle> name_object(std::unique_ptr<Object> object) {
  Slot* slot = table().take();
  if (slot == nullptr) return Error{ErrorCode::limit_exceeded, "there are too many handles"};
  const auto generation = generation_of(slot->state.load(std::memory_order_relaxed));
  const auto kind = static_cast<std::uint64_t>(object->kind());
  slot->object = object.release();
  slot->state.store(generation << 32, std::memory_order_release);
  return generation << 32 | kind << 24 | slot->index;
}

Result<void> close_handle(conclave_handle handle) {
  CONCLAVE_C_ASSIGN(held, hold_any(handle));
  CONCLAVE_C_ASSIGN(slot, slot_of(handle));
  if ((slot->state.fetch_or(closed_bit, std::memory_order_acq_rel) & closed_bit) != 0) return wrong_state("the handle is closed");
  held.object().closing();
  return {};
}

}  // namespace conclave::c

using namespace conclave::c;

conclave_result conclave_close(conclave_handle handle) {
  return guarded([&] { return close_handle(handle); });
}

conclave_result conclave_set_user(conclave_handle handle, void* user) {
  return guarded([&]() -> conclave::Result<void> {
    CONCLAVE_C_ASSIGN(held, hold_any(handle));
    held.object().user.store(user);
    return {};
  });
}

conclave_result conclave_get_user(conclave_handle handle, void** user) {
  return guarded([&]() -> conclave::Result<void> {
    if (user == nullptr) return invalid("the place for the pointer is NULL");
    CONCLAVE_C_ASSIGN(held, hold_any(handle));
    *user = held.object().user.load();
    return {};
  });
}
