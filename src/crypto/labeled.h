// LabeledExtract and LabeledExpand (RFC 9180 section 4). Internal to crypto.
#pragma once

#include <array>
#include <string_view>

#include "crypto/hash.h"
#include "crypto/hkdf.h"

namespace conclave::crypto {

/// "KEM" or "HPKE", then the numbers of the algorithms.
struct LabelContext {
  std::array<std::uint8_t, 10> bytes{};
  std::size_t size = 0;
  [[nodiscard]] ByteView view() const { return {bytes.data(), size}; }
};

LabelContext kem_label_context(KemAlgorithm kem);
LabelContext hpke_label_context(const CipherSuite& suite);
HashAlgorithm kem_hash(KemAlgorithm kem);

/// Into `out`, exactly `hash_size` bytes.
void labeled_extract(HashAlgorithm hash, const LabelContext& context, ByteView salt, std::string_view label,
                     ByteView input_key_material, ByteSpan out);

/// Into all of `out`.
void labeled_expand(HashAlgorithm hash, const LabelContext& context, ByteView pseudorandom_key, std::string_view label,
                    std::initializer_list<ByteView> info, ByteSpan out);

}  // namespace conclave::crypto
