#include "mls/schedule/psk.h"

#include "crypto/hkdf.h"
#include "mls/objects/labels.h"

namespace conclave::mls {

PskSecret combine_psks(const crypto::CipherSuite& suite, std::span<const NamedPsk> psks) {
  using Intermediate = Secret<struct PskIntermediateTag>;
  const Bytes zero(suite.hash_size, 0);
  PskSecret secret(suite.hash_size);
  for (std::size_t i = 0; i < psks.size(); ++i) {
    Intermediate extracted(suite.hash_size);
    crypto::hkdf_extract(suite.hash, zero, psks[i].secret, extracted.expose_mutable());
    // struct { PreSharedKeyID id; uint16 index; uint16 count; } PSKLabel;
    const Bytes label = wire::encode(psks[i].id, static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(psks.size()));
    Intermediate input(suite.hash_size);
    expand_with_label(suite, extracted.expose(), "derived psk", label, input.expose_mutable());
    PskSecret next(suite.hash_size);
    crypto::hkdf_extract(suite.hash, input.expose(), secret.expose(), next.expose_mutable());
    secret = std::move(next);
  }
  return secret;
}

}  // namespace conclave::mls
