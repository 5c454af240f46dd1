// Whether two spans share bytes.
#pragma once

#include <functional>

#include "conclave/bytes.h"

namespace conclave::sframe {

inline bool overlap(ByteView a, ByteView b) {
  const std::less<const std::uint8_t*> before;  // a total order, unlike `<` on pointers into different arrays
  return !a.empty() && !b.empty() && before(a.data(), b.data() + b.size()) && before(b.data(), a.data() + a.size());
}

}  // namespace conclave::sframe
