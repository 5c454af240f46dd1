// Messages that are signed and encrypted (RFC 9420 section 6.3).
#pragma once

#include "mls/framing/content.h"
#include "mls/schedule/secret_tree.h"

namespace conclave::mls {

///     struct {
///       opaque group_id<V>;
///       uint64 epoch;
///       ContentType content_type;
///       opaque authenticated_data<V>;
///       opaque encrypted_sender_data<V>;
///       opaque ciphertext<V>;
///     } PrivateMessage;
struct PrivateMessage {
  static constexpr auto tag = WireFormat::private_message;
  Bytes group_id;
  std::uint64_t epoch = 0;
  ContentType content_type{};
  Bytes authenticated_data;
  Bytes encrypted_sender_data;
  Bytes ciphertext;
  CONCLAVE_FIELDS(group_id, epoch, content_type, authenticated_data, encrypted_sender_data, ciphertext)
};

/// A decrypted message whose signature is still to be verified. `generation` is consumed when it was.
struct OpenedPrivateMessage {
  AuthenticatedContent message;
  LeafIndex sender;
  std::uint32_t generation = 0;
};

/// Encrypts a message signed by `own_leaf` under its next key; that key is spent. Zeros fill the plaintext up to a
/// multiple of `padding_block` bytes (1: none).
Result<PrivateMessage> protect_private(const crypto::CipherSuite& suite, SecretTree& keys, const SenderDataSecret& sender_data_secret,
                                       LeafIndex own_leaf, AuthenticatedContent message, std::size_t padding_block, crypto::Random& random);

/// Decrypts a message and spends no key. Work before authentication: two AEAD openings and at most
/// `RatchetLimits::max_forward` derivations. `not_authentic`, `malformed`, `replayed` or `unknown_key`.
Result<OpenedPrivateMessage> unprotect_private(const crypto::CipherSuite& suite, SecretTree& keys,
                                               const SenderDataSecret& sender_data_secret, const PrivateMessage& message);

/// The ratchet that a message of this type uses (RFC 9420 section 9.1).
constexpr RatchetKind ratchet_kind(ContentType type) { return type == ContentType::application ? RatchetKind::application : RatchetKind::handshake; }

/// The key and nonce that hide the sender of a message with this ciphertext (RFC 9420 section 6.3.2).
MessageKey sender_data_key(const crypto::CipherSuite& suite, const SenderDataSecret& secret, ByteView ciphertext);

}  // namespace conclave::mls

CONCLAVE_WIRE_ELSEWHERE(conclave::mls::PrivateMessage)
