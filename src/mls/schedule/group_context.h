// What all members of an epoch agree on (RFC 9420 section 8.1), and the transcript behind it (section 8.2).
#pragma once

#include "mls/framing/content.h"

namespace conclave::mls {

///     struct {
///       ProtocolVersion version = mls10;
///       CipherSuite cipher_suite;
///       opaque group_id<V>;
///       uint64 epoch;
///       opaque tree_hash<V>;
///       opaque confirmed_transcript_hash<V>;
///       Extension extensions<V>;
///     } GroupContext;
struct GroupContext {
  ProtocolVersion version = ProtocolVersion::mls10;
  crypto::SuiteId cipher_suite{};
  Bytes group_id;
  std::uint64_t epoch = 0;
  Bytes tree_hash;
  Bytes confirmed_transcript_hash;
  Extensions extensions;
  CONCLAVE_FIELDS(version, cipher_suite, group_id, epoch, tree_hash, confirmed_transcript_hash, extensions)
  friend bool operator==(const GroupContext&, const GroupContext&) = default;
};

/// confirmed_transcript_hash after `commit`, from the interim transcript hash before it (RFC 9420 section 8.2).
crypto::Digest confirmed_transcript_hash(const crypto::CipherSuite& suite, ByteView interim_before, const AuthenticatedContent& commit);

/// interim_transcript_hash of the same epoch as `confirmed` (RFC 9420 section 8.2).
crypto::Digest interim_transcript_hash(const crypto::CipherSuite& suite, ByteView confirmed, ByteView confirmation_tag);

}  // namespace conclave::mls

CONCLAVE_WIRE_ELSEWHERE(conclave::mls::GroupContext)
