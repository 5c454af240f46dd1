// PEM (RFC 7468): certificates and private keys as people keep them in files.
#pragma once

#include <vector>

#include "crypto/signature.h"

namespace conclave::crypto {

/// The certificates of a text, in DER and in its order; what else stands there is passed over. `malformed` where one does not parse, there is none, or
/// there are more than 64.
Result<std::vector<Bytes>> certificates_in_pem(ByteView text);

/// The first private key of a text. `malformed` where there is none that parses, one under a passphrase among them; `unsupported` for another kind than Ed25519
/// and ECDSA on P-256.
Result<SignaturePrivateKey> private_key_in_pem(ByteView text);

}  // namespace conclave::crypto
