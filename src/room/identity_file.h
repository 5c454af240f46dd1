// An identity at rest: sealed under a passphrase.
#pragma once

#include "crypto/password.h"
#include "room/identity.h"

namespace conclave::room {

///     struct {
///         opaque magic[8] = "CLVident";
///         uint8 version = 1;
///         uint8 passes;                /* of Argon2id: 1 to 16 */
///         uint16 memory;               /* MiB: 8 to 1,024 */
///         opaque salt[16];
///         opaque nonce[12];
///         opaque sealed<V>;            /* ChaCha20-Poly1305 of the 32-byte seed; all of the above is associated data */
///     } IdentityFile;
///
/// `invalid_argument` for an empty passphrase or a cost outside of these bounds, `out_of_resources` when the memory cannot be had.
Result<Bytes> seal_identity(const Identity& identity, ByteView passphrase, crypto::PasswordCost cost, crypto::Random& random);

/// `malformed`, `unsupported` (version), or `not_authentic`: the passphrase is wrong or the file is damaged, which cannot be told apart.
Result<Identity> open_identity(ByteView file, ByteView passphrase);

}  // namespace conclave::room
