#include "sframe/ctr_hmac.h"

#include <array>
#include <cassert>
#include <cstring>

#include "crypto/tag.h"
#include "sframe/big_endian.h"
#include "sframe/cipher_suite.h"

namespace conclave::sframe {

CtrHmacKey::CtrHmacKey(ByteView key, std::size_t tag_size)
    : encryption_(key.first(crypto::aes_ctr_key_size)),
      authentication_(crypto::HashAlgorithm::sha256, key.subspan(crypto::aes_ctr_key_size)),
      tag_size_(tag_size) {}

void CtrHmacKey::seal(ByteView start, ByteView header, ByteView metadata, ByteView plaintext, ByteSpan out, ByteSpan tag) const {
  assert(tag.size() == tag_size_);
  encryption_.apply(start, plaintext, out);
  crypto::Digest mac(32);
  compute_tag(start, header, metadata, out, mac);
  copy_short(tag.data(), mac.view().data(), tag_size_);
}

bool CtrHmacKey::open(ByteView start, ByteView header, ByteView metadata, ByteView ciphertext, ByteView tag, ByteSpan out) const {
  crypto::Digest mac(32);
  compute_tag(start, header, metadata, ciphertext, mac);
  if (!crypto::same_tag(mac.view().first(tag_size_), tag)) return false;
  encryption_.apply(start, ciphertext, out);
  return true;
}

void CtrHmacKey::compute_tag(ByteView start, ByteView header, ByteView metadata, ByteView ciphertext, crypto::Digest& mac) const {
  // All that is short goes into one piece, and so through one call.
  std::array<std::uint8_t, 128> front;
  constexpr std::size_t lengths = 24;
  put_big_endian(header.size() + metadata.size(), &front[0]);
  put_big_endian(ciphertext.size(), &front[8]);
  put_big_endian(tag_size_, &front[16]);
  std::memcpy(&front[lengths], start.data(), nonce_size);
  copy_short(&front[lengths + nonce_size], header.data(), header.size());
  std::size_t size = lengths + nonce_size + header.size();
  if (metadata.size() <= front.size() - size) {
    copy_short(&front[size], metadata.data(), metadata.size());
    size += metadata.size();
    metadata = {};
  }
  authentication_.mac({ByteView(front).first(size), metadata, ciphertext}, mac.span());
}

}  // namespace conclave::sframe
