#include "handles.h"

#include <array>
#include <mutex>
#include <vector>

namespace conclave::c {

namespace {

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

/// Never destroyed: threads of the caller may outlive the statics. There before anything runs, so that no look-up has to make it.
union Forever {
  constexpr Forever() : table() {}
  ~Forever() {}
  Table table;
};
constinit Forever forever;

Table& table() { return forever.table; }

Entry refuse(Refusal why) { return {nullptr, static_cast<std::uint64_t>(why)}; }

/// What entering adds to a slot's state.
constexpr std::uint64_t weight_of(Use use) { return use == Use::exclusive ? exclusive_bit | 1 : std::uint64_t{1}; }

Refusal refusal_of(std::uint64_t state, conclave_handle handle, Use use) {
  if (generation_of(state) != generation_of(handle) || (state & closed_bit) != 0) return Refusal::closed;
  return use != Use::beside && (state & exclusive_bit) != 0 ? Refusal::busy : Refusal::none;
}

/// The slot of a handle that was, or is, in use; null for numbers that were never handed out.
Slot* slot_of(conclave_handle handle) {
  Slot* slot = handle != 0 ? table().find(static_cast<std::uint32_t>(handle & 0xFF'FFFF)) : nullptr;
  if (slot == nullptr || generation_of(handle) == 0) return nullptr;
  return generation_of(handle) > generation_of(slot->state.load(std::memory_order_relaxed)) ? nullptr : slot;
}

constexpr std::uint64_t kind_of(conclave_handle handle) { return handle >> 24 & 0xFF; }

Entry enter_slot(conclave_handle handle, Use use) {
  Slot* slot = slot_of(handle);
  if (slot == nullptr) return refuse(Refusal::unknown);
  const std::uint64_t weight = weight_of(use);
  std::uint64_t state = slot->state.load(std::memory_order_acquire);
  do {
    if (const auto why = refusal_of(state, handle, use); why != Refusal::none) return refuse(why);
  } while (!slot->state.compare_exchange_weak(state, state + weight, std::memory_order_acq_rel, std::memory_order_acquire));
  if (static_cast<std::uint64_t>(slot->kind) == kind_of(handle)) return {slot, weight};
  const Held leave_again(*slot, weight);
  return refuse(Refusal::unknown);
}

Result<Held> held_of(const Entry& entry) {
  if (entry.slot == nullptr) return error_of(entry);
  return Held(*entry.slot, entry.weight_or_refusal);
}

}  // namespace

void destroy(Slot& slot) {
  const std::unique_ptr<Object> object(std::exchange(slot.object, nullptr));
  const std::uint64_t next = (generation_of(slot.state.load()) + 1) & 0xFFFF'FFFF;
  slot.state.store((next == 0 ? 1 : next) << 32 | closed_bit, std::memory_order_release);
  table().give_back(slot);
}

Entry enter(conclave_handle handle, Kind kind, Use use) noexcept {
  if (handle == 0) return refuse(Refusal::zero);
  if (kind_of(handle) != static_cast<std::uint64_t>(kind)) return refuse(Refusal::other_type);
  return enter_slot(handle, use);
}

Error error_of(const Entry& refused) {
  switch (static_cast<Refusal>(refused.weight_or_refusal)) {
    case Refusal::zero: return invalid("the handle is 0");
    case Refusal::other_type: return invalid("the handle is of another type");
    case Refusal::closed: return wrong_state("the handle is closed");
    case Refusal::busy: return wrong_state("another thread is using the handle");
    case Refusal::none:
    case Refusal::unknown: break;
  }
  return invalid("there is no such handle");
}

Result<Held> hold(conclave_handle handle, Kind kind, Use use) { return held_of(enter(handle, kind, use)); }

Result<Held> hold_any(conclave_handle handle) { return held_of(enter_slot(handle, Use::beside)); }

Result<conclave_handle> name_object(std::unique_ptr<Object> object) {
  Slot* slot = table().take();
  if (slot == nullptr) return Error{ErrorCode::limit_exceeded, "there are too many handles"};
  const auto generation = generation_of(slot->state.load(std::memory_order_relaxed));
  const auto kind = static_cast<std::uint64_t>(object->kind());
  slot->kind = object->kind();
  slot->object = object.release();
  slot->state.store(generation << 32, std::memory_order_release);
  return generation << 32 | kind << 24 | slot->index;
}

Result<void> close_handle(conclave_handle handle) {
  CONCLAVE_C_ASSIGN(held, hold_any(handle));
  Slot* slot = slot_of(handle);
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
