#include "mls/framing/public_message.h"

#include "mls/objects/labels.h"

CONCLAVE_WIRE_HERE(conclave::mls::PublicMessage)

namespace conclave::mls {
namespace {

/// AuthenticatedContentTBM (RFC 9420 section 6.2).
SecretBuffer to_be_maced(const AuthenticatedContent& message, ByteView group_context) {
  struct Auth {
    const FramedContentAuthData& data;
    ContentType type;
    void write_to(wire::Writer& writer) const { data.write(writer, type); }
  };
  const SecretBuffer content_tbs = message.to_be_signed(group_context);
  return wire::encode_secret(wire::Raw{content_tbs.expose()}, Auth{message.auth, message.content.content_type()});
}

std::optional<std::uint32_t> participant(const Sender& sender) {
  const auto leaf = member_of(sender);
  return leaf ? std::optional(leaf->value) : std::nullopt;
}

}  // namespace

void PublicMessage::read_from(wire::Reader& reader) {
  wire::read(reader, content);
  auth.read(reader, content.content_type());
  if (member_of(content.sender)) wire::read(reader, membership_tag);
}

void PublicMessage::write_to(wire::Writer& writer) const {
  wire::write(writer, content);
  auth.write(writer, content.content_type());
  if (member_of(content.sender)) wire::write(writer, membership_tag);
}

Result<PublicMessage> PublicMessage::protect(const crypto::CipherSuite& suite, AuthenticatedContent message,
                                             const MembershipKey& key, ByteView group_context) {
  if (message.content.content_type() == ContentType::application) {
    return Error{ErrorCode::invalid_argument, "application data must be encrypted"};
  }
  Bytes membership_tag;
  if (member_of(message.content.sender)) membership_tag = mac(suite, key.expose(), to_be_maced(message, group_context).expose());
  return PublicMessage{std::move(message.content), std::move(message.auth), std::move(membership_tag)};
}

Result<AuthenticatedContent> PublicMessage::unprotect(const crypto::CipherSuite& suite, PublicMessage message,
                                                      const MembershipKey& key, ByteView group_context) {
  AuthenticatedContent out{tag, std::move(message.content), std::move(message.auth)};
  const auto sender = participant(out.content.sender);
  if (out.content.content_type() == ContentType::application) {
    return Error{ErrorCode::invalid_message, "application data came unencrypted", sender};
  }
  if (sender && !verify_mac(suite, key.expose(), to_be_maced(out, group_context).expose(), message.membership_tag)) {
    return Error{ErrorCode::not_authentic, "the membership tag does not verify", sender};
  }
  return out;
}

}  // namespace conclave::mls
