#include "crypto/hpke.h"

#include <algorithm>

#include "crypto/labeled.h"

namespace conclave::crypto {

namespace {

using Key = Secret<struct HpkeKeyTag>;

/// What KeySchedule of the base mode expands its keys from (RFC 9180 section 5.1).
class KeySchedule {
 public:
  KeySchedule(const CipherSuite& suite, const KemSharedSecret& shared_secret, ByteView info)
      : suite_(suite), context_(hpke_label_context(suite)), secret_(suite.hash_size) {
    std::array<std::uint8_t, 64> psk_id_hash;
    std::array<std::uint8_t, 64> info_hash;
    const ByteSpan psk_id_hash_out(psk_id_hash.data(), suite.hash_size);
    const ByteSpan info_hash_out(info_hash.data(), suite.hash_size);
    labeled_extract(suite.hash, context_, {}, "psk_id_hash", {}, psk_id_hash_out);
    labeled_extract(suite.hash, context_, {}, "info_hash", info, info_hash_out);
    auto end = std::ranges::copy(psk_id_hash_out, key_schedule_context_.begin() + 1).out;  // after mode_base, zero
    end = std::ranges::copy(info_hash_out, end).out;
    size_ = static_cast<std::size_t>(end - key_schedule_context_.begin());
    labeled_extract(suite.hash, context_, shared_secret.expose(), "secret", {}, secret_.expose_mutable());
  }

  [[nodiscard]] Key expand(std::string_view label, std::size_t size) const {
    Key key(size);
    labeled_expand(suite_.hash, context_, secret_.expose(), label, {ByteView(key_schedule_context_.data(), size_)},
                   key.expose_mutable());
    return key;
  }

  /// Context.Export (RFC 9180 section 5.3).
  [[nodiscard]] SecretBuffer export_secret(ByteView exporter_context, std::size_t size) const {
    const Key exporter_secret = expand("exp", suite_.hash_size);
    SecretBuffer out(size);
    labeled_expand(suite_.hash, context_, exporter_secret.expose(), "sec", {exporter_context}, out.expose_mutable());
    return out;
  }

 private:
  const CipherSuite& suite_;
  LabelContext context_;
  Key secret_;
  std::array<std::uint8_t, 129> key_schedule_context_{};
  std::size_t size_ = 0;
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

Result<HpkeCiphertext> hpke_seal(const CipherSuite& suite, const KemPublicKey& receiver, ByteView info,
                                 ByteView associated_data, ByteView plaintext, Random& random) {
  CONCLAVE_ASSIGN(encapsulation, encapsulate(suite.kem, receiver, random));
  const OneMessage aead(suite, KeySchedule(suite, encapsulation.shared_secret, info));
  HpkeCiphertext sealed{std::move(encapsulation.enc), Bytes(plaintext.size() + aead_tag_size)};
  aead.key.seal(aead.nonce.expose(), associated_data, plaintext, sealed.ciphertext);
  return sealed;
}

Result<SecretBuffer> hpke_open(const CipherSuite& suite, const KemPrivateKey& receiver, ByteView kem_output, ByteView info,
                               ByteView associated_data, ByteView ciphertext) {
  if (ciphertext.size() < aead_tag_size) return Error{ErrorCode::not_authentic, "the ciphertext is shorter than a tag"};
  CONCLAVE_ASSIGN(shared_secret, receiver.decapsulate(kem_output));
  const OneMessage aead(suite, KeySchedule(suite, shared_secret, info));
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
  const KeySchedule schedule(suite, encapsulation.shared_secret, info);
  return HpkeExport{std::move(encapsulation.enc), schedule.export_secret(exporter_context, size)};
}

Result<SecretBuffer> hpke_receive_export(const CipherSuite& suite, const KemPrivateKey& receiver, ByteView kem_output,
                                         ByteView info, ByteView exporter_context, std::size_t size) {
  CONCLAVE_TRY(check_export_size(suite, size));
  CONCLAVE_ASSIGN(shared_secret, receiver.decapsulate(kem_output));
  return KeySchedule(suite, shared_secret, info).export_secret(exporter_context, size);
}

}  // namespace conclave::crypto
