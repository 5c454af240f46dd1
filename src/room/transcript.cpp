#include "room/transcript.h"

#include <algorithm>

#include "conclave/transcript.h"
#include "crypto/hash.h"
#include "room/text.h"

namespace conclave::room {
namespace {

constexpr std::string_view transcript_label = "conclave transcript v1";
constexpr std::array<std::uint8_t, 8> file_magic{'C', 'L', 'V', 't', 'r', 'a', 'n', 's'};

struct TranscriptFile {
  std::array<std::uint8_t, 8> magic = file_magic;
  std::uint8_t version = 1;
  RoomId room_id{};
  IdentityHash founder{};
  std::vector<TranscriptEntry> entries;
  Bytes signer_key;
  Bytes signature;
  CONCLAVE_FIELDS(magic, version, room_id, founder, entries, signer_key, signature)
};

constexpr std::array<const char*, 14> event_names{"",       "founded the room", "came in",   "left",          "was removed", "was given a role",
                                                  "locked", "unlocked",         "changed the room", "inherited the room", "ended the meeting", "was refused",
                                                  "signed other frames than it stated", "stated nothing of its frames, as it seemed: unproven"};

bool is_known(TranscriptEvent event) { return event >= TranscriptEvent::founded && event <= TranscriptEvent::unstated; }

IdentityHash chain(ByteView before, ByteView entry) {
  const std::uint8_t zero = 0;
  const crypto::Digest digest = crypto::hash(crypto::HashAlgorithm::sha256, {as_bytes(transcript_label), ByteView(&zero, 1), before, entry});
  IdentityHash out{};
  std::copy(digest.view().begin(), digest.view().end(), out.begin());
  return out;
}

std::string short_id(const IdentityHash& identity) { return to_hex(ByteView(identity).first(8)); }

std::string text_of(const TranscriptEntry& entry) {
  const bool named = entry.event == TranscriptEvent::joined || entry.event == TranscriptEvent::removed;
  if (named) return " \"" + inert_name(entry.detail) + "\"";
  if (entry.event == TranscriptEvent::refused) return ": " + inert_name(entry.detail);
  return {};
}

}  // namespace

Transcript::Transcript(const RoomId& room_id, const IdentityHash& founder)
    : room_id_(room_id), founder_(founder), head_(chain({}, wire::encode(room_id, founder))) {}

Result<void> Transcript::add(TranscriptEntry entry) {
  if (entries_.size() >= max_entries) return Error{ErrorCode::limit_exceeded, "the record of the meeting is full"};
  head_ = chain(head_, wire::encode(entry));
  entries_.push_back(std::move(entry));
  return {};
}

Result<Bytes> Transcript::export_signed(const Identity& signer) const {
  TranscriptFile file;
  file.room_id = room_id_;
  file.founder = founder_;
  file.entries = entries_;
  file.signer_key = to_bytes(signer.public_key());
  CONCLAVE_ASSIGN(signature, signer.sign(transcript_label, wire::encode(std::uint64_t{entries_.size()}, head_)));
  file.signature = std::move(signature);
  return wire::encode(file);
}

Result<VerifiedTranscript> verify_transcript(ByteView bytes) {
  CONCLAVE_ASSIGN(file, wire::decode<TranscriptFile>(bytes));
  if (file.magic != file_magic) return Error{ErrorCode::malformed, "this is no record of a meeting"};
  if (file.version != 1) return Error{ErrorCode::unsupported, "a record of another version"};
  Transcript record(file.room_id, file.founder);
  for (TranscriptEntry& entry : file.entries) {
    if (!is_known(entry.event)) return Error{ErrorCode::unsupported, "a record with an unknown event"};
    CONCLAVE_TRY(record.add(std::move(entry)));
  }
  const Bytes statement = wire::encode(std::uint64_t{record.entries().size()}, record.head());
  if (!verify_identity_signature(file.signer_key, transcript_label, statement, file.signature)) {
    return Error{ErrorCode::not_authentic, "the record was changed after it was signed"};
  }
  return VerifiedTranscript{file.room_id, file.founder, identity_hash(file.signer_key), record.entries()};
}

std::string describe(const TranscriptEntry& entry) {
  const auto event = static_cast<std::size_t>(entry.event);
  const bool about = entry.subject != IdentityHash{} && entry.subject != entry.actor;
  std::string line = std::to_string(entry.wall_time) + " epoch " + std::to_string(entry.epoch) + ": ";
  line += short_id(about ? entry.subject : entry.actor) + text_of(entry) + " " + (event < event_names.size() ? event_names[event] : "");
  return about ? line + " by " + short_id(entry.actor) : line;
}

}  // namespace conclave::room

namespace conclave {

Result<TranscriptReport> read_transcript(ByteView file) {
  CONCLAVE_ASSIGN(verified, room::verify_transcript(file));
  TranscriptReport report{verified.room_id, verified.founder, verified.signer, {}};
  for (const room::TranscriptEntry& entry : verified.entries) report.lines.push_back(room::describe(entry));
  return report;
}

}  // namespace conclave
