#include "mls/framing/private_message.h"

#include <algorithm>

#include "crypto/aead.h"
#include "mls/objects/labels.h"

CONCLAVE_WIRE_HERE(conclave::mls::PrivateMessage)

namespace conclave::mls {
namespace {

///     struct { uint32 leaf_index; uint32 generation; opaque reuse_guard[4]; } SenderData;
struct SenderData {
  LeafIndex leaf_index;
  std::uint32_t generation = 0;
  std::array<std::uint8_t, 4> reuse_guard{};
  CONCLAVE_FIELDS(leaf_index, generation, reuse_guard)
};

/// PrivateContentAAD (RFC 9420 section 6.3.1).
Bytes content_aad(const PrivateMessage& message) {
  return wire::encode(message.group_id, message.epoch, message.content_type, message.authenticated_data);
}

/// SenderDataAAD (RFC 9420 section 6.3.2).
Bytes sender_data_aad(const PrivateMessage& message) { return wire::encode(message.group_id, message.epoch, message.content_type); }

void apply_reuse_guard(MessageKey& key, const std::array<std::uint8_t, 4>& guard) {
  const ByteSpan nonce = key.nonce.expose_mutable();
  for (std::size_t i = 0; i < guard.size(); ++i) nonce[i] ^= guard[i];
}

/// PrivateMessageContent (RFC 9420 section 6.3.1), padded with zeros.
SecretBuffer content_plaintext(const AuthenticatedContent& message, std::size_t padding_block) {
  const ContentType type = message.content.content_type();
  wire::Counter counter;
  const auto write_to = [&](wire::Writer& out) {
    std::visit([&](const auto& arm) { wire::write(out, arm); }, message.content.content);
    message.auth.write(out, type);
  };
  write_to(counter);
  const std::size_t block = std::max<std::size_t>(padding_block, 1);
  SecretBuffer out((counter.size() + block - 1) / block * block);
  wire::Writer writer(out.expose_mutable());
  write_to(writer);
  return out;
}

/// Reads PrivateMessageContent of the given type into a message with an empty header.
Result<AuthenticatedContent> read_content(ByteView plaintext, ContentType type) {
  wire::Reader reader(plaintext);
  AuthenticatedContent out;
  out.wire_format = WireFormat::private_message;
  switch (type) {
    case ContentType::application: wire::read(reader, out.content.content.emplace<ApplicationContent>()); break;
    case ContentType::proposal: wire::read(reader, out.content.content.emplace<ProposalContent>()); break;
    case ContentType::commit: wire::read(reader, out.content.content.emplace<CommitContent>()); break;
  }
  out.auth.read(reader, type);
  CONCLAVE_TRY(reader.status());
  if (!std::ranges::all_of(reader.rest(), [](std::uint8_t byte) { return byte == 0; })) {
    return Error{ErrorCode::malformed, "the padding of a message is not zero"};
  }
  return out;
}

Result<SecretBuffer> open_aead(const crypto::CipherSuite& suite, const MessageKey& key, ByteView aad, ByteView ciphertext) {
  if (ciphertext.size() < crypto::aead_tag_size) return Error{ErrorCode::malformed, "a ciphertext is shorter than its tag"};
  SecretBuffer plaintext(ciphertext.size() - crypto::aead_tag_size);
  const crypto::AeadKey aead(suite.aead, key.key.expose());
  if (!aead.open(key.nonce.expose(), aad, ciphertext, plaintext.expose_mutable())) {
    return Error{ErrorCode::not_authentic, "a message does not decrypt"};
  }
  return plaintext;
}

Bytes seal_aead(const crypto::CipherSuite& suite, const MessageKey& key, ByteView aad, ByteView plaintext) {
  Bytes out(plaintext.size() + crypto::aead_tag_size);
  crypto::AeadKey(suite.aead, key.key.expose()).seal(key.nonce.expose(), aad, plaintext, out);
  return out;
}

}  // namespace

MessageKey sender_data_key(const crypto::CipherSuite& suite, const SenderDataSecret& secret, ByteView ciphertext) {
  const ByteView sample = ciphertext.first(std::min(ciphertext.size(), suite.hash_size));
  MessageKey out{Secret<struct MessageKeyTag, 32>(suite.aead_key_size), Secret<struct MessageNonceTag, 12>(suite.aead_nonce_size)};
  expand_with_label(suite, secret.expose(), "key", sample, out.key.expose_mutable());
  expand_with_label(suite, secret.expose(), "nonce", sample, out.nonce.expose_mutable());
  return out;
}

Result<PrivateMessage> protect_private(const crypto::CipherSuite& suite, SecretTree& keys, const SenderDataSecret& sender_data_secret,
                                       LeafIndex own_leaf, AuthenticatedContent message, std::size_t padding_block, crypto::Random& random) {
  const ContentType type = message.content.content_type();
  CONCLAVE_ASSIGN(next, keys.take_next(own_leaf, ratchet_kind(type)));
  auto& [generation, key] = next;
  SenderData sender_data{own_leaf, generation, {}};
  random.fill(sender_data.reuse_guard);
  apply_reuse_guard(key, sender_data.reuse_guard);

  PrivateMessage out{message.content.group_id, message.content.epoch, type, message.content.authenticated_data, {}, {}};
  out.ciphertext = seal_aead(suite, key, content_aad(out), content_plaintext(message, padding_block).expose());
  const MessageKey hiding_key = sender_data_key(suite, sender_data_secret, out.ciphertext);
  out.encrypted_sender_data = seal_aead(suite, hiding_key, sender_data_aad(out), wire::encode(sender_data));
  return out;
}

Result<OpenedPrivateMessage> unprotect_private(const crypto::CipherSuite& suite, SecretTree& keys,
                                               const SenderDataSecret& sender_data_secret, const PrivateMessage& message) {
  const MessageKey hiding_key = sender_data_key(suite, sender_data_secret, message.ciphertext);
  CONCLAVE_ASSIGN(sender_bytes, open_aead(suite, hiding_key, sender_data_aad(message), message.encrypted_sender_data));
  CONCLAVE_ASSIGN(sender_data, wire::decode<SenderData>(sender_bytes.expose()));
  const auto blame = [&](Error error) {
    error.participant = sender_data.leaf_index.value;
    return error;
  };
  CONCLAVE_ASSIGN(key, keys.peek(sender_data.leaf_index, ratchet_kind(message.content_type), sender_data.generation));
  apply_reuse_guard(key, sender_data.reuse_guard);
  auto plaintext = open_aead(suite, key, content_aad(message), message.ciphertext);
  if (!plaintext.ok()) return blame(std::move(plaintext).error());
  auto content = read_content(plaintext->expose(), message.content_type);
  if (!content.ok()) return blame(std::move(content).error());

  OpenedPrivateMessage out{std::move(content).value(), sender_data.leaf_index, sender_data.generation};
  out.message.content.group_id = message.group_id;
  out.message.content.epoch = message.epoch;
  out.message.content.sender = MemberSender{sender_data.leaf_index};
  out.message.content.authenticated_data = message.authenticated_data;
  return out;
}

}  // namespace conclave::mls
