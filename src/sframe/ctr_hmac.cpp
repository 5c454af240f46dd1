#include "sframe/ctr_hmac.h"

#include <algorithm>
#include <cassert>

#include "sframe/big_endian.h"
#include "sframe/cipher_suite.h"

namespace conclave::sframe {

CtrHmacKey::CtrHmacKey(ByteView key, std::size_t tag_size)
    : encryption_(key.first(crypto::aes_ctr_key_size)),
      authentication_(crypto::HashAlgorithm::sha256, key.subspan(crypto::aes_ctr_key_size)),
      tag_size_(tag_size) {}

void CtrHmacKey::seal(ByteView nonce, ByteView header, ByteView metadata, ByteView plaintext, ByteSpan out, ByteSpan tag) const {
  assert(tag.size() == tag_size_);
  apply_keystream(nonce, plaintext, out);
  crypto::Digest mac(32);
  compute_tag(nonce, header, metadata, out, mac);
  std::ranges::copy(mac.view().first(tag_size_), tag.begin());
}

bool CtrHmacKey::open(ByteView nonce, ByteView header, ByteView metadata, ByteView ciphertext, ByteView tag, ByteSpan out) const {
  crypto::Digest mac(32);
  compute_tag(nonce, header, metadata, ciphertext, mac);
  if (!constant_time_equal(mac.view().first(tag_size_), tag)) return false;
  apply_keystream(nonce, ciphertext, out);
  return true;
}

void CtrHmacKey::compute_tag(ByteView nonce, ByteView header, ByteView metadata, ByteView ciphertext, crypto::Digest& mac) const {
  std::array<std::uint8_t, 24> lengths;
  put_big_endian(header.size() + metadata.size(), &lengths[0]);
  put_big_endian(ciphertext.size(), &lengths[8]);
  put_big_endian(tag_size_, &lengths[16]);
  authentication_.mac({lengths, nonce, header, metadata, ciphertext}, mac.span());
}

void CtrHmacKey::apply_keystream(ByteView nonce, ByteView in, ByteSpan out) const {
  std::array<std::uint8_t, crypto::aes_ctr_block_size> initial_counter{};  // ends in four zero bytes
  std::ranges::copy(nonce.first(nonce_size), initial_counter.begin());
  encryption_.apply(initial_counter, in, out);
}

}  // namespace conclave::sframe
