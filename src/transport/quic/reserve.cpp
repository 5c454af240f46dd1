#include "transport/quic/reserve.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace conclave::transport::quic {
namespace {

constexpr std::size_t page_size = 4096;
constexpr std::size_t slot_size = 4 * page_size;
constexpr std::size_t slots_per_chunk = 64;
constexpr std::size_t smallest_block = page_size;
constexpr std::size_t largest_block = 13 << 10;
constexpr std::size_t most_kinds = 16;
constexpr std::size_t heads_tried = 32;

constexpr std::size_t rounded(std::size_t size, std::size_t step) { return (size + step - 1) / step * step; }

/// Where in its slot the header of such a block stands. A quarter of the block lies in the first page; of those that hold packets and frames, of
/// which a Welcome puts a score on the way, a half.
constexpr std::size_t place_of(std::size_t size) {
  const bool of_packets = size > 6000 && size < 8000;
  return page_size - rounded(size / (of_packets ? 2 : 4) + 48, 16);
}
static_assert(place_of(largest_block) < page_size && place_of(largest_block) + 16 + largest_block <= slot_size);

}  // namespace

/// Before each object.
struct alignas(16) Reserve::Header {
  enum class Origin : std::uint64_t { malloc, slot, small };
  Origin origin = Origin::malloc;
  std::size_t size = 0;  ///< as asked for, and for small objects rounded

  static Header& of(void* object) { return *(static_cast<Header*>(object) - 1); }
  /// Makes one at `place`; the object stands behind it.
  static void* begin(void* place, Origin origin, std::size_t size) { return new (place) Header{origin, size} + 1; }
};

Reserve::Reserve() : usable_(::sysconf(_SC_PAGESIZE) == static_cast<long>(page_size)) {
  table_ = {this, [](std::size_t size, void* user) { return static_cast<Reserve*>(user)->take(size); },
            [](void* memory, void* user) { static_cast<Reserve*>(user)->give_back(memory); },
            [](std::size_t count, std::size_t size, void* user) -> void* {
              if (size != 0 && count > std::numeric_limits<std::size_t>::max() / size) return nullptr;
              return static_cast<Reserve*>(user)->take_zeroed(count * size);
            },
            [](void* memory, std::size_t size, void* user) { return static_cast<Reserve*>(user)->take_again(memory, size); }};
}

Reserve::~Reserve() {
  for (std::byte* chunk : chunks_) ::munmap(chunk, slots_per_chunk * slot_size);
}

void* Reserve::take(std::size_t size) {
  static_assert(sizeof(Header) == 16);
  if (size >= smallest_block && size <= largest_block) {
    if (std::byte* place = take_slot(size)) return Header::begin(place, Header::Origin::slot, size);
  } else if (size <= largest_small - sizeof(Header)) {
    const std::size_t whole = rounded(size + sizeof(Header), grain);
    if (std::byte* place = take_small(whole)) return Header::begin(place, Header::Origin::small, whole);
  }
  if (size > std::numeric_limits<std::size_t>::max() - sizeof(Header)) return nullptr;
  void* place = std::malloc(size + sizeof(Header));
  return place == nullptr ? nullptr : Header::begin(place, Header::Origin::malloc, size);
}

/// What is wanted with zeros is wanted whole: large things of that kind have no business in a slot.
void* Reserve::take_zeroed(std::size_t size) {
  if (size + sizeof(Header) > largest_small) {
    if (size > std::numeric_limits<std::size_t>::max() - sizeof(Header)) return nullptr;
    void* place = std::calloc(1, size + sizeof(Header));
    return place == nullptr ? nullptr : Header::begin(place, Header::Origin::malloc, size);
  }
  void* const object = take(size);
  if (object != nullptr) std::memset(object, 0, size);
  return object;
}

void Reserve::give_back(void* memory) {
  if (memory == nullptr) return;
  Header& header = Header::of(memory);
  auto* const place = reinterpret_cast<std::byte*>(&header);
  switch (header.origin) {
    case Header::Origin::malloc: return std::free(place);
    case Header::Origin::slot: return release_slot(place, header.size);
    case Header::Origin::small: break;
  }
  std::byte*& bin = bins_[header.size / grain];
  std::memcpy(place, &bin, sizeof bin);
  bin = place;
}

void* Reserve::take_again(void* memory, std::size_t size) {
  void* const fresh = take(size);
  if (memory == nullptr || fresh == nullptr) return fresh;
  const Header& header = Header::of(memory);
  const std::size_t had = header.origin == Header::Origin::small ? header.size - sizeof(Header) : header.size;
  std::memcpy(fresh, memory, std::min(had, size));
  give_back(memory);
  return fresh;
}

// ---- small objects -----------------------------------------------------------------------------------------------

std::byte* Reserve::take_small(std::size_t size) {
  std::byte*& bin = bins_[size / grain];
  if (bin != nullptr) {
    std::byte* const place = bin;
    std::memcpy(&bin, place, sizeof bin);
    return place;
  }
  const std::size_t tried = std::min(heads_tried, heads_.size());
  auto best = heads_.end();
  for (auto head = heads_.end() - static_cast<std::ptrdiff_t>(tried); head != heads_.end(); ++head) {
    if (head->size >= size && (best == heads_.end() || head->size < best->size)) best = head;
  }
  if (best == heads_.end()) return nullptr;
  std::byte* const place = best->begin;
  best->begin += size;
  best->size -= size;
  if (best->size < 2 * grain) heads_.erase(best);
  return place;
}

// ---- blocks ------------------------------------------------------------------------------------------------------

Reserve::Kind* Reserve::kind_of(std::size_t size) {
  const auto known = std::find_if(kinds_.begin(), kinds_.end(), [size](const Kind& kind) { return kind.size == size; });
  if (known != kinds_.end()) return &*known;
  return kinds_.size() < most_kinds ? &kinds_.emplace_back(Kind{size, {}}) : nullptr;
}

std::byte* Reserve::take_slot(std::size_t size) {
  Kind* const kind = usable_ ? kind_of(size) : nullptr;
  if (kind == nullptr) return nullptr;
  const std::size_t place = place_of(size);
  std::byte* slot = nullptr;
  if (kind->free.empty()) {
    slot = new_slot();
    if (slot == nullptr) return nullptr;
    heads_.push_back({slot, place / grain * grain});
  } else {
    slot = kind->free.back();
    kind->free.pop_back();
  }
  ++slots_used_;
  return slot + place;
}

/// The pages behind the first go back to the system; the first may hold others' objects.
void Reserve::release_slot(std::byte* place, std::size_t size) {
  std::byte* const slot = place - place_of(size);
  ::madvise(slot + page_size, slot_size - page_size, MADV_DONTNEED);
  kind_of(size)->free.push_back(slot);
  --slots_used_;
}

std::byte* Reserve::new_slot() {
  if (slots_left_ == 0) {
    void* const chunk = ::mmap(nullptr, slots_per_chunk * slot_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (chunk == MAP_FAILED) return nullptr;
    ::madvise(chunk, slots_per_chunk * slot_size, MADV_NOHUGEPAGE);  // a huge page would be touched as a whole
    chunks_.push_back(static_cast<std::byte*>(chunk));
    slots_left_ = slots_per_chunk;
  }
  --slots_left_;
  return chunks_.back() + slots_left_ * slot_size;
}

}  // namespace conclave::transport::quic
