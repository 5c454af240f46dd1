// Kept seats are charged to the address that they came from.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "transport/address.h"

namespace conclave::relay {

using transport::AddressBlock;

class SeatCharges;

/// One seat that waits, as long as it exists. Move-only.
class SeatCharge {
 public:
  SeatCharge() = default;
  SeatCharge(SeatCharge&& other) noexcept : charges_(std::exchange(other.charges_, nullptr)), origin_(other.origin_) {}
  SeatCharge& operator=(SeatCharge&& other) noexcept {
    std::swap(charges_, other.charges_);
    std::swap(origin_, other.origin_);
    return *this;
  }
  ~SeatCharge();

 private:
  friend class SeatCharges;
  SeatCharge(SeatCharges& charges, const AddressBlock& origin) : charges_(&charges), origin_(origin) {}
  SeatCharges* charges_ = nullptr;
  AddressBlock origin_{};
};

/// Counts the seats that wait by where their connections came from. Outlives the charges that it gives out.
class SeatCharges {
 public:
  SeatCharges() = default;
  SeatCharges(const SeatCharges&) = delete;
  SeatCharges& operator=(const SeatCharges&) = delete;

  /// Nothing when `most` seats of `origin` wait already. Where the origin is not known, all zeros, nothing is counted.
  std::optional<SeatCharge> take(const AddressBlock& origin, std::size_t most) {
    if (origin == AddressBlock{}) return SeatCharge();
    std::size_t& count = waiting_[origin];
    if (count >= most) return std::nullopt;
    ++count;
    return SeatCharge(*this, origin);
  }

 private:
  friend class SeatCharge;
  void release(const AddressBlock& origin) {
    const auto found = waiting_.find(origin);
    if (--found->second == 0) waiting_.erase(found);
  }
  std::map<AddressBlock, std::size_t> waiting_;
};

inline SeatCharge::~SeatCharge() {
  if (charges_ != nullptr) charges_->release(origin_);
}

}  // namespace conclave::relay
