// The functions of identities, contacts and statements, for tests that misuse them.
#include <array>

#include "support.h"

namespace conclave_abi {
namespace {

std::array<std::uint8_t, 8192> room{};
const std::array<std::uint8_t, 32> a_key{7};

}  // namespace

std::vector<HandleFunction> functions_of_statements() {
  return {
      {"sealer_take_statement", "sealer", [](auto h) { auto n = room.size(); return conclave_sealer_take_statement(h, room.data(), &n); }},
      {"session_state_frames", "session", [](auto h) { return conclave_session_state_frames(h, nullptr, 0); }},
      {"session_check_evidence", "session", [](auto h) {
         std::uint32_t member = 0;
         return conclave_session_check_evidence(h, a_key.data(), a_key.size(), &member);
       }},
      {"session_record_doubt", "session", [](auto h) {
         auto doubt = sized<conclave_frame_doubt>();
         doubt.kind = CONCLAVE_FRAMES_UNSTATED;
         return conclave_session_record_doubt(h, &doubt, nullptr);
       }},
      {"opener_hear", "opener", [](auto h) { return conclave_opener_hear(h, a_key.data(), a_key.size()); }},
      {"opener_review", "opener", [](auto h) { auto doubt = sized<conclave_frame_doubt>(); return conclave_opener_review(h, nullptr, &doubt); }},
      {"opener_statements", "opener", [](auto h) { auto told = sized<conclave_statements>(); return conclave_opener_statements(h, &told); }},
  };
}

std::vector<HandleFunction> functions_of_identities() {
  return {
      {"identity_seal", "identity", [](auto h) { std::size_t n = 0; return conclave_identity_seal(h, "words", 5, nullptr, &n); }},
      {"identity_certify", "identity", [](auto h) {
         auto n = room.size();
         return conclave_identity_certify(h, certificate("bob.chain.pem").c_str(), certificate("bob.key.pem").c_str(), room.data(), &n);
       }},
      {"session_found with it as whom it trusts", "organisation", [](auto h) {
         auto config = sized<conclave_session_config>();
         config.trusted = &h;
         config.trusted_count = 1;
         const Closer identity(open_identity());
         conclave_handle session = 0;
         return conclave_session_found(&config, identity.handle(), "Alice", nullptr, &session);
       }},
  };
}

std::vector<HandleFunction> functions_of_contacts() {
  return {
      {"contacts_serialise", "contacts", [](auto h) { auto n = room.size(); return conclave_contacts_serialise(h, room.data(), &n); }},
      {"contacts_seal", "contacts", [](auto h) {
         const Closer identity(open_identity());
         auto n = room.size();
         return conclave_contacts_seal(h, identity.handle(), room.data(), &n);
       }},
      {"contacts_seal with it as the identity", "identity", [](auto h) {
         const Closer contacts(open_contacts());
         auto n = room.size();
         return conclave_contacts_seal(contacts.handle(), h, room.data(), &n);
       }},
      {"contacts_open with it as the identity", "identity", [](auto h) {
         conclave_handle contacts = 0;
         return conclave_contacts_open(room.data(), 10, h, &contacts);
       }},
      {"contacts_count", "contacts", [](auto h) { std::uint64_t n = 0; return conclave_contacts_count(h, &n); }},
      {"contacts_recognise", "contacts", [](auto h) {
         auto told = sized<conclave_recognition>();
         return conclave_contacts_recognise(h, a_key.data(), a_key.size(), "Bob", &told);
       }},
      {"contacts_remember", "contacts", [](auto h) { return conclave_contacts_remember(h, a_key.data(), a_key.size(), "Bob", 0); }},
      {"contacts_meet", "contacts", [](auto h) { return conclave_contacts_meet(h, a_key.data(), a_key.size(), "Bob"); }},
      {"contacts_forget", "contacts", [](auto h) { return conclave_contacts_forget(h, a_key.data(), a_key.size()); }},
  };
}

}  // namespace conclave_abi
