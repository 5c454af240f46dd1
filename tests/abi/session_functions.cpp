// The functions of the session level, for tests that misuse them.
#include <array>

#include "support.h"

namespace conclave_abi {
namespace {

std::array<std::uint8_t, 4096> bytes{};
const std::array<std::uint8_t, 32> hash{};

}  // namespace

std::vector<HandleFunction> functions_of_sessions() {
  return {
      {"identity_public_key", "identity", [](auto h) { auto n = bytes.size(); return conclave_identity_public_key(h, bytes.data(), &n); }},
      {"identity_hash", "identity", [](auto h) { auto n = bytes.size(); return conclave_identity_hash(h, bytes.data(), &n); }},
      {"session_found", "identity", [](auto h) {
         const auto config = sized<conclave_session_config>();
         conclave_handle session = 0;
         return conclave_session_found(&config, h, "Alice", nullptr, &session);
       }},
      {"joining_begin", "identity", [](auto h) {
         const auto config = sized<conclave_session_config>();
         conclave_handle joining = 0;
         return conclave_joining_begin(&config, h, "Bob", nullptr, &joining);
       }},
      {"joining_key_package", "joining", [](auto h) { auto n = bytes.size(); return conclave_joining_key_package(h, bytes.data(), &n); }},
      {"joining_complete", "joining", [](auto h) {
         conclave_handle session = 0;
         return conclave_joining_complete(h, bytes.data(), 10, hash.data(), hash.size(), nullptr, &session);
       }},
      {"session_handle", "session", [](auto h) { return conclave_session_handle(h, bytes.data(), 10, nullptr); }},
      {"session_tick", "session", [](auto h) { return conclave_session_tick(h, nullptr); }},
      {"session_next_output", "session", [](auto h) {
         auto output = sized<conclave_output>();
         auto n = bytes.size();
         return conclave_session_next_output(h, &output, bytes.data(), &n);
       }},
      {"session_inspect", "session", [](auto h) {
         auto member = sized<conclave_member>();
         return conclave_session_inspect(h, bytes.data(), 10, nullptr, &member);
       }},
      {"session_admit", "session", [](auto h) { return conclave_session_admit(h, 1, bytes.data(), 10, nullptr); }},
      {"session_withdraw", "session", [](auto h) { return conclave_session_withdraw(h, 1); }},
      {"session_remove", "session", [](auto h) { return conclave_session_remove(h, 7, nullptr); }},
      {"session_rotate", "session", [](auto h) { return conclave_session_rotate(h, nullptr); }},
      {"session_save", "session", [](auto h) {
         auto n = bytes.size();
         return conclave_session_save(h, hash.data(), hash.size(), 1, bytes.data(), &n);
       }},
      {"session_say", "session", [](auto h) { return conclave_session_say(h, "hello", 5); }},
      {"session_get_status", "session", [](auto h) {
         auto status = sized<conclave_session_status>();
         return conclave_session_get_status(h, &status);
       }},
      {"session_member", "session", [](auto h) { auto member = sized<conclave_member>(); return conclave_session_member(h, 0, &member); }},
      {"session_safety_code", "session", [](auto h) {
         std::size_t digits = 0, words = 0;
         return conclave_session_safety_code(h, nullptr, &digits, nullptr, &words);
       }},
      {"session_set_verified", "session", [](auto h) { return conclave_session_set_verified(h, 0, 1); }},
      {"session_allow_streams", "session", [](auto h) { return conclave_session_allow_streams(h, 0, 1); }},
  };
}

std::vector<HandleFunction> functions_of_rooms() {
  return {
      {"session_command", "session", [](auto h) {
         auto command = sized<conclave_command>();
         command.kind = CONCLAVE_COMMAND_END;
         return conclave_session_command(h, &command, nullptr);
       }},
      {"session_room", "session", [](auto h) { auto room = sized<conclave_room>(); return conclave_session_room(h, &room); }},
      {"session_invite", "session", [](auto h) {
         std::size_t size = 0;
         return conclave_session_invite(h, 0, "Bob", nullptr, 0, nullptr, &size);
       }},
      {"session_invite with it as the identity", "identity", [](auto h) {
         const Closer session(open_session());
         std::size_t size = 0;
         return conclave_session_invite(session.handle(), h, "Bob", nullptr, 0, nullptr, &size);
       }},
      {"session_record", "session", [](auto h) { std::size_t size = 0; return conclave_session_record(h, 0, nullptr, &size); }},
      {"session_record with it as the identity", "identity", [](auto h) {
         const Closer session(open_session());
         std::size_t size = 0;
         return conclave_session_record(session.handle(), h, nullptr, &size);
       }},
  };
}

std::vector<HandleFunction> functions_of_frames() {
  return {
      {"session_make_sealer", "session", [](auto h) { conclave_handle sealer = 0; return conclave_session_make_sealer(h, 1, 0, &sealer); }},
      {"sealer_seal", "sealer", [](auto h) {
         auto n = bytes.size();
         return conclave_sealer_seal(h, hash.data(), hash.size(), nullptr, 0, bytes.data(), &n);
       }},
      {"sealer_take_up", "sealer", [](auto h) { return h == 0 ? CONCLAVE_INVALID_ARGUMENT : conclave_sealer_take_up(h, h); }},
      {"opener_next", "opener", [](auto h) {
         auto opened = sized<conclave_opened>();
         std::size_t size = 0, metadata_size = 0;
         return conclave_opener_next(h, &opened, nullptr, &size, nullptr, &metadata_size);
       }},
      {"opener_update", "opener", [](auto h) { return conclave_opener_update(h, 0); }},
      {"opener_update with it as the session", "session", [](auto h) {
         conclave_handle opener = 0;
         conclave_opener_create(&opener);
         const Closer closer(opener);
         return conclave_opener_update(opener, h);
       }},
      {"opener_open", "opener", [](auto h) {
         auto opened = sized<conclave_opened>();
         return conclave_opener_open(h, -1, bytes.data(), 30, nullptr, 0, 0, bytes.data(), bytes.size(), &opened);
       }},
  };
}

}  // namespace conclave_abi
