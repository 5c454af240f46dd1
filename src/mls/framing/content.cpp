#include "mls/framing/content.h"

namespace conclave::mls {

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
