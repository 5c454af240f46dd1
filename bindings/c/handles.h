// The handles of the C interface: numbers that are checked before they lead to an object.
#pragma once

#include <atomic>
#include <memory>

#include "conclave.h"
#include "failure.h"

namespace conclave::c {

enum class Kind : std::uint8_t { source = 1, sink, call, identity, session, joining, sealer, opener, contacts, organisation };

/// What a handle may name. Destroyed by the last thread that uses it, under no lock.
class Object {
 public:
  virtual ~Object() = default;
  [[nodiscard]] virtual Kind kind() const = 0;
  /// The handle is being closed: whoever waits inside must return soon. While other threads may still be inside.
  virtual void closing() {}

  std::atomic<void*> user = nullptr;
};

/// How many threads may be inside an object at a time.
enum class Use : std::uint8_t {
  shared,     ///< any number
  exclusive,  ///< one; others are refused
  beside,     ///< any number, whatever else goes on
};

// A handle: generation (32 bits), kind (8), index (24).
// The state of a slot: generation (32 bits), closed (1), exclusive (1), threads inside (30).
inline constexpr std::uint64_t closed_bit = std::uint64_t{1} << 31;
inline constexpr std::uint64_t exclusive_bit = std::uint64_t{1} << 30;
inline constexpr std::uint64_t inside_mask = exclusive_bit - 1;

/// The place of one object after another.
struct Slot {
  std::atomic<std::uint64_t> state{std::uint64_t{1} << 32 | closed_bit};
  Object* object = nullptr;  ///< like the kind, it stands still while somebody is inside
  Kind kind{};
  std::uint32_t index = 0;
};

/// The last one inside a closed slot: makes it free for the next object, then destroys this one.
void destroy(Slot& slot);

/// A use of an object, for as long as it lives.
class Held {
 public:
  Held(Slot& slot, std::uint64_t weight) : slot_(&slot), weight_(weight) {}
  Held(Held&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)), weight_(other.weight_) {}
  Held& operator=(Held&&) = delete;
  ~Held() {
    if (slot_ == nullptr) return;
    const std::uint64_t after = slot_->state.fetch_sub(weight_, std::memory_order_acq_rel) - weight_;
    if ((after & closed_bit) != 0 && (after & inside_mask) == 0) destroy(*slot_);
  }

  [[nodiscard]] Object& object() const { return *slot_->object; }

 private:
  Slot* slot_;
  std::uint64_t weight_;
};

enum class Refusal : std::uint64_t { none, zero, other_type, unknown, closed, busy };

/// A slot that was entered with a weight, to be left again by a `Held`; or none, and why. In two registers: every frame comes through here.
struct Entry {
  Slot* slot = nullptr;
  std::uint64_t weight_or_refusal = 0;
};

/// Enters the object of `kind` that `handle` names.
Entry enter(conclave_handle handle, Kind kind, Use use) noexcept;
Error error_of(const Entry& refused);

/// Likewise, as a value.
Result<Held> hold(conclave_handle handle, Kind kind, Use use);
/// Whatever its kind, and whatever else goes on.
Result<Held> hold_any(conclave_handle handle);

/// Names a new object. `limit_exceeded` when there are too many.
Result<conclave_handle> name_object(std::unique_ptr<Object> object);

/// No call gets in any more; destroys the object once none is inside.
Result<void> close_handle(conclave_handle handle);

/// An object of type T in use: T has a `static constexpr Kind its_kind` and a `static constexpr Use its_use`.
template <class T>
class Using {
 public:
  explicit Using(Held held) : held_(std::move(held)) {}
  T* operator->() const { return &static_cast<T&>(held_.object()); }
  T& operator*() const { return static_cast<T&>(held_.object()); }

 private:
  Held held_;
};

template <class T>
Result<Using<T>> use(conclave_handle handle) {
  CONCLAVE_C_ASSIGN(held, hold(handle, T::its_kind, T::its_use));
  return Using<T>(std::move(held));
}

/// Runs `body(T&)` on the object of the handle, as the body of a function of the interface.
template <class T, class Body>
conclave_result with(conclave_handle handle, Body&& body) noexcept {
  const Entry entry = enter(handle, T::its_kind, T::its_use);
  if (entry.slot == nullptr) return guarded([&]() -> Result<void> { return error_of(entry); });
  const Held held(*entry.slot, entry.weight_or_refusal);
  return guarded([&]() -> Result<void> { return body(static_cast<T&>(held.object())); });
}

/// Names the object and hands its handle out.
inline Result<void> hand_out(std::unique_ptr<Object> object, conclave_handle* out) {
  if (out == nullptr) return invalid("the place for the handle is NULL");
  CONCLAVE_C_ASSIGN(handle, name_object(std::move(object)));
  *out = handle;
  return {};
}

}  // namespace conclave::c
