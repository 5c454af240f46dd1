#include "crypto/password.h"

#include <sodium.h>

namespace conclave::crypto {

Result<void> derive_from_password(ByteView password, ByteView salt, PasswordCost cost, ByteSpan out) {
  if (salt.size() != crypto_pwhash_SALTBYTES) return Error{ErrorCode::invalid_argument, "a salt has 16 bytes"};
  const int status = crypto_pwhash(out.data(), out.size(), reinterpret_cast<const char*>(password.data()), password.size(),
                                   salt.data(), cost.passes, cost.memory, crypto_pwhash_ALG_ARGON2ID13);
  if (status != 0) return Error{ErrorCode::out_of_resources, "not enough memory for Argon2id"};
  return {};
}

}  // namespace conclave::crypto
