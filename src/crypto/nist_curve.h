// Points and scalars of P-256, P-384 and P-521. Internal to crypto.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>

#include <memory>

#include "base/result.h"
#include "base/secret_buffer.h"

namespace conclave::crypto {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};

using BigNumber = std::unique_ptr<BIGNUM, Release<BN_clear_free>>;
using Point = std::unique_ptr<EC_POINT, Release<EC_POINT_clear_free>>;
using BigNumberContext = std::unique_ptr<BN_CTX, Release<BN_CTX_free>>;

/// One of the curves: its group, made once, and sizes in bytes. Static storage.
struct NistCurve {
  const EC_GROUP* group;
  const char* name;         ///< as OpenSSL's providers call it
  std::size_t field_size;   ///< of a coordinate and of a scalar
  [[nodiscard]] std::size_t point_size() const { return 1 + 2 * field_size; }
};

const NistCurve& p256();
const NistCurve& p384();
const NistCurve& p521();

/// An uncompressed point on the curve, not the identity; null when it is none.
Point read_point(const NistCurve& curve, ByteView bytes);

/// A scalar in [1, order - 1] of at most `field_size` big-endian bytes; null when it is none.
BigNumber read_scalar(const NistCurve& curve, ByteView bytes);

/// The uncompressed form of scalar * generator.
Bytes base_multiple(const NistCurve& curve, const BIGNUM& scalar);

/// The x-coordinate of scalar * point into `out`, `field_size` bytes. False when the product is the identity.
[[nodiscard]] bool multiple_x(const NistCurve& curve, const BIGNUM& scalar, const EC_POINT& point, ByteSpan out);

/// The scalar in exactly `field_size` bytes: some systems drop leading zeros when they store one.
SecretBuffer padded_scalar(const NistCurve& curve, ByteView bytes);

}  // namespace conclave::crypto
