// Saving and restoring a session.
#include <algorithm>

#include "base/bytes.h"
#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "session/session_state.h"

namespace conclave {

namespace {

constexpr std::uint32_t magic = 0x434E4353;
constexpr std::uint16_t format_version = 3;

///     struct {
///         uint32 magic; uint16 version; uint64 counter; opaque salt[32];   /* authenticated, in the clear */
///         opaque sealed[];   /* SavedSession: ChaCha20-Poly1305 under a key derived from the app's and the salt, zero nonce */
///     } SealedSession;
struct Header {
  std::uint32_t magic_number = magic;
  std::uint16_t version = format_version;
  std::uint64_t counter = 0;
  std::array<std::uint8_t, 32> salt{};
  CONCLAVE_FIELDS(magic_number, version, counter, salt)
};

struct IdentityEntry {
  std::array<std::uint8_t, 32> hash{};
  CONCLAVE_FIELDS(hash)
};

/// A commit of ours that was under way, with what it takes to hand it to the log once more; `message` is empty where none was.
struct SavedCommit {
  Bytes message;
  std::uint64_t epoch = 0;
  std::vector<std::uint64_t> requests;
  Bytes welcome;
  std::uint8_t asked = 0;
  CONCLAVE_FIELDS(message, epoch, requests, welcome, asked)
};

SavedCommit saved_commit(const ToLog* entry) {
  SavedCommit out;
  if (entry == nullptr) return out;
  out.message = entry->message;
  out.epoch = entry->epoch;
  if (!entry->admission) return out;
  out.welcome = entry->admission->welcome;
  out.requests = entry->admission->others;
  out.requests.insert(out.requests.begin(), entry->admission->request);
  return out;
}

ToLog entry_of(SavedCommit saved) {
  ToLog out{std::move(saved.message), true, saved.epoch, {}};
  if (saved.requests.empty()) return out;
  const std::vector<std::uint64_t> others(saved.requests.begin() + 1, saved.requests.end());
  out.admission = ToLog::Admission{saved.requests.front(), std::move(saved.welcome), others};
  return out;
}

struct SavedSession {
  std::array<std::uint8_t, 32> founder{};
  std::vector<IdentityEntry> verified;
  std::uint64_t log_count = 0;
  std::array<std::uint8_t, 32> log_hash{};
  SecretBuffer frame_signer;
  SavedCommit commit;
  Bytes group;  ///< mls::Group::save, sealed once more by itself
  CONCLAVE_FIELDS(founder, verified, log_count, log_hash, frame_signer, commit, group)
};

constexpr std::array<std::uint8_t, crypto::aead_nonce_size> zero_nonce{};

crypto::AeadKey state_key(ByteView key, const Header& header) {
  constexpr auto sha256 = crypto::HashAlgorithm::sha256;
  Secret<struct SessionStateKeyTag> extracted(32);
  crypto::hkdf_extract(sha256, header.salt, key, extracted.expose_mutable());
  Secret<struct SessionStateKeyTag> expanded(32);
  crypto::hkdf_expand(sha256, extracted.expose(), as_bytes("conclave session state"), expanded.expose_mutable());
  return {crypto::AeadAlgorithm::chacha20_poly1305, expanded.expose()};
}

Error damaged(const char* detail) { return {ErrorCode::damaged_state, detail}; }

Result<SavedSession> open_state(ByteView saved, ByteView key, std::uint64_t counter) {
  if (key.size() != 32) return Error{ErrorCode::invalid_argument, "a state is sealed under 32 bytes"};
  const std::size_t head_size = wire::size_of(Header{});
  if (saved.size() < head_size + crypto::aead_tag_size) return damaged("a state is cut short");
  const Header header = *wire::decode<Header>(saved.first(head_size));
  if (header.magic_number != magic) return damaged("this is no state of a session");
  if (header.version != format_version) return Error{ErrorCode::unsupported, "a state is of another version of this library"};
  const ByteView sealed = saved.subspan(head_size);
  SecretBuffer plaintext(sealed.size() - crypto::aead_tag_size);
  if (!state_key(key, header).open(zero_nonce, saved.first(head_size), sealed, plaintext.expose_mutable())) {
    return damaged("a state is damaged or sealed under another key");
  }
  if (header.counter != counter) return damaged("a state is not the last one that was saved");
  auto state = wire::decode<SavedSession>(plaintext.expose());
  if (!state.ok()) return damaged("a state does not parse");
  return state;
}

}  // namespace

Result<Bytes> Session::save(ByteView key, std::uint64_t counter) const {
  if (key.size() != 32) return Error{ErrorCode::invalid_argument, "a state is sealed under 32 bytes"};
  if (state_->ended) return Error{ErrorCode::invalid_state, "the session has ended"};
  crypto::Random& random = state_->random();
  SavedSession state;
  state.founder = state_->group.founder_hash();
  for (const auto& identity : state_->verified) state.verified.push_back({identity});
  state.log_count = state_->vigil.trace().count();
  state.log_hash = state_->vigil.trace().hash();
  state.frame_signer = SecretBuffer::copy_of(state_->group.frame_signer());
  state.commit = saved_commit(state_->queue.under_way(state_->group));
  state.commit.asked = state_->queue.asked() ? 1 : 0;
  CONCLAVE_ASSIGN(group, state_->group.save(key, counter, random));
  state.group = std::move(group);
  Header header;
  header.counter = counter;
  random.fill(header.salt);
  const Bytes head = wire::encode(header);
  const SecretBuffer plaintext = wire::encode_secret(state);
  Bytes out(head.size() + plaintext.size() + crypto::aead_tag_size);
  std::ranges::copy(head, out.begin());
  state_key(key, header).seal(zero_nonce, head, plaintext.expose(), ByteSpan(out).subspan(head.size()));
  return out;
}

Result<Session> Session::restore(ByteView saved, ByteView key, std::uint64_t counter, SessionConfig config, Moment at) {
  CONCLAVE_ASSIGN(stored, open_state(saved, key, counter));
  auto seeded = config.seed ? std::make_unique<crypto::SeededRandom>(*config.seed) : nullptr;
  crypto::Random& random = seeded ? static_cast<crypto::Random&>(*seeded) : crypto::system_random();
  CONCLAVE_ASSIGN(group, session::RoomGroup::restore(stored.group, key, counter, config, {stored.founder, stored.frame_signer.expose(), stored.commit.message}, random));
  auto state = std::make_unique<State>(std::move(config), std::move(seeded), std::move(group), at);
  for (const IdentityEntry& entry : stored.verified) state->verified.insert(entry.hash);
  state->read_roster(at.wall);
  state->vigil.resume(session::LogTrace(stored.log_count, stored.log_hash));
  const bool asked = stored.commit.asked != 0;
  if (!stored.commit.message.empty()) state->queue.resume(entry_of(std::move(stored.commit)), asked);
  state->next_rotation = at.now;  // a commit of our own at once: nothing may be sealed before it
  return Session(std::move(state));
}

}  // namespace conclave
