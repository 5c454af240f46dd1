// What a room's members and their files bring: tickets, messages, contacts, transcripts, organisations' proofs.
#include <cstdlib>

#include "room/contacts.h"
#include "room/message.h"
#include "room/organisation.h"
#include "room/ticket.h"
#include "room/transcript.h"
#include "session/frame_statement.h"

using namespace conclave;
using namespace conclave::room;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const Bytes identity(32, 1);
  (void)verify_ticket_use(input, RoomId{}, identity);
  (void)PersonalInvitation::parse(input, RoomId{});
  (void)parse_message(input);
  (void)parse_endorsements(input);
  (void)verify_transcript(input);
  (void)session::FrameStatement::parse(input);
  (void)wire::decode<session::FrameEvidence>(input);
  (void)verify_organisation(input, identity, {}, UnixSeconds{0});
  const auto contacts = Contacts::parse(input);
  if (contacts.ok()) {
    const Bytes again = contacts->serialise();
    if (!std::equal(again.begin(), again.end(), input.begin(), input.end())) std::abort();
  }
  return 0;
}
