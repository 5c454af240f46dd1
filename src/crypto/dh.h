// Diffie-Hellman on the curves of the KEMs. Internal to crypto.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "base/secret_buffer.h"
#include "crypto/suite.h"

namespace conclave::crypto {

using DhSecret = Secret<struct DhSecretTag>;

std::size_t dh_public_key_size(KemAlgorithm kem);
std::size_t dh_private_key_size(KemAlgorithm kem);

/// Whether the bytes are a public key: the right size and, on the NIST curves, an uncompressed point on the curve.
/// On the Montgomery curves every string is a point; those of low order, to which nobody can seal, are no keys.
bool dh_is_public_key(KemAlgorithm kem, ByteView bytes);

/// The public key of a private key of the right size. `malformed` when the scalar is zero or not below the group's order.
Result<Bytes> dh_public_key(KemAlgorithm kem, ByteView private_key);

/// The shared secret: the x-coordinate. `malformed` when the peer's key is none, or the result is the identity
/// (RFC 9180 section 7.1.4).
Result<DhSecret> dh(KemAlgorithm kem, ByteView private_key, ByteView peer);

}  // namespace conclave::crypto
