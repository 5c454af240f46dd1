// A long-term identity at rest, sealed under a passphrase, and the contacts that go with it. Bytes in, bytes out: where they are kept is the application's matter.
#pragma once

#include "conclave/bytes.h"
#include "conclave/contacts.h"
#include "conclave/error.h"
#include "conclave/identity.h"

namespace conclave {

/// Seals the identity's secret (Argon2id with 64 MiB and two passes, ChaCha20-Poly1305; docs/protocol.md). Takes about 0.1 s.
/// `invalid_argument` for an empty passphrase, `out_of_resources` when the memory cannot be had.
Result<Bytes> seal_identity(const Identity& identity, ByteView passphrase);

/// `malformed` when these bytes are no identity file, `unsupported` for another version, `not_authentic` when the passphrase is wrong or the file
/// was changed, which cannot be told apart. A file asks for 256 MiB and about 0.8 s at most, else it is malformed: `out_of_resources` when they cannot be had.
Result<Identity> open_identity(ByteView file, ByteView passphrase);

/// Contacts at rest, sealed under a key of the identity whose they are (ChaCha20-Poly1305 under HKDF; docs/protocol.md).
Result<Bytes> seal_contacts(const ContactBook& contacts, const Identity& identity);

/// `malformed` when these bytes are no sealed contacts, `unsupported` for another version, `not_authentic` when they are another identity's or were changed.
Result<ContactBook> open_contacts(ByteView file, const Identity& identity);

}  // namespace conclave
