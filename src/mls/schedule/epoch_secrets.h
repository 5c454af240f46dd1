// The key schedule: from one epoch's init secret to all secrets of the next (RFC 9420 section 8).
#pragma once

#include <string_view>

#include "crypto/hpke.h"
#include "mls/schedule/psk.h"
#include "mls/tree/update_path.h"

namespace conclave::mls {

using InitSecret = Secret<struct InitSecretTag>;
using JoinerSecret = Secret<struct JoinerSecretTag>;
using WelcomeSecret = Secret<struct WelcomeSecretTag>;
using EpochSecret = Secret<struct EpochSecretTag>;
using SenderDataSecret = Secret<struct SenderDataSecretTag>;
using EncryptionSecret = Secret<struct EncryptionSecretTag>;
using ExporterSecret = Secret<struct ExporterSecretTag>;
using ExternalSecret = Secret<struct ExternalSecretTag>;
using ConfirmationKey = Secret<struct ConfirmationKeyTag>;
using MembershipKey = Secret<struct MembershipKeyTag>;
using ResumptionPsk = Secret<struct ResumptionPskTag>;
using EpochAuthenticator = Secret<struct EpochAuthenticatorTag>;

/// What an epoch's secret is expanded into (RFC 9420 section 8, table 4). The epoch secret itself is gone by then.
struct EpochSecrets {
  SenderDataSecret sender_data_secret;
  EncryptionSecret encryption_secret;  ///< moves on into the secret tree
  ExporterSecret exporter_secret;
  ExternalSecret external_secret;
  ConfirmationKey confirmation_key;
  MembershipKey membership_key;
  ResumptionPsk resumption_psk;
  EpochAuthenticator epoch_authenticator;
  InitSecret init_secret;

  static EpochSecrets derive(const crypto::CipherSuite& suite, const EpochSecret& epoch_secret);
  [[nodiscard]] EpochSecrets clone() const;
};

/// joiner_secret (RFC 9420 section 8). `group_context` is the serialised context of the new epoch, here and below.
JoinerSecret derive_joiner_secret(const crypto::CipherSuite& suite, const InitSecret& init_secret, const CommitSecret& commit_secret,
                                  ByteView group_context);
WelcomeSecret derive_welcome_secret(const crypto::CipherSuite& suite, const JoinerSecret& joiner_secret, const PskSecret& psk_secret);
EpochSecret derive_epoch_secret(const crypto::CipherSuite& suite, const JoinerSecret& joiner_secret, const PskSecret& psk_secret,
                                ByteView group_context);

/// The key pair that outsiders encrypt their init secret to (RFC 9420 section 8).
Result<crypto::KemPrivateKey> external_key(const crypto::CipherSuite& suite, const ExternalSecret& external_secret);

struct ExternalInitOutput {
  Bytes kem_output;
  InitSecret init_secret;
};
/// External initialisation by the joiner, and by the members (RFC 9420 section 8.3).
Result<ExternalInitOutput> external_init(const crypto::CipherSuite& suite, const crypto::KemPublicKey& external_pub, crypto::Random& random);
Result<InitSecret> receive_external_init(const crypto::CipherSuite& suite, const ExternalSecret& external_secret, ByteView kem_output);

/// MLS-Exporter into all of `out` (RFC 9420 section 8.5).
void export_secret(const crypto::CipherSuite& suite, const ExporterSecret& exporter_secret, std::string_view label, ByteView context, ByteSpan out);

}  // namespace conclave::mls
