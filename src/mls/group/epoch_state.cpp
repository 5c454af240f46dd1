#include "mls/group/epoch_state.h"

#include "base/bytes.h"

namespace conclave::mls {

EpochState enter_epoch(const crypto::CipherSuite& suite, GroupContext context, const JoinerSecret& joiner_secret,
                       const PskSecret& psk_secret, std::uint32_t leaf_count) {
  EpochState state;
  state.context = std::move(context);
  state.context_bytes = wire::encode(state.context);
  const EpochSecret epoch_secret = derive_epoch_secret(suite, joiner_secret, psk_secret, state.context_bytes);
  state.secrets = EpochSecrets::derive(suite, epoch_secret);
  state.secret_tree = SecretTree(suite, std::move(state.secrets.encryption_secret), leaf_count);
  state.confirmation_tag = mac(suite, state.secrets.confirmation_key.expose(), state.context.confirmed_transcript_hash);
  state.interim_transcript_hash = interim_transcript_hash(suite, state.context.confirmed_transcript_hash, state.confirmation_tag);
  return state;
}

NextEpoch advance_epoch(const crypto::CipherSuite& suite, EpochInputs inputs, std::uint32_t leaf_count) {
  inputs.context.confirmed_transcript_hash =
      to_bytes(confirmed_transcript_hash(suite, inputs.interim_transcript_hash, inputs.commit).view());
  const Bytes context_bytes = wire::encode(inputs.context);
  JoinerSecret joiner_secret = derive_joiner_secret(suite, inputs.init_secret, inputs.commit_secret, context_bytes);
  EpochState state = enter_epoch(suite, std::move(inputs.context), joiner_secret, inputs.psk_secret, leaf_count);
  return {std::move(state), std::move(joiner_secret)};
}

}  // namespace conclave::mls
