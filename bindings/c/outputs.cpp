#include "session.h"
#include "structs.h"

namespace conclave::c {
namespace {

Output output(std::uint32_t kind) {
  Output out;
  out.about.kind = kind;
  return out;
}

Output with_member(std::uint32_t kind, MemberId member, std::string_view name) {
  Output out = output(kind);
  out.about.member = member;
  copy_text(out.about.name, name);
  return out;
}

Output with_error(std::uint32_t kind, const Error& error) {
  Output out = output(kind);
  put_error(out.about, error);
  return out;
}

Output output_of(EpochEntered& event) {
  Output out = output(CONCLAVE_OUTPUT_EPOCH);
  out.about.id = event.epoch;
  out.about.flag = event.own_commit ? 1 : 0;
  out.bytes = std::move(event.authenticator);
  return out;
}

Output output_of(FrameKeysChanged&) { return output(CONCLAVE_OUTPUT_KEYS); }

Output output_of(MemberEntered& event) {
  Output out = with_member(CONCLAVE_OUTPUT_MEMBER_ENTERED, event.member.id, event.member.display_name);
  out.about.flag = static_cast<std::uint32_t>(event.member.role);
  return out;
}

Output output_of(MemberGone& event) { return with_member(CONCLAVE_OUTPUT_MEMBER_GONE, event.member.id, event.member.display_name); }

Output output_of(MessageOpened& event) {
  Output out = with_member(CONCLAVE_OUTPUT_MESSAGE, event.sender, "");
  out.bytes = std::move(event.content);
  return out;
}

Output output_of(MessageRefused& event) { return with_error(CONCLAVE_OUTPUT_REFUSED, event.error); }

Output output_of(ChangeFailed& event) { return with_error(CONCLAVE_OUTPUT_NOT_DONE, event.error); }

Output output_of(AdmissionFailed& event) {
  Output out = with_error(CONCLAVE_OUTPUT_ADMISSION_FAILED, event.error);
  out.about.id = event.request;
  return out;
}

Output output_of(MemberDoubted& event) {
  Output out = with_member(CONCLAVE_OUTPUT_DOUBTED, event.member, event.display_name);
  out.about.flag = static_cast<std::uint32_t>(event.doubt);
  return out;
}

Output output_of(MemberConfirmed& event) { return with_member(CONCLAVE_OUTPUT_CONFIRMED, event.member, ""); }
Output output_of(SessionSuspended& event) { return with_error(CONCLAVE_OUTPUT_SUSPENDED, event.error); }
Output output_of(SessionResumed&) { return output(CONCLAVE_OUTPUT_RESUMED); }
Output output_of(SessionEnded& event) { return with_error(CONCLAVE_OUTPUT_ENDED, event.error); }
Output output_of(RoomChanged&) { return output(CONCLAVE_OUTPUT_ROOM_CHANGED); }

Output output_of(ChatReceived& event) {
  Output out = with_member(CONCLAVE_OUTPUT_CHAT, event.sender, "");
  out.bytes = Bytes(event.text.begin(), event.text.end());
  return out;
}

Output output_of(ReactionReceived& event) {
  Output out = with_member(CONCLAVE_OUTPUT_REACTION, event.sender, "");
  out.about.flag = event.symbol;
  return out;
}

Output output_of(HandChanged& event) {
  Output out = with_member(CONCLAVE_OUTPUT_HAND, event.member, "");
  out.about.flag = event.raised ? 1 : 0;
  return out;
}

Output output_of(FramesStated& event) {
  Output out = with_member(CONCLAVE_OUTPUT_FRAMES_STATED, event.sender, "");
  out.about.id = event.epoch;
  out.bytes = stated_bytes(event);
  return out;
}

Output output_of(HeirSpoke& event) {
  Output out = with_member(CONCLAVE_OUTPUT_HEIR, event.heir, "");
  out.about.id = event.claimant;
  return out;
}

}  // namespace

Output output_of(ToLog& message) {
  Output out = output(CONCLAVE_OUTPUT_LOG);
  out.about.flag = message.commit ? 1 : 0;
  out.about.id = message.epoch;
  out.bytes = std::move(message.message);
  return out;
}

void Meeting::take(SessionStep step) {
  for (auto& message : step.send) {
    outputs.push_back(output_of(message));
    if (!message.admission) continue;
    std::vector<std::uint64_t> requests = message.admission->others;
    requests.push_back(message.admission->request);
    for (const std::uint64_t request : requests) {
      Output welcome = output(CONCLAVE_OUTPUT_WELCOME);
      welcome.about.id = request;
      welcome.bytes = message.admission->welcome;
      outputs.push_back(std::move(welcome));
    }
  }
  for (auto& event : step.events) {
    outputs.push_back(std::visit([](auto& what) { return output_of(what); }, event));
  }
}

conclave_member member_of(const SessionMember& member, MemberId self) {
  conclave_member out{};
  out.member = member.id;
  out.self = member.id == self ? 1 : 0;
  out.role = static_cast<std::uint32_t>(member.role);
  out.verified = member.verified ? 1 : 0;
  out.confirmed = member.confirmed ? 1 : 0;
  out.rights = member.rights.bits();
  out.hand_raised = member.hand_raised ? 1 : 0;
  out.identity_key_size = copy_bytes(out.identity_key, member.identity_key);
  copy_text(out.name, member.display_name);
  copy_text(out.invited_as, member.invited_as);
  copy_text(out.verified_by, member.verified_by);
  copy_text(out.certified_as, member.certified_as);
  return out;
}

//     sender (4 bytes) || epoch (8) || size of the identity key (1) || identity key || statement
Bytes stated_bytes(const FramesStated& stated) {
  Bytes out;
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(stated.sender >> shift));
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(stated.epoch >> shift));
  const auto key_size = static_cast<std::uint8_t>(std::min<std::size_t>(stated.identity_key.size(), 255));
  out.push_back(key_size);
  out.insert(out.end(), stated.identity_key.begin(), stated.identity_key.begin() + key_size);
  out.insert(out.end(), stated.statement.begin(), stated.statement.end());
  return out;
}

Result<FramesStated> stated_in(ByteView bytes) {
  constexpr std::size_t head = 13;
  if (bytes.size() < head || bytes.size() < head + bytes[head - 1]) return Error{ErrorCode::malformed, "this is not what FRAMES_STATED brought"};
  FramesStated stated;
  for (std::size_t i = 0; i < 4; ++i) stated.sender = stated.sender << 8 | bytes[i];
  for (std::size_t i = 4; i < head - 1; ++i) stated.epoch = stated.epoch << 8 | bytes[i];
  const ByteView key = bytes.subspan(head, bytes[head - 1]), statement = bytes.subspan(head + bytes[head - 1]);
  stated.identity_key.assign(key.begin(), key.end());
  stated.statement.assign(statement.begin(), statement.end());
  return stated;
}

}  // namespace conclave::c
