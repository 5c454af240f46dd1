// Messages that are signed but not encrypted (RFC 9420 section 6.2).
#pragma once

#include "mls/framing/content.h"
#include "mls/schedule/epoch_secrets.h"

namespace conclave::mls {

///     struct {
///       FramedContent content;
///       FramedContentAuthData auth;
///       select (PublicMessage.content.sender.sender_type) {
///         case member: MAC membership_tag;
///         case external: case new_member_commit: case new_member_proposal: struct{};
///       };
///     } PublicMessage;
struct PublicMessage {
  static constexpr auto tag = WireFormat::public_message;
  FramedContent content;
  FramedContentAuthData auth;
  Bytes membership_tag;  ///< of members alone

  void read_from(wire::Reader& reader);
  void write_to(wire::Writer& writer) const;

  /// Wraps a signed message; a member's gets its membership tag. Application data is refused: `invalid_argument`.
  static Result<PublicMessage> protect(const crypto::CipherSuite& suite, AuthenticatedContent message,
                                       const MembershipKey& key, ByteView group_context);

  /// Checks the membership tag of a member's message and unwraps it. The signature is still to be verified.
  /// `not_authentic` when the tag does not verify, `invalid_message` for application data.
  static Result<AuthenticatedContent> unprotect(const crypto::CipherSuite& suite, PublicMessage message,
                                                const MembershipKey& key, ByteView group_context);
};

}  // namespace conclave::mls

CONCLAVE_WIRE_ELSEWHERE(conclave::mls::PublicMessage)
