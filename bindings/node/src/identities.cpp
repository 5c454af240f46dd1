// Identities, also at rest, and organisations that vouch for them.
#include <utility>

#include "napi.h"

namespace conclave_node {
namespace {

/// Secret bytes for another thread, wiped when they go.
struct Passphrase {
  std::vector<std::uint8_t> bytes;
  explicit Passphrase(Arguments::Bytes given) : bytes(given.data, given.data + given.size) {}
  Passphrase(const Passphrase&) = delete;
  Passphrase& operator=(const Passphrase&) = delete;
  ~Passphrase() {
    for (volatile std::uint8_t& byte : bytes) byte = 0;
  }
};

napi_value identity(napi_env env, napi_callback_info info) {  // (seed or nothing)
  const auto seed = Arguments(env, info).bytes(0);
  conclave_handle made = 0;
  const auto result = seed.data == nullptr ? conclave_identity_generate(&made) : conclave_identity_from_seed(seed.data, seed.size, &made);
  return handle_or_throw(env, result, made);
}

napi_value identity_hash(napi_env env, napi_callback_info info) {
  const auto who = Arguments(env, info).handle(0);
  return fetched_bytes(env, [&](auto* bytes, auto* size) { return conclave_identity_hash(who, bytes, size); });
}

napi_value public_key(napi_env env, napi_callback_info info) {
  const auto who = Arguments(env, info).handle(0);
  return fetched_bytes(env, [&](auto* bytes, auto* size) { return conclave_identity_public_key(who, bytes, size); });
}

/// 0.1 s of work.
struct Seal final : Task {
  explicit Seal(const Arguments& given) : who(given.handle(0)), passphrase(given.bytes(1)) {}
  conclave_handle who;
  Passphrase passphrase;
  std::array<std::uint8_t, 256> file{};
  std::size_t size = file.size();
  void work() override { result = conclave_identity_seal(who, passphrase.bytes.data(), passphrase.bytes.size(), file.data(), &size); }
  napi_value finish(napi_env env) override { return buffer(env, file.data(), size); }
};

/// As much as the file asks for.
struct Open final : Task {
  explicit Open(const Arguments& given) : file(given.bytes(0)), passphrase(given.bytes(1)) {}
  Passphrase file, passphrase;
  conclave_handle who = 0;
  void work() override {
    result = conclave_identity_open(file.bytes.data(), file.bytes.size(), passphrase.bytes.data(), passphrase.bytes.size(), &who);
  }
  napi_value finish(napi_env env) override { return make_handle(env, who); }
};

napi_value seal_identity(napi_env env, napi_callback_info info) { return start(env, new Seal(Arguments(env, info))); }  // (identity, passphrase): a promise
napi_value open_identity(napi_env env, napi_callback_info info) { return start(env, new Open(Arguments(env, info))); }  // (file, passphrase): a promise

napi_value certify(napi_env env, napi_callback_info info) {  // (identity, chain, key)
  const Arguments given(env, info);
  const auto chain = given.text(1), key = given.text(2);
  return fetched_bytes(env, [&](auto* bytes, auto* size) { return conclave_identity_certify(given.handle(0), chain.c_str(), key.c_str(), bytes, size); });
}

napi_value trust_organisation(napi_env env, napi_callback_info info) {  // (roots, name or nothing)
  const Arguments given(env, info);
  const auto roots = given.text(0), name = given.text(1);
  conclave_handle organisation = 0;
  return handle_or_throw(env, conclave_organisation_trust(roots.c_str(), name.empty() ? nullptr : name.c_str(), &organisation), organisation);
}

napi_value read_transcript(napi_env env, napi_callback_info info) {  // (record)
  const auto record = Arguments(env, info).bytes(0);
  conclave_transcript told{};
  told.struct_size = sizeof told;
  std::vector<char> lines;
  std::size_t size = 0;
  conclave_result result = CONCLAVE_OK;
  while ((result = conclave_transcript_read(record.data, record.size, &told, lines.data(), &size)) == CONCLAVE_BUFFER_TOO_SMALL) lines.resize(size);
  if (result != CONCLAVE_OK) return throw_error(env, last_error());
  napi_value out = nullptr;
  napi_create_object(env, &out);
  set(env, out, "roomId", buffer(env, told.room_id, sizeof told.room_id));
  set(env, out, "founder", buffer(env, told.founder, sizeof told.founder));
  set(env, out, "signer", buffer(env, told.signer, sizeof told.signer));
  set(env, out, "lines", text(env, lines.data()));
  return out;
}

}  // namespace

void define_identities(napi_env env, napi_value exports) {
  constexpr std::pair<const char*, Function> functions[] = {
      {"identity", identity}, {"identityHash", identity_hash}, {"publicKey", public_key}, {"sealIdentity", seal_identity}, {"openIdentity", open_identity},
      {"certify", certify}, {"trustOrganisation", trust_organisation}, {"readTranscript", read_transcript}};
  for (const auto& [name, function] : functions) define(env, exports, name, function);
}

}  // namespace conclave_node
