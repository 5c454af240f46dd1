// An order of byte strings for maps and sets: shorter ones first.
#pragma once

#include <cstring>

#include "conclave/bytes.h"

namespace conclave::mls {

struct BytesLess {
  bool operator()(const Bytes& a, const Bytes& b) const {
    if (a.size() != b.size()) return a.size() < b.size();
    return !a.empty() && std::memcmp(a.data(), b.data(), a.size()) < 0;
  }
};

}  // namespace conclave::mls
