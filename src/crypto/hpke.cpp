#include "crypto/hpke.h"

#include "crypto/labeled.h"

namespace conclave::crypto {

namespace {

using Key = Secret<struct HpkeKeyTag>;

/// What KeySchedule of the base mode expands its keys from (RFC 9180 section 5.1).
class KeySchedule {
 public:
  KeySchedule(const HpkeInfo& info, const KemSharedSecret& shared_secret)
      : info_(info), context_(hpke_label_context(info.suite())), secret_(info.suite().hash_size) {
    labeled_extract(info.suite().hash, context_, shared_secret.expose(), "secret", {}, secret_.expose_mutable());
  }

  [[nodiscard]] Key expand(std::string_view label, std::size_t size) const {
    Key key(size);
    labeled_expand(info_.suite().hash, context_, secret_.expose(), label, {info_.view()}, key.expose_mutable());
    return key;
  }

  /// Context.Export (RFC 9180 section 5.3).
  [[nodiscard]] SecretBuffer export_secret(ByteView exporter_context, std::size_t size) const {
    const Key exporter_secret = expand("exp", info_.suite().hash_size);
    SecretBuffer out(size);
    labeled_expand(info_.suite().hash, context_, exporter_secret.expose(), "sec", {exporter_context}, out.expose_mutable());
    return out;
  }

 private:
  const HpkeInfo& info_;
  LabelContext context_;
  Key secret_;
};

/// The AEAD of a context that seals or opens one message: its nonce is the base nonce.
struct OneMessage {
  explicit OneMessage(const CipherSuite& suite, const KeySchedule& schedule)
      : key(suite.aead, schedule.expand("key", suite.aead_key_size).expose()),
        nonce(schedule.expand("base_nonce", suite.aead_nonce_size)) {}

  AeadKey key;
  Key nonce;
};

Result<void> check_export_size(const CipherSuite& suite, std::size_t size) {
  if (size <= 255 * suite.hash_size) return {};
  return Error{ErrorCode::invalid_argument, "an exported secret has at most 255 hashes"};
}

}  // namespace

HpkeInfo::HpkeInfo(const CipherSuite& suite, ByteView info) : suite_(&suite), size_(1 + 2 * suite.hash_size) {
  const LabelContext context = hpke_label_context(suite);
  const ByteSpan hashes = ByteSpan(key_schedule_context_).subspan(1);  // after mode_base, zero
  labeled_extract(suite.hash, context, {}, "psk_id_hash", {}, hashes.first(suite.hash_size));
  labeled_extract(suite.hash, context, {}, "info_hash", info, hashes.subspan(suite.hash_size, suite.hash_size));
}

Result<HpkeCiphertext> hpke_seal(const HpkeInfo& info, const KemPublicKey& receiver, ByteView associated_data, ByteView plaintext,
                                 Random& random) {
  CONCLAVE_ASSIGN(encapsulation, encapsulate(info.suite().kem, receiver, random));
  const OneMessage aead(info.suite(), KeySchedule(info, encapsulation.shared_secret));
  HpkeCiphertext sealed{std::move(encapsulation.enc), Bytes(plaintext.size() + aead_tag_size)};
  aead.key.seal(aead.nonce.expose(), associated_data, plaintext, sealed.ciphertext);
  return sealed;
}

Result<HpkeCiphertext> hpke_seal(const CipherSuite& suite, const KemPublicKey& receiver, ByteView info,
                                 ByteView associated_data, ByteView plaintext, Random& random) {
  return hpke_seal(HpkeInfo(suite, info), receiver, associated_data, plaintext, random);
}

Result<SecretBuffer> hpke_open(const CipherSuite& suite, const KemPrivateKey& receiver, ByteView kem_output, ByteView info,
                               ByteView associated_data, ByteView ciphertext) {
  if (ciphertext.size() < aead_tag_size) return Error{ErrorCode::not_authentic, "the ciphertext is shorter than a tag"};
  CONCLAVE_ASSIGN(shared_secret, receiver.decapsulate(kem_output));
  const HpkeInfo hashed(suite, info);
  const OneMessage aead(suite, KeySchedule(hashed, shared_secret));
  SecretBuffer plaintext(ciphertext.size() - aead_tag_size);
  if (!aead.key.open(aead.nonce.expose(), associated_data, ciphertext, plaintext.expose_mutable())) {
    return Error{ErrorCode::not_authentic, "the HPKE ciphertext does not open"};
  }
  return plaintext;
}

Result<HpkeExport> hpke_send_export(const CipherSuite& suite, const KemPublicKey& receiver, ByteView info,
                                    ByteView exporter_context, std::size_t size, Random& random) {
  CONCLAVE_TRY(check_export_size(suite, size));
  CONCLAVE_ASSIGN(encapsulation, encapsulate(suite.kem, receiver, random));
  const HpkeInfo hashed(suite, info);
  const KeySchedule schedule(hashed, encapsulation.shared_secret);
  return HpkeExport{std::move(encapsulation.enc), schedule.export_secret(exporter_context, size)};
}

Result<SecretBuffer> hpke_receive_export(const CipherSuite& suite, const KemPrivateKey& receiver, ByteView kem_output,
                                         ByteView info, ByteView exporter_context, std::size_t size) {
  CONCLAVE_TRY(check_export_size(suite, size));
  CONCLAVE_ASSIGN(shared_secret, receiver.decapsulate(kem_output));
  const HpkeInfo hashed(suite, info);
  return KeySchedule(hashed, shared_secret).export_secret(exporter_context, size);
}

}  // namespace conclave::crypto
