// Passing errors up without ceremony.
#pragma once

#include "conclave/error.h"

#define CONCLAVE_JOIN_INNER(a, b) a##b
#define CONCLAVE_JOIN(a, b) CONCLAVE_JOIN_INNER(a, b)

/// Evaluates a `Result<void>` (or `Result<T>`, dropping the value) and returns its error from the enclosing function.
#define CONCLAVE_TRY(expression)                             \
  do {                                                       \
    auto conclave_try_result = (expression);                 \
    if (!conclave_try_result.ok()) {                         \
      return std::move(conclave_try_result).error();         \
    }                                                        \
  } while (false)

/// Declares `name` with the value of a `Result<T>`, or returns its error from the enclosing function.
#define CONCLAVE_ASSIGN(name, expression) \
  CONCLAVE_ASSIGN_INNER(CONCLAVE_JOIN(conclave_result_, __LINE__), name, expression)
#define CONCLAVE_ASSIGN_INNER(temporary, name, expression)       \
  auto temporary = (expression);                                 \
  if (!temporary.ok()) return std::move(temporary).error();      \
  auto name = std::move(temporary).value()
