// The key under which one sender seals one stream in one epoch (RFC 9605 sections 4.4.2 to 4.4.4).
#pragma once

#include <memory>

#include "base/secret.h"
#include "crypto/aead.h"
#include "sframe/cipher_suite.h"
#include "sframe/ctr_hmac.h"

namespace conclave::sframe {

/// HKDF-Extract("", base_key): what all keys of a base key are expanded from.
using SframeSecret = Secret<struct SframeSecretTag, 64>;
/// `sframe_salt`.
using Salt = Secret<struct SframeSaltTag, nonce_size>;

/// Additional data that an AEAD takes in one piece, header included, is put together on the stack; hence a limit.
inline constexpr std::size_t max_metadata_size = 4096;

/// HKDF-Extract of a base key for `suite`.
SframeSecret extract_sframe_secret(const SuiteParameters& suite, ByteView base_key);

/// `sframe_key` and `sframe_salt` of one KID, ready for use. Immutable: const calls are thread-safe and never allocate once warm.
class FrameKey {
 public:
  /// Derives key and salt (section 4.4.2). `suite` has static storage.
  FrameKey(const SuiteParameters& suite, std::uint64_t kid, const SframeSecret& sframe_secret);

  [[nodiscard]] std::size_t tag_size() const { return suite_->tag_size; }

  /// Seals `plaintext` into `out`, as long and perhaps the same bytes, and `tag`, `tag_size()` bytes. Additional data is
  /// `header`, then `metadata`, at most `max_metadata_size` bytes. The caller never uses `counter` twice.
  void seal(std::uint64_t counter, ByteView header, ByteView metadata, ByteView plaintext, ByteSpan out, ByteSpan tag) const;

  /// Opens `ciphertext` into `out`, as long and perhaps the same bytes. False, with no plaintext in `out`, when the tag does not verify.
  [[nodiscard]] bool open(std::uint64_t counter, ByteView header, ByteView metadata, ByteView ciphertext, ByteView tag,
                          ByteSpan out) const;

 private:
  // One of them is empty. The order is that of the memory: behind the key's kilobyte, in its last cache line, stands what each
  // frame needs beside it, and room is left for the replay window of its stream.
  [[no_unique_address]] crypto::AeadKey aead_;
  std::unique_ptr<CtrHmacKey> ctr_hmac_;
  const SuiteParameters* suite_;
  Salt salt_;
};

}  // namespace conclave::sframe
