// HPKE, base mode (RFC 9180).
#pragma once

#include <array>

#include "crypto/aead.h"
#include "crypto/kem.h"

namespace conclave::crypto {

struct HpkeCiphertext {
  Bytes kem_output;
  Bytes ciphertext;
};

/// The `info` of base mode, hashed: key_schedule_context of RFC 9180 section 5.1. Made once for all receivers of one message,
/// however long it is.
class HpkeInfo {
 public:
  HpkeInfo(const CipherSuite& suite, ByteView info);
  [[nodiscard]] const CipherSuite& suite() const { return *suite_; }
  [[nodiscard]] ByteView view() const { return {key_schedule_context_.data(), size_}; }

 private:
  const CipherSuite* suite_;
  std::array<std::uint8_t, 129> key_schedule_context_{};
  std::size_t size_ = 0;
};

/// SealBase: one message to `receiver`.
Result<HpkeCiphertext> hpke_seal(const HpkeInfo& info, const KemPublicKey& receiver, ByteView associated_data, ByteView plaintext,
                                 Random& random);
Result<HpkeCiphertext> hpke_seal(const CipherSuite& suite, const KemPublicKey& receiver, ByteView info,
                                 ByteView associated_data, ByteView plaintext, Random& random);

/// OpenBase. `not_authentic` when the tag does not verify, `malformed` when `kem_output` is no key.
Result<SecretBuffer> hpke_open(const CipherSuite& suite, const KemPrivateKey& receiver, ByteView kem_output, ByteView info,
                               ByteView associated_data, ByteView ciphertext);

struct HpkeExport {
  Bytes kem_output;
  SecretBuffer secret;
};

/// SendExportBase (RFC 9180 section 6.2), as external joins of MLS use it (RFC 9420 section 8.3).
Result<HpkeExport> hpke_send_export(const CipherSuite& suite, const KemPublicKey& receiver, ByteView info,
                                    ByteView exporter_context, std::size_t size, Random& random);
Result<SecretBuffer> hpke_receive_export(const CipherSuite& suite, const KemPrivateKey& receiver, ByteView kem_output,
                                         ByteView info, ByteView exporter_context, std::size_t size);

}  // namespace conclave::crypto
