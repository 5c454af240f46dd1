#include "crypto/nist_curve.h"

#include <openssl/obj_mac.h>

#include <algorithm>
#include <cassert>
#include <new>

namespace conclave::crypto {

namespace {

/// With arguments that this file controls, OpenSSL fails for want of memory alone.
template <class T>
T require(T result) {
  if (!result) throw std::bad_alloc();
  return result;
}

BigNumberContext make_context() { return BigNumberContext(require(BN_CTX_secure_new())); }

NistCurve make_curve(int id, const char* name, std::size_t field_size) {
  return {require(EC_GROUP_new_by_curve_name(id)), name, field_size};
}

}  // namespace

const NistCurve& p256() {
  static const NistCurve curve = make_curve(NID_X9_62_prime256v1, "P-256", 32);
  return curve;
}

const NistCurve& p384() {
  static const NistCurve curve = make_curve(NID_secp384r1, "P-384", 48);
  return curve;
}

const NistCurve& p521() {
  static const NistCurve curve = make_curve(NID_secp521r1, "P-521", 66);
  return curve;
}

Point read_point(const NistCurve& curve, ByteView bytes) {
  if (bytes.size() != curve.point_size() || bytes[0] != POINT_CONVERSION_UNCOMPRESSED) return nullptr;
  const auto context = make_context();
  Point point(require(EC_POINT_new(curve.group)));
  // Refuses coordinates outside the field and points off the curve; the identity has no uncompressed form.
  if (EC_POINT_oct2point(curve.group, point.get(), bytes.data(), bytes.size(), context.get()) != 1) return nullptr;
  return point;
}

BigNumber read_scalar(const NistCurve& curve, ByteView bytes) {
  if (bytes.empty() || bytes.size() > curve.field_size) return nullptr;
  BigNumber scalar(require(BN_secure_new()));
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  require(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), scalar.get()));
  const bool in_range = !BN_is_zero(scalar.get()) && BN_cmp(scalar.get(), EC_GROUP_get0_order(curve.group)) < 0;
  return in_range ? std::move(scalar) : nullptr;
}

Bytes base_multiple(const NistCurve& curve, const BIGNUM& scalar) {
  const auto context = make_context();
  const Point product(require(EC_POINT_new(curve.group)));
  require(EC_POINT_mul(curve.group, product.get(), &scalar, nullptr, nullptr, context.get()));
  Bytes bytes(curve.point_size());
  const std::size_t written = EC_POINT_point2oct(curve.group, product.get(), POINT_CONVERSION_UNCOMPRESSED, bytes.data(),
                                                 bytes.size(), context.get());
  require(written == bytes.size());
  return bytes;
}

bool multiple_x(const NistCurve& curve, const BIGNUM& scalar, const EC_POINT& point, ByteSpan out) {
  assert(out.size() == curve.field_size);
  const auto context = make_context();
  const Point product(require(EC_POINT_new(curve.group)));
  require(EC_POINT_mul(curve.group, product.get(), nullptr, &point, &scalar, context.get()));
  if (EC_POINT_is_at_infinity(curve.group, product.get()) == 1) return false;
  const BigNumber x(require(BN_secure_new()));
  require(EC_POINT_get_affine_coordinates(curve.group, product.get(), x.get(), nullptr, context.get()));
  require(BN_bn2binpad(x.get(), out.data(), static_cast<int>(out.size())) == static_cast<int>(out.size()));
  return true;
}

SecretBuffer padded_scalar(const NistCurve& curve, ByteView bytes) {
  SecretBuffer padded(curve.field_size);
  std::ranges::copy(bytes, padded.expose_mutable().last(bytes.size()).begin());
  return padded;
}

}  // namespace conclave::crypto
