// HKDF (RFC 5869).
#pragma once

#include "crypto/hash.h"

namespace conclave::crypto {

/// HKDF-Extract into `out`, which holds exactly `hash_size` bytes. The input key material may come in parts.
void hkdf_extract(HashAlgorithm algorithm, ByteView salt, ByteView input_key_material, ByteSpan out);
void hkdf_extract(HashAlgorithm algorithm, ByteView salt, std::initializer_list<ByteView> input_key_material, ByteSpan out);

/// HKDF-Expand into all of `out`, at most 255 hashes long. The info may come in parts.
void hkdf_expand(HashAlgorithm algorithm, ByteView pseudorandom_key, ByteView info, ByteSpan out);
void hkdf_expand(HashAlgorithm algorithm, ByteView pseudorandom_key, std::initializer_list<ByteView> info, ByteSpan out);

}  // namespace conclave::crypto
