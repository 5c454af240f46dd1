#include "mls/framing/content.h"

CONCLAVE_WIRE_HERE(conclave::mls::FramedContent)
CONCLAVE_WIRE_HERE(conclave::mls::AuthenticatedContent)

namespace conclave::mls {

std::optional<LeafIndex> member_of(const Sender& sender) {
  const auto* member = std::get_if<MemberSender>(&sender);
  return member == nullptr ? std::nullopt : std::optional(member->leaf_index);
}

ContentType type_of(const Content& content) {
  return std::visit([](const auto& arm) { return std::remove_cvref_t<decltype(arm)>::tag; }, content);
}

void FramedContentAuthData::read(wire::Reader& reader, ContentType type) {
  wire::read(reader, signature);
  if (type == ContentType::commit) wire::read(reader, confirmation_tag);
}

void FramedContentAuthData::write(wire::Writer& writer, ContentType type) const {
  wire::write(writer, signature);
  if (type == ContentType::commit) wire::write(writer, confirmation_tag);
}

void AuthenticatedContent::read_from(wire::Reader& reader) {
  wire::read(reader, wire_format);
  wire::read(reader, content);
  auth.read(reader, content.content_type());
}

void AuthenticatedContent::write_to(wire::Writer& writer) const {
  wire::write(writer, wire_format);
  wire::write(writer, content);
  auth.write(writer, content.content_type());
}

SecretBuffer AuthenticatedContent::to_be_signed(ByteView group_context) const {
  const bool covers_context =
      std::holds_alternative<MemberSender>(content.sender) || std::holds_alternative<NewMemberCommitSender>(content.sender);
  const wire::Raw context{covers_context ? group_context : ByteView()};
  return wire::encode_secret(ProtocolVersion::mls10, wire_format, content, context);
}

Result<void> AuthenticatedContent::sign(const crypto::SignaturePrivateKey& key, ByteView group_context) {
  CONCLAVE_ASSIGN(signed_bytes, sign_with_label(key, "FramedContentTBS", to_be_signed(group_context).expose()));
  auth.signature = std::move(signed_bytes);
  return {};
}

bool AuthenticatedContent::verify(const crypto::SignaturePublicKey& key, ByteView group_context) const {
  return verify_with_label(key, "FramedContentTBS", to_be_signed(group_context).expose(), auth.signature);
}

ProposalRef proposal_reference(const crypto::CipherSuite& suite, const AuthenticatedContent& message) {
  return {ref_hash(suite, "MLS 1.0 Proposal Reference", wire::encode(message))};
}

}  // namespace conclave::mls
