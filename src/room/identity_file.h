// An identity at rest: sealed under a passphrase.
#pragma once

#include "crypto/password.h"
#include "room/identity.h"

namespace conclave::room {

///     struct {
///         opaque magic[8] = "CLVident";
///         uint8 version = 1;
///         uint8 passes;                /* of Argon2id: 1 to 8 */
///         uint16 memory;               /* MiB: 8 to 256, and at most 512 / passes: 0.8 s of the reference machine */
///         opaque salt[16];
///         opaque nonce[12];
///         opaque sealed<V>;            /* ChaCha20-Poly1305 of the 32-byte seed; all of the above is associated data */
///     } IdentityFile;
///
/// `invalid_argument` for an empty passphrase or a cost outside of these bounds, `out_of_resources` when the memory cannot be had.
Result<Bytes> seal_identity(const Identity& identity, ByteView passphrase, crypto::PasswordCost cost, crypto::Random& random);

/// What opening a file would cost, without spending it. `malformed` (also for a cost outside of the bounds) or `unsupported` (version).
Result<crypto::PasswordCost> cost_of(ByteView file);

/// `malformed`, `unsupported` (version), or `not_authentic`: the passphrase is wrong or the file is damaged, which cannot be told apart.
Result<Identity> open_identity(ByteView file, ByteView passphrase);

}  // namespace conclave::room
