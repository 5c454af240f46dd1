// How sessions begin.
#include "session_setup.h"

#include <chrono>

#include "structs.h"

namespace conclave::c {

Moment moment_of(const conclave_moment* at) {
  if (at != nullptr) return {Time(Duration(at->now)), {at->wall}};
  const auto wall = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  return {monotonic_now(), {static_cast<std::uint64_t>(wall.count())}};
}

namespace {

Result<void> take_suites(const conclave_session_config& given, SessionConfig& config) {
  std::vector<FrameSuite> suites;
  for (const auto suite : given.frame_suites) {
    if (suite > 0xFFFF) return invalid("there is no such frame suite");
    if (suite != 0) suites.push_back(static_cast<FrameSuite>(suite));
  }
  if (!suites.empty()) config.frame_suites = std::move(suites);
  if (given.suite > 0xFFFF) return invalid("there is no such suite");
  if (given.suite != 0) config.suite = static_cast<std::uint16_t>(given.suite);
  return {};
}

Result<void> take_room(const conclave_session_config& given, SessionConfig& config) {
  if (given.mode > CONCLAVE_ROOM_STAGE) return invalid("there is no such mode of a room");
  if (given.mode != 0) config.mode = static_cast<RoomMode>(given.mode);
  if (given.admissions_at_once != 0) config.admissions_at_once = given.admissions_at_once;
  CONCLAVE_C_ASSIGN(invitation, bytes_of(given.invitation, given.invitation_size));
  config.invitation.assign(invitation.begin(), invitation.end());
  CONCLAVE_C_ASSIGN(organisation, bytes_of(given.organisation, given.organisation_size));
  config.organisation.assign(organisation.begin(), organisation.end());
  return take_trusted(given.trusted, given.trusted_count, config.trusted);
}

Result<std::array<std::uint8_t, 32>> hash_of(const std::uint8_t* hash, std::size_t size) {
  if (hash == nullptr || size != 32) return invalid("the founder's hash is not 32 bytes");
  std::array<std::uint8_t, 32> copy{};
  std::copy_n(hash, size, copy.begin());
  return copy;
}

Result<void> hand_out_session(Result<Session> session, conclave_handle* out) {
  if (!session.ok()) return std::move(session).error();
  return hand_out(std::make_unique<SessionObject>(Meeting{std::move(session).value(), {}}), out);
}

}  // namespace

Result<SessionConfig> session_config(const conclave_session_config* given) {
  CONCLAVE_C_ASSIGN(said, read_struct(given));
  SessionConfig config;
  std::copy_n(said.room_id, sizeof said.room_id, config.room_id.begin());
  CONCLAVE_C_TRY(take_suites(said, config));
  CONCLAVE_C_TRY(take_duration(said.epoch_overlap, config.epoch_overlap));
  CONCLAVE_C_TRY(take_duration(said.key_rotation, config.key_rotation));
  CONCLAVE_C_TRY(take_duration(said.heartbeat, config.heartbeat));
  CONCLAVE_C_TRY(take_duration(said.commit_interval, config.commit_interval));
  CONCLAVE_C_TRY(take_room(said, config));
  return config;
}

}  // namespace conclave::c

using namespace conclave;
using namespace conclave::c;

conclave_result conclave_session_found(const conclave_session_config* given, conclave_handle identity, const char* name,
                                       const conclave_moment* at, conclave_handle* session) {
  return with<IdentityObject>(identity, [&](IdentityObject& who) -> Result<void> {
    if (name == nullptr || session == nullptr) return invalid("the name or the place for the handle is NULL");
    CONCLAVE_C_ASSIGN(config, session_config(given));
    return hand_out_session(Session::found(std::move(config), *who.value, name, moment_of(at)), session);
  });
}

conclave_result conclave_joining_begin(const conclave_session_config* given, conclave_handle identity, const char* name,
                                       const conclave_moment* at, conclave_handle* joining) {
  return with<IdentityObject>(identity, [&](IdentityObject& who) -> Result<void> {
    if (name == nullptr || joining == nullptr) return invalid("the name or the place for the handle is NULL");
    CONCLAVE_C_ASSIGN(config, session_config(given));
    CONCLAVE_C_ASSIGN(begun, Joining::begin(std::move(config), *who.value, name, moment_of(at)));
    return hand_out(std::make_unique<JoiningObject>(std::move(begun)), joining);
  });
}

conclave_result conclave_joining_key_package(conclave_handle joining, uint8_t* package, size_t* size) {
  return with<JoiningObject>(joining, [&](JoiningObject& object) { return write_bytes(object.value.key_package(), package, size); });
}

conclave_result conclave_joining_complete(conclave_handle joining, const uint8_t* welcome, size_t size, const uint8_t* founder_hash,
                                          size_t hash_size, const conclave_moment* at, conclave_handle* session) {
  return with<JoiningObject>(joining, [&](JoiningObject& object) -> Result<void> {
    if (session == nullptr) return invalid("the place for the handle is NULL");
    CONCLAVE_C_ASSIGN(bytes, bytes_of(welcome, size));
    CONCLAVE_C_ASSIGN(hash, hash_of(founder_hash, hash_size));
    return hand_out_session(object.value.complete(bytes, hash, moment_of(at)), session);
  });
}

conclave_result conclave_session_restore(const conclave_session_config* given, const uint8_t* state, size_t size, const uint8_t* key,
                                         size_t key_size, uint64_t counter, const conclave_moment* at, conclave_handle* session) {
  return guarded([&]() -> Result<void> {
    if (session == nullptr) return invalid("the place for the handle is NULL");
    CONCLAVE_C_ASSIGN(config, session_config(given));
    CONCLAVE_C_ASSIGN(saved, bytes_of(state, size));
    CONCLAVE_C_ASSIGN(secret, bytes_of(key, key_size));
    return hand_out_session(Session::restore(saved, secret, counter, std::move(config), moment_of(at)), session);
  });
}
