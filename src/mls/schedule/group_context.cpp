#include "mls/schedule/group_context.h"

CONCLAVE_WIRE_HERE(conclave::mls::GroupContext)

namespace conclave::mls {

crypto::Digest confirmed_transcript_hash(const crypto::CipherSuite& suite, ByteView interim_before, const AuthenticatedContent& commit) {
  // struct { WireFormat wire_format; FramedContent content; opaque signature<V>; } ConfirmedTranscriptHashInput;
  return crypto::hash(suite.hash, {interim_before, wire::encode(commit.wire_format, commit.content, commit.auth.signature)});
}

crypto::Digest interim_transcript_hash(const crypto::CipherSuite& suite, ByteView confirmed, ByteView confirmation_tag) {
  // struct { MAC confirmation_tag; } InterimTranscriptHashInput;
  return crypto::hash(suite.hash, {confirmed, wire::encode(wire::Opaque{confirmation_tag})});
}

}  // namespace conclave::mls
