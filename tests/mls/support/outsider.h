// Messages from outside of a group: of external senders and of newcomers who ask to be added.
#pragma once

#include "mls/support/world.h"

namespace conclave::mls::test {

/// A signed proposal for the present epoch of `member`'s group (RFC 9420 section 12.1.8).
inline Bytes from_outside(const Group& member, Proposal proposal, Sender sender, const crypto::SignaturePrivateKey& key) {
  AuthenticatedContent message;
  message.wire_format = WireFormat::public_message;
  message.content = {to_bytes(member.group_id()), member.epoch(), std::move(sender), {}, ProposalContent{std::move(proposal)}};
  need(message.sign(key, wire::encode(member.context())));
  return encode_message(need(PublicMessage::protect(member.suite(), std::move(message), MembershipKey(32), {})));
}

}  // namespace conclave::mls::test
