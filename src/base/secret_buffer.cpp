#include "base/secret_buffer.h"

#include <sodium.h>

#include <cassert>
#include <cstring>
#include <utility>

namespace conclave {

SecretBuffer::SecretBuffer(std::size_t size)
    : bytes_(size == 0 ? nullptr : std::make_unique<std::uint8_t[]>(size)), size_(size), capacity_(size) {}

SecretBuffer SecretBuffer::copy_of(ByteView bytes) {
  SecretBuffer buffer(bytes.size());
  if (!bytes.empty()) std::memcpy(buffer.bytes_.get(), bytes.data(), bytes.size());
  return buffer;
}

SecretBuffer::SecretBuffer(SecretBuffer&& other) noexcept
    : bytes_(std::move(other.bytes_)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

SecretBuffer& SecretBuffer::operator=(SecretBuffer&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
  }
  return *this;
}

SecretBuffer::~SecretBuffer() { wipe(); }

void SecretBuffer::truncate(std::size_t size) {
  assert(size <= size_);
  if (size < size_) sodium_memzero(bytes_.get() + size, size_ - size);
  size_ = size;
}

void SecretBuffer::wipe() {
  if (bytes_) sodium_memzero(bytes_.get(), capacity_);
  bytes_.reset();
  size_ = 0;
  capacity_ = 0;
}

}  // namespace conclave
