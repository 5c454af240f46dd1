// How a call of the C interface fails: its code to the caller, the sentence into the record of the thread.
#pragma once

#include <new>
#include <utility>

#include "conclave.h"
#include "conclave/error.h"

namespace conclave::c {

/// Keeps the error for `conclave_last_error` and returns its code.
conclave_result record(const Error& error) noexcept;

/// Runs the body of a function of the interface: no exception leaves it.
template <class Body>
conclave_result guarded(Body&& body) noexcept {
  try {
    const Result<void> outcome = std::forward<Body>(body)();
    return outcome.ok() ? CONCLAVE_OK : record(outcome.error());
  } catch (const std::bad_alloc&) {
    return record({ErrorCode::out_of_resources, "no memory"});
  } catch (...) {
    return record({ErrorCode::internal, "an exception reached the C interface"});
  }
}

inline Error invalid(const char* sentence) { return {ErrorCode::invalid_argument, sentence}; }
inline Error wrong_state(const char* sentence) { return {ErrorCode::invalid_state, sentence}; }

}  // namespace conclave::c

/// `name` holds the value of the Result that `expression` gives; its error is returned.
#define CONCLAVE_C_ASSIGN(name, expression)                              \
  auto name##_result = (expression);                                     \
  if (!name##_result.ok()) return std::move(name##_result).error();      \
  auto& name = *name##_result

#define CONCLAVE_C_TRY(expression) \
  if (auto outcome_ = (expression); !outcome_.ok()) return std::move(outcome_).error()
