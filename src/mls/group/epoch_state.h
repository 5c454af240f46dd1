// All that one epoch of a group consists of, beside the tree (RFC 9420 sections 8 and 9).
#pragma once

#include "mls/group/proposal_list.h"
#include "mls/schedule/epoch_secrets.h"
#include "mls/schedule/secret_tree.h"

namespace conclave::mls {

struct EpochState {
  GroupContext context;
  Bytes context_bytes;  ///< `context`, serialised
  crypto::Digest interim_transcript_hash;
  Bytes confirmation_tag;
  EpochSecrets secrets;
  SecretTree secret_tree;
  PrivateKeys keys;
  LeafIndex own_leaf;
};

/// What leads from one epoch to the next.
struct EpochInputs {
  const AuthenticatedContent& commit;  ///< signed; its confirmation tag is not looked at
  ByteView interim_transcript_hash;    ///< of the old epoch
  GroupContext context;                ///< of the new epoch, but for the confirmed transcript hash
  const InitSecret& init_secret;
  const CommitSecret& commit_secret;
  const PskSecret& psk_secret;
};

/// A new epoch, and the secret that its newcomers are told.
struct NextEpoch {
  EpochState state;
  JoinerSecret joiner_secret;
};

/// Runs the key schedule (RFC 9420 section 8). Keys and own leaf are left for the caller.
NextEpoch advance_epoch(const crypto::CipherSuite& suite, EpochInputs inputs, std::uint32_t leaf_count);

/// The state that a newcomer derives from what a Welcome told it; the confirmation tag is computed, not compared.
EpochState enter_epoch(const crypto::CipherSuite& suite, GroupContext context, const JoinerSecret& joiner_secret,
                       const PskSecret& psk_secret, std::uint32_t leaf_count);

}  // namespace conclave::mls
