// A member in the middle of a group gets bytes from the network, and from another member who encrypts and signs what the fuzzer makes,
// so that it reaches what lies behind encryption and signatures. Whatever comes, the member's state stays what it was.
#include "mls_middle.h"

using namespace conclave;
using namespace conclave::mls;

namespace {

/// The message that the first octet asks for.
Bytes message_of(Middle& middle, std::uint8_t kind, ByteView bytes) {
  Insider mallory(*middle.mallory);
  const auto proposal = [&](Sender sender, const crypto::SignaturePrivateKey& signer) {
    auto read = wire::decode<Proposal>(bytes);
    return read.ok() ? mallory.sign(ProposalContent{std::move(*read)}, std::move(sender), signer, {1}) : Bytes();
  };
  const auto commit = [&](Sender sender, const crypto::SignaturePrivateKey& signer, LeafIndex place) {
    auto read = wire::decode<Commit>(bytes);
    return read.ok() ? mallory.sign(CommitContent{std::move(*read)}, std::move(sender), signer, place) : Bytes();
  };
  switch (kind % 8) {
    case 0: return to_bytes(bytes);
    case 1: return mallory.seal(bytes, ContentType::application);
    case 2: return mallory.seal(bytes, ContentType::proposal);
    case 3: return mallory.seal(bytes, ContentType::commit);
    case 4: return proposal(MemberSender{{1}}, mallory.signer());
    case 5: return commit(MemberSender{{1}}, mallory.signer(), {1});
    case 6: return commit(NewMemberCommitSender{}, middle.eve, {5});
    default: return proposal(ExternalSenderIndex{0}, middle.eve);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Middle middle;
  static const Bytes before = Insider(middle.victim).whole_state();
  if (size == 0) return 0;
  const Bytes message = message_of(middle, data[0], ByteView(data + 1, size - 1));
  if (middle.victim.unprotect(message).ok()) std::abort();  // nobody signs application messages here
  static_cast<void>(middle.victim.stage(message, fuzz_now));
  if (Insider(middle.victim).whole_state() != before) std::abort();
  if (middle.victim.receive_proposal(message, fuzz_now).ok()) middle.note_removal();  // a valid one is noted beside it
  if (Insider(middle.victim).whole_state() != before) std::abort();
  return 0;
}
