// Contacts, messages and transcripts.
#include <catch2/catch.hpp>

#include "room/contacts.h"
#include "room/message.h"
#include "room/transcript.h"

using namespace conclave;
using namespace conclave::room;

namespace {

Contact contact(std::uint8_t id, std::string_view name, bool verified = false) {
  return {IdentityHash{id}, to_bytes(as_bytes(name)), verified ? Trust::verified : Trust::met};
}

TranscriptEntry entry(std::uint64_t epoch, TranscriptEvent event, std::uint8_t actor, std::uint8_t subject, std::string_view detail = {}) {
  return {epoch, 1'700'000'000 + epoch, event, IdentityHash{actor}, IdentityHash{subject}, to_bytes(as_bytes(detail)), Bytes(32, static_cast<std::uint8_t>(epoch))};
}

struct Record {
  crypto::SeededRandom random{2};
  Identity moderator = *Identity::generate(random);
  Transcript transcript{RoomId{7}, moderator.hash()};

  Record() {
    REQUIRE(transcript.add(entry(0, TranscriptEvent::founded, 1, 1)).ok());
    REQUIRE(transcript.add(entry(1, TranscriptEvent::joined, 1, 2, "Bob\u202e\x1b[2J")).ok());
    REQUIRE(transcript.add(entry(2, TranscriptEvent::removed, 1, 2, "Bob")).ok());
  }
};

}  // namespace

TEST_CASE("a known name with another key is noticed, also when it only looks like it", "[room][attack]") {
  Contacts contacts;
  REQUIRE(contacts.remember(contact(1, "Ada Lovelace", true)).ok());
  CHECK(contacts.recognise(IdentityHash{1}, "Ada Lovelace").acquaintance == Acquaintance::known);
  CHECK(contacts.recognise(IdentityHash{1}, "Ada Lovelace").verified);
  CHECK(contacts.recognise(IdentityHash{1}, "Countess").acquaintance == Acquaintance::renamed);
  CHECK(contacts.recognise(IdentityHash{2}, "Bob").acquaintance == Acquaintance::stranger);
  for (const char* name : {"Ada Lovelace", "Adа Lovelace", "ada love1ace"}) {
    const Recognition found = contacts.recognise(IdentityHash{9}, name);
    CHECK(found.acquaintance == Acquaintance::key_changed);
    CHECK_FALSE(found.verified);
    CHECK(found.known_as == "Ada Lovelace");
  }
}

TEST_CASE("names are looked up as they are now: what was forgotten or renamed is found no more", "[room]") {
  Contacts contacts;
  REQUIRE(contacts.remember(contact(1, "Ada")).ok());
  REQUIRE(contacts.remember(contact(2, "ada")).ok());
  REQUIRE(contacts.remember(contact(1, "Countess")).ok());
  CHECK(contacts.recognise(IdentityHash{9}, "Ada").known_as == "ada");
  contacts.forget(IdentityHash{2});
  CHECK(contacts.recognise(IdentityHash{9}, "Ada").acquaintance == Acquaintance::stranger);
  CHECK(contacts.recognise(IdentityHash{9}, "Countess").acquaintance == Acquaintance::key_changed);
  CHECK(Contacts::parse(contacts.serialise())->recognise(IdentityHash{9}, "countess").acquaintance == Acquaintance::key_changed);
}

TEST_CASE("a full book knows strangers quickly, and takes nobody more", "[room][attack]") {
  Contacts contacts;
  for (std::size_t i = 0; i < Contacts::max_contacts; ++i) {
    IdentityHash identity{};
    identity[0] = static_cast<std::uint8_t>(i);
    identity[1] = static_cast<std::uint8_t>(i >> 8);
    REQUIRE(contacts.remember({identity, to_bytes(as_bytes("Member " + std::to_string(i))), Trust::met}).ok());
  }
  IdentityHash another{};
  another[31] = 1;
  CHECK(contacts.remember({another, to_bytes(as_bytes("Eve")), Trust::met}).error().code == ErrorCode::limit_exceeded);
  int strangers = 0;  // through a list of all names, this would be a minute's work
  for (int i = 0; i < 20'000; ++i) strangers += contacts.recognise(another, "Eve " + std::to_string(i)).acquaintance == Acquaintance::stranger ? 1 : 0;
  CHECK(strangers == 20'000);
}

TEST_CASE("contacts come back as they were kept, and damaged ones do not", "[room]") {
  Contacts contacts;
  for (std::uint8_t i = 9; i > 0; --i) REQUIRE(contacts.remember(contact(i, "Name " + std::to_string(i), i % 2 == 0)).ok());
  contacts.forget(IdentityHash{5});
  const Bytes kept = contacts.serialise();
  REQUIRE(Contacts::parse(kept).ok());
  CHECK(Contacts::parse(kept)->all() == contacts.all());
  for (std::size_t size = 0; size < kept.size(); ++size) CHECK_FALSE(Contacts::parse(ByteView(kept).first(size)).ok());
}

TEST_CASE("messages are read as they were written, and chat comes out inert", "[room]") {
  const auto chat = parse_message(encode_message(Chat{to_bytes(as_bytes("hi\u202e there\x1b"))}));
  REQUIRE(chat.ok());
  CHECK(equal(std::get<Chat>(*chat).text, as_bytes("hi there")));
  CHECK(std::get<Hand>(*parse_message(encode_message(Hand{1}))).raised == 1);
  CHECK(std::get<Reaction>(*parse_message(encode_message(Reaction{Symbol::heart}))).symbol == Symbol::heart);
  CHECK(needed_for(Chat{}) == Rights(Right::chat));
  CHECK(needed_for(Hand{}) == Rights());
}

TEST_CASE("a message that is cut, too long, of an unknown kind or without label is refused", "[room][attack]") {
  const Bytes message = encode_message(Chat{to_bytes(as_bytes("hello"))});
  for (std::size_t size = 0; size < message.size(); ++size) CHECK_FALSE(parse_message(ByteView(message).first(size)).ok());
  CHECK_FALSE(parse_message(encode_message(Chat{Bytes(1'000'000, 'x')})).ok());
  CHECK_FALSE(parse_message(encode_message(Hand{2})).ok());
  CHECK_FALSE(parse_message(encode_message(Reaction{static_cast<Symbol>(77)})).ok());
  Bytes unknown = message;
  unknown[8] = 99;
  CHECK(parse_message(unknown).error().code == ErrorCode::unsupported);
  unknown[0] ^= 1;
  CHECK_FALSE(parse_message(unknown).ok());
}

TEST_CASE("an heir's voice counts for one claimant, in one epoch of one room", "[room][attack]") {
  crypto::SeededRandom random(3);
  const Identity heir = *Identity::generate(random);
  Endorsement voice = *Endorsement::sign(heir, RoomId{1}, 5, IdentityHash{2});
  CHECK(voice.verify(RoomId{1}));
  CHECK_FALSE(voice.verify(RoomId{2}));
  Endorsement other = voice;
  other.epoch = 6;
  CHECK_FALSE(other.verify(RoomId{1}));
  other = voice;
  other.claimant = IdentityHash{3};
  CHECK_FALSE(other.verify(RoomId{1}));
  CHECK(parse_endorsements(wire::encode(std::vector<Endorsement>{voice})).size() == 1);
  CHECK(parse_endorsements(wire::encode(std::vector<Endorsement>(17, voice))).empty());
  CHECK(parse_endorsements(as_bytes("garbage")).empty());
}

TEST_CASE("an exported transcript is verified by anyone", "[room]") {
  Record record;
  const auto verified = verify_transcript(*record.transcript.export_signed(record.moderator));
  REQUIRE(verified.ok());
  CHECK(verified->signer == record.moderator.hash());
  CHECK(verified->entries == record.transcript.entries());
  CHECK(describe(verified->entries[1]).find('\x1b') == std::string::npos);
}

TEST_CASE("a transcript that was changed, cut, reordered or replayed in another room does not verify", "[room][attack]") {
  Record record;
  const Bytes file = *record.transcript.export_signed(record.moderator);
  for (std::size_t bit = 0; bit < file.size() * 8; bit += 5) {
    Bytes flipped = file;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
    CHECK_FALSE(verify_transcript(flipped).ok());
  }
  for (std::size_t size = 0; size < file.size(); ++size) CHECK_FALSE(verify_transcript(ByteView(file).first(size)).ok());
  Transcript reordered(RoomId{7}, record.moderator.hash());
  for (const std::size_t at : {std::size_t{0}, std::size_t{2}, std::size_t{1}}) REQUIRE(reordered.add(record.transcript.entries()[at]).ok());
  CHECK(reordered.head() != record.transcript.head());
  CHECK(Transcript(RoomId{8}, record.moderator.hash()).head() != Transcript(RoomId{7}, record.moderator.hash()).head());
}
