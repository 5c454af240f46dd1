// Memory for the QUIC library, which takes blocks of many objects each and uses few of them.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "transport/quic/ngtcp2.h"

namespace conclave::transport::quic {

/// What ngtcp2 asks for, in pages that exist once they are touched. It takes its lists and objects from blocks of 4 to 13 kB, fills them from the
/// front, and mostly stays within their first eighth. So each such block has a slot of address space of its own; it begins so late in the slot's
/// first page that a quarter of it lies there, and small objects lie before it. All the rest, and what no slot is left for, comes from malloc.
/// For one thread; outlives the connections that take from it.
class Reserve {
 public:
  Reserve();
  Reserve(const Reserve&) = delete;
  Reserve& operator=(const Reserve&) = delete;
  ~Reserve();

  /// For `ngtcp2_conn_server_new`; valid as long as this.
  [[nodiscard]] const ngtcp2_mem* get() const { return &table_; }

  /// Blocks that have a slot now.
  [[nodiscard]] std::size_t slots_used() const { return slots_used_; }

 private:
  struct Header;
  struct Piece {
    std::byte* begin = nullptr;
    std::size_t size = 0;
  };
  /// Blocks of one size lie at the same place of their slots.
  struct Kind {
    std::size_t size = 0;
    std::vector<std::byte*> free;  ///< slots
  };
  static constexpr std::size_t grain = 32;
  static constexpr std::size_t largest_small = 2976;  ///< with its header

  void* take(std::size_t size);
  void* take_zeroed(std::size_t size);
  void give_back(void* memory);
  void* take_again(void* memory, std::size_t size);
  std::byte* take_slot(std::size_t size);
  std::byte* take_small(std::size_t size);
  std::byte* new_slot();
  Kind* kind_of(std::size_t size);
  void release_slot(std::byte* object, std::size_t size);

  ngtcp2_mem table_;
  bool usable_;  ///< pages are as small as this is made for
  std::vector<std::byte*> chunks_;
  std::size_t slots_left_ = 0;  ///< in the last chunk
  std::size_t slots_used_ = 0;
  std::vector<Kind> kinds_;
  std::vector<Piece> heads_;  ///< what is left of the pages before blocks
  std::array<std::byte*, largest_small / grain + 1> bins_{};  ///< small objects that were given back, by size; each holds the address of the next
};

}  // namespace conclave::transport::quic
