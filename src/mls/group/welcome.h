// How newcomers learn the state of a group (RFC 9420 section 12.4.3).
#pragma once

#include "mls/schedule/epoch_secrets.h"
#include "mls/schedule/group_context.h"

namespace conclave::mls {

///     struct {
///       GroupContext group_context;
///       Extension extensions<V>;
///       MAC confirmation_tag;
///       uint32 signer;
///       opaque signature<V>;   /* SignWithLabel(., "GroupInfoTBS", GroupInfoTBS) */
///     } GroupInfo;
struct GroupInfo {
  static constexpr auto tag = WireFormat::group_info;
  GroupContext group_context;
  Extensions extensions;
  Bytes confirmation_tag;
  LeafIndex signer;
  Bytes signature;
  CONCLAVE_FIELDS(group_context, extensions, confirmation_tag, signer, signature)

  Result<void> sign(const crypto::SignaturePrivateKey& key);
  [[nodiscard]] bool verify(const crypto::SignaturePublicKey& key) const;

 private:
  [[nodiscard]] Bytes to_be_signed() const { return wire::encode(group_context, extensions, confirmation_tag, signer); }
};

///     struct { opaque path_secret<V>; } PathSecret;
///     struct { opaque joiner_secret<V>; optional<PathSecret> path_secret; PreSharedKeyID psks<V>; } GroupSecrets;
struct GroupSecrets {
  JoinerSecret joiner_secret;
  std::optional<PathSecret> path_secret;
  std::vector<PreSharedKeyId> psks;
  CONCLAVE_FIELDS(joiner_secret, path_secret, psks)
};

///     struct { KeyPackageRef new_member; HPKECiphertext encrypted_group_secrets; } EncryptedGroupSecrets;
struct EncryptedGroupSecrets {
  Bytes new_member;
  HpkeCiphertext encrypted_group_secrets;
  CONCLAVE_FIELDS(new_member, encrypted_group_secrets)
};

///     struct { CipherSuite cipher_suite; EncryptedGroupSecrets secrets<V>; opaque encrypted_group_info<V>; } Welcome;
struct Welcome {
  static constexpr auto tag = WireFormat::welcome;
  crypto::SuiteId cipher_suite{};
  std::vector<EncryptedGroupSecrets> secrets;
  Bytes encrypted_group_info;
  CONCLAVE_FIELDS(cipher_suite, secrets, encrypted_group_info)

  /// The entry for this key package, or null.
  [[nodiscard]] const EncryptedGroupSecrets* find(const crypto::CipherSuite& suite, const KeyPackage& key_package) const;
  /// Opens an entry with the key package's init key. `not_authentic` or `malformed`.
  [[nodiscard]] Result<GroupSecrets> open_secrets(const crypto::CipherSuite& suite, const EncryptedGroupSecrets& entry,
                                                  const crypto::KemPrivateKey& init_key) const;
  /// Opens the group info; nothing in it is verified. `not_authentic` or `malformed`.
  [[nodiscard]] Result<GroupInfo> open_group_info(const crypto::CipherSuite& suite, const WelcomeSecret& secret) const;
};

/// Encrypts a group info under the welcome secret.
Bytes seal_group_info(const crypto::CipherSuite& suite, const WelcomeSecret& secret, const GroupInfo& info);

/// The context in which the secrets of all newcomers are encrypted: hashes the whole encrypted group info, so once per Welcome.
crypto::HpkeInfo welcome_context(const crypto::CipherSuite& suite, ByteView encrypted_group_info);
/// Encrypts one newcomer's secrets to its init key.
Result<EncryptedGroupSecrets> seal_group_secrets(const crypto::HpkeInfo& welcome_context, const KeyPackage& receiver, const GroupSecrets& secrets,
                                                 crypto::Random& random);

}  // namespace conclave::mls

CONCLAVE_WIRE_ELSEWHERE(conclave::mls::GroupInfo)
CONCLAVE_WIRE_ELSEWHERE(conclave::mls::GroupSecrets)
CONCLAVE_WIRE_ELSEWHERE(conclave::mls::Welcome)
