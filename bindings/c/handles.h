// The handles of the C interface: numbers that are checked before they lead to an object.
#pragma once

#include <atomic>
#include <memory>

#include "conclave.h"
#include "failure.h"

namespace conclave::c {

enum class Kind : std::uint8_t { source = 1, sink, call, identity, session, joining, sealer, opener };

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

struct Slot;

/// A use of an object, for as long as it lives.
class Held {
 public:
  Held(Slot& slot, Object& object, std::uint64_t weight) : slot_(&slot), object_(&object), weight_(weight) {}
  Held(Held&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)), object_(other.object_), weight_(other.weight_) {}
  Held& operator=(Held&&) = delete;
  ~Held();

  [[nodiscard]] Object& object() const { return *object_; }

 private:
  Slot* slot_;
  Object* object_;
  std::uint64_t weight_;
};

/// The object of `kind` that `handle` names; any kind for nothing.
Result<Held> hold(conclave_handle handle, Kind kind, Use use);
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
  return guarded([&]() -> Result<void> {
    CONCLAVE_C_ASSIGN(object, use<T>(handle));
    return body(*object);
  });
}

/// Names the object and hands its handle out.
inline Result<void> hand_out(std::unique_ptr<Object> object, conclave_handle* out) {
  if (out == nullptr) return invalid("the place for the handle is NULL");
  CONCLAVE_C_ASSIGN(handle, name_object(std::move(object)));
  *out = handle;
  return {};
}

}  // namespace conclave::c
