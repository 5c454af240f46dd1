// A running SHA-2 computation: a plain value that can be copied to keep a midstate. Internal to crypto.
#pragma once

#include <openssl/sha.h>

#include "conclave/bytes.h"
#include "crypto/suite.h"

namespace conclave::crypto {

/// The digest of one algorithm while it runs. OpenSSL's assembler behind its old interface: the new one costs an
/// allocation and 40 to 100 ns per digest, and cannot copy a midstate without another (docs/decisions/002-sha2.md).
class Sha2 {
 public:
  explicit Sha2(HashAlgorithm algorithm);
  Sha2(const Sha2& other) : algorithm_(other.algorithm_) {
    if (algorithm_ == HashAlgorithm::sha256) {
      narrow_ = other.narrow_;  // half the size of the other, on the path of every short MAC
    } else {
      wide_ = other.wide_;
    }
  }
  Sha2& operator=(const Sha2&) = delete;
  ~Sha2() = default;

  void update(ByteView data);
  /// Writes the digest to `out`, which holds `hash_size` bytes; the object is used up.
  void finish(std::uint8_t* out);

  [[nodiscard]] HashAlgorithm algorithm() const { return algorithm_; }
  /// The bytes that one compression takes: 64 or 128.
  [[nodiscard]] std::size_t block_size() const { return algorithm_ == HashAlgorithm::sha256 ? 64 : 128; }

 private:
  HashAlgorithm algorithm_;
  union {
    SHA256_CTX narrow_;
    SHA512_CTX wide_;
  };
};

/// HMAC (RFC 2104) whose two midstates are kept. A value without allocation; whoever holds one wipes it.
class HmacMidstates {
 public:
  HmacMidstates(HashAlgorithm algorithm, ByteView key);
  ~HmacMidstates();
  HmacMidstates(const HmacMidstates&) = delete;
  HmacMidstates& operator=(const HmacMidstates&) = delete;

  [[nodiscard]] HashAlgorithm algorithm() const { return inner_.algorithm(); }
  /// The inner digest, to be fed with the message and handed to `finish`.
  [[nodiscard]] Sha2 start() const { return inner_; }
  /// Writes the whole MAC to `out`, which holds `hash_size` bytes.
  void finish(Sha2& inner, std::uint8_t* out) const;

 private:
  Sha2 inner_;
  Sha2 outer_;
};

}  // namespace conclave::crypto
