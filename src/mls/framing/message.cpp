#include "mls/framing/message.h"

CONCLAVE_WIRE_HERE(conclave::mls::MlsMessage)

namespace conclave::mls {
namespace {

MessageSummary summary_of(const PrivateMessage& message) {
  return {PrivateMessage::tag, message.group_id, message.epoch, message.content_type};
}
MessageSummary summary_of(const PublicMessage& message) {
  return {PublicMessage::tag, message.content.group_id, message.content.epoch, message.content.content_type()};
}
MessageSummary summary_of(const Welcome&) { return {Welcome::tag, {}, 0, {}}; }
MessageSummary summary_of(const GroupInfo& info) { return {GroupInfo::tag, info.group_context.group_id, info.group_context.epoch, {}}; }
MessageSummary summary_of(const KeyPackageMessage&) { return {KeyPackageMessage::tag, {}, 0, {}}; }

}  // namespace

void MlsMessage::read_from(wire::Reader& reader) {
  ProtocolVersion version{};
  wire::read(reader, version);
  if (version != ProtocolVersion::mls10) return reader.fail("the message is of another version of MLS", ErrorCode::unsupported);
  wire::read(reader, body);
}

void MlsMessage::write_to(wire::Writer& writer) const {
  wire::write(writer, ProtocolVersion::mls10);
  wire::write(writer, body);
}

Result<MlsMessage> MlsMessage::decode(ByteView bytes) { return wire::decode<MlsMessage>(bytes); }

Result<MessageSummary> summarize(ByteView message) {
  CONCLAVE_ASSIGN(decoded, MlsMessage::decode(message));
  return std::visit([](const auto& body) { return summary_of(body); }, decoded.body);
}

}  // namespace conclave::mls
