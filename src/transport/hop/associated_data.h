// What a hop packet authenticates beside its sealed part.
#pragma once

#include <algorithm>
#include <array>

#include "transport/hop/record.h"

namespace conclave::transport::hop {

/// The clear header and the number of payload bytes that follow the tag: a packet cannot be cut short on its way.
using AssociatedData = std::array<std::uint8_t, clear_size + 2>;

inline AssociatedData associated_data(ByteView clear, std::size_t payload_size) {
  AssociatedData data{};
  std::copy_n(clear.begin(), clear_size, data.begin());
  put(data.data() + clear_size, payload_size, 2);
  return data;
}

}  // namespace conclave::transport::hop
