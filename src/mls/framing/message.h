// The outermost envelope (RFC 9420 section 6).
#pragma once

#include "mls/framing/private_message.h"
#include "mls/framing/public_message.h"
#include "mls/group/welcome.h"

namespace conclave::mls {

/// A key package on its way; `key_package` is the content of an MLSMessage.
struct KeyPackageMessage {
  static constexpr auto tag = WireFormat::key_package;
  KeyPackage key_package;
  CONCLAVE_FIELDS(key_package)
};

///     struct {
///       ProtocolVersion version = mls10;
///       WireFormat wire_format;
///       select (MLSMessage.wire_format) {
///         case mls_public_message:  PublicMessage public_message;
///         case mls_private_message: PrivateMessage private_message;
///         case mls_welcome:         Welcome welcome;
///         case mls_group_info:      GroupInfo group_info;
///         case mls_key_package:     KeyPackage key_package;
///       };
///     } MLSMessage;
struct MlsMessage {
  std::variant<PrivateMessage, PublicMessage, Welcome, GroupInfo, KeyPackageMessage> body;

  void read_from(wire::Reader& reader);
  void write_to(wire::Writer& writer) const;

  /// `malformed`, or `unsupported` for another version or wire format.
  static Result<MlsMessage> decode(ByteView bytes);
};

/// Serialises one body as an MLSMessage.
template <class Body>
Bytes encode_message(const Body& body) {
  return wire::encode(ProtocolVersion::mls10, Body::tag, body);
}

/// What can be said of a message by whoever only carries it, without any key.
struct MessageSummary {
  WireFormat wire_format{};
  Bytes group_id;                            ///< empty for a Welcome or a key package
  std::uint64_t epoch = 0;
  std::optional<ContentType> content_type;   ///< of public and private messages
};
Result<MessageSummary> summarize(ByteView message);

}  // namespace conclave::mls

CONCLAVE_WIRE_ELSEWHERE(conclave::mls::MlsMessage)
