// The combination of pre-shared keys into one secret (RFC 9420 section 8.4).
#pragma once

#include <span>

#include "crypto/suite.h"
#include "mls/schedule/psk_id.h"

namespace conclave::mls {

using PskSecret = Secret<struct PskSecretTag>;

/// A pre-shared key and its name. `secret` must outlive the call that it is passed to.
struct NamedPsk {
  PreSharedKeyId id;
  ByteView secret;
};

/// psk_secret of these keys, in their order; all zero for none.
PskSecret combine_psks(const crypto::CipherSuite& suite, std::span<const NamedPsk> psks);

}  // namespace conclave::mls
