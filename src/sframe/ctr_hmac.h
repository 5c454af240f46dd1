// AES-CTR with SHA2: an AEAD with short tags (RFC 9605 section 4.5.1).
#pragma once

#include "crypto/aes_ctr.h"
#include "crypto/hash.h"

namespace conclave::sframe {

/// One key of AES-128-CTR with HMAC-SHA-256 and a tag of `tag_size` bytes. Immutable; const calls are thread-safe.
/// `start` is the initial counter block: the nonce and four zero bytes. The additional data comes in two parts, one after the other.
class CtrHmacKey {
 public:
  /// `key` has 48 bytes: Nka for AES, then Nh for HMAC.
  CtrHmacKey(ByteView key, std::size_t tag_size);

  /// `out` is as long as `plaintext` and may be the same bytes; `tag` has `tag_size` bytes.
  void seal(ByteView start, ByteView header, ByteView metadata, ByteView plaintext, ByteSpan out, ByteSpan tag) const;

  /// False, with `out` untouched, when the tag does not verify.
  [[nodiscard]] bool open(ByteView start, ByteView header, ByteView metadata, ByteView ciphertext, ByteView tag, ByteSpan out) const;

 private:
  void compute_tag(ByteView start, ByteView header, ByteView metadata, ByteView ciphertext, crypto::Digest& mac) const;

  crypto::AesCtrKey encryption_;
  crypto::HmacKey authentication_;
  std::size_t tag_size_;
};

}  // namespace conclave::sframe
