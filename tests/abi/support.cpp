#include "support.h"

#include <catch2/catch.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace conclave_abi {

std::string last_detail() {
  auto error = sized<conclave_error>();
  conclave_last_error(&error);
  return error.detail;
}

conclave_sink_config fetched_sink() {
  auto config = sized<conclave_sink_config>();
  config.kind = CONCLAVE_SINK_FETCHED;
  return config;
}

conclave_handle open_sink() {
  const auto config = fetched_sink();
  conclave_handle sink = 0;
  REQUIRE(conclave_sink_open(&config, &sink) == CONCLAVE_OK);
  return sink;
}

namespace {

conclave_source_config pushed() {
  auto config = sized<conclave_source_config>();
  config.kind = CONCLAVE_SOURCE_PUSHED;
  config.width = 160;
  config.height = 90;
  return config;
}

}  // namespace

conclave_handle open_source() {
  const auto config = pushed();
  conclave_handle source = 0;
  REQUIRE(conclave_source_open(&config, &source, nullptr) == CONCLAVE_OK);
  return source;
}

conclave_handle open_sound() {
  const auto config = pushed();
  conclave_handle source = 0;
  REQUIRE(conclave_source_open(&config, nullptr, &source) == CONCLAVE_OK);
  return source;
}

conclave_handle open_call() {
  auto config = sized<conclave_call_config>();
  config.listen = "127.0.0.1";
  conclave_handle call = 0;
  INFO(last_detail());
  REQUIRE(conclave_call_host(&config, &call) == CONCLAVE_OK);
  return call;
}

conclave_event await(conclave_handle call, std::uint32_t kind) {
  for (auto event = sized<conclave_event>();;) {
    REQUIRE(conclave_call_next_event(call, patience, &event) == CONCLAVE_OK);
    INFO("event " << event.kind << " " << event.detail);
    if (event.kind == kind) return event;
    REQUIRE(event.kind != CONCLAVE_EVENT_ENDED);
    REQUIRE(event.kind != CONCLAVE_EVENT_NONE);
  }
}

std::string link_of(conclave_handle call) {
  std::array<char, 2048> link{};
  std::size_t size = link.size();
  REQUIRE(conclave_call_link(call, link.data(), &size) == CONCLAVE_OK);
  return link.data();
}

std::string certificate(const std::string& file) {
  std::ifstream in(std::filesystem::path(CONCLAVE_CERTIFICATES) / file);
  std::ostringstream text;
  text << in.rdbuf();
  REQUIRE(!text.str().empty());
  return text.str();
}

conclave_handle open_identity() {
  conclave_handle identity = 0;
  REQUIRE(conclave_identity_generate(&identity) == CONCLAVE_OK);
  return identity;
}

conclave_handle open_contacts() {
  conclave_handle contacts = 0;
  REQUIRE(conclave_contacts_create(&contacts) == CONCLAVE_OK);
  return contacts;
}

conclave_handle open_organisation() {
  conclave_handle organisation = 0;
  REQUIRE(conclave_organisation_trust(certificate("root.pem").c_str(), nullptr, &organisation) == CONCLAVE_OK);
  return organisation;
}

namespace {

conclave_handle open_joining() {
  const auto config = sized<conclave_session_config>();
  const Closer identity(open_identity());
  conclave_handle joining = 0;
  REQUIRE(conclave_joining_begin(&config, identity.handle(), "Bob", nullptr, &joining) == CONCLAVE_OK);
  return joining;
}

conclave_handle open_sealer() {
  const Closer session(open_session());
  conclave_handle sealer = 0;
  REQUIRE(conclave_session_make_sealer(session.handle(), 0, CONCLAVE_FRAME_WHOLE, &sealer) == CONCLAVE_OK);
  return sealer;
}

conclave_handle open_opener() {
  conclave_handle opener = 0;
  REQUIRE(conclave_opener_create(&opener) == CONCLAVE_OK);
  return opener;
}

}  // namespace

conclave_handle open_session() {
  const auto config = sized<conclave_session_config>();
  const Closer identity(open_identity());
  conclave_handle session = 0;
  REQUIRE(conclave_session_found(&config, identity.handle(), "Alice", nullptr, &session) == CONCLAVE_OK);
  return session;
}

std::vector<std::pair<std::string, conclave_handle>> open_one_of_each() {
  return {{"source", open_source()},     {"sink", open_sink()},       {"call", open_call()},     {"identity", open_identity()},
          {"session", open_session()}, {"joining", open_joining()}, {"sealer", open_sealer()}, {"opener", open_opener()},
          {"contacts", open_contacts()}, {"organisation", open_organisation()}};
}

std::vector<conclave_handle> garbage_handles() {
  std::vector<conclave_handle> handles{0, 1, 0xFFFF'FFFF, 0xFFFF'FFFF'FFFF'FFFF, 0xDEAD'BEEF'DEAD'BEEF, 0x7FFF'FFFF'0100'0000};
  for (conclave_handle kind = 0; kind < 16; ++kind) {
    handles.push_back(kind << 24);                                            // generation 0
    handles.push_back(std::uint64_t{1} << 32 | kind << 24 | 0xFF'FFFF);       // an index beyond all
    handles.push_back(std::uint64_t{0x7FFF'0000} << 32 | kind << 24);         // a generation that has not been
  }
  return handles;
}

std::vector<HandleFunction> functions_of_media() {
  static std::array<std::int16_t, 960> samples{};
  static std::vector<std::uint8_t> plane(160 * 90);
  return {
      {"close", any_kind, [](auto h) { return conclave_close(h); }},
      {"set_user", any_kind, [](auto h) { return conclave_set_user(h, nullptr); }},
      {"get_user", any_kind, [](auto h) { void* user = nullptr; return conclave_get_user(h, &user); }},
      {"source_push_picture", "source", [](auto h) {
         auto picture = sized<conclave_picture>();
         picture.width = picture.y_stride = picture.u_stride = picture.v_stride = 160;
         picture.height = 90;
         picture.y = picture.u = picture.v = plane.data();
         return conclave_source_push_picture(h, &picture);
       }},
      {"source_push_sound", "source", [](auto h) { return conclave_source_push_sound(h, samples.data(), samples.size(), 0); }},
      {"source_waiting", "source", [](auto h) { std::uint64_t n = 0; return conclave_source_waiting(h, &n); }},
      {"sink_next", "sink", [](auto h) {
         auto media = sized<conclave_media>();
         std::size_t size = 0;
         return conclave_sink_next(h, 0, &media, nullptr, &size);
       }},
      {"call_host with it as its picture", "source", [](auto h) {
         auto config = sized<conclave_call_config>();
         config.video_source = h;
         conclave_handle call = 0;
         return h == 0 ? CONCLAVE_INVALID_ARGUMENT : conclave_call_host(&config, &call);
       }},
      {"call_host with it as its identity", "identity", [](auto h) {
         auto config = sized<conclave_call_config>();
         config.identity = h;
         conclave_handle call = 0;
         return h == 0 ? CONCLAVE_INVALID_ARGUMENT : conclave_call_host(&config, &call);
       }},
      {"call_host with it as its contacts", "contacts", [](auto h) {
         auto config = sized<conclave_call_config>();
         config.contacts = h;
         conclave_handle call = 0;
         return h == 0 ? CONCLAVE_INVALID_ARGUMENT : conclave_call_host(&config, &call);
       }},
      {"call_host with it as whom it trusts", "organisation", [](auto h) {
         auto config = sized<conclave_call_config>();
         config.trusted = &h;
         config.trusted_count = 1;
         conclave_handle call = 0;
         return conclave_call_host(&config, &call);
       }},
      {"call_host with it as a sink", "sink", [](auto h) {
         auto config = sized<conclave_call_config>();
         config.sinks = &h;
         config.sink_count = 1;
         conclave_handle call = 0;
         return conclave_call_host(&config, &call);
       }},
  };
}

std::vector<HandleFunction> functions_of_calls() {
  return {
      {"call_receive", "call", [](auto h) { const std::uint8_t byte = 0; return conclave_call_receive(h, &byte, 1); }},
      {"call_link", "call", [](auto h) { std::size_t size = 0; return conclave_call_link(h, nullptr, &size); }},
      {"call_next_event", "call", [](auto h) { auto event = sized<conclave_event>(); return conclave_call_next_event(h, 0, &event); }},
      {"call_admit", "call", [](auto h) { return conclave_call_admit(h, 1); }},
      {"call_refuse", "call", [](auto h) { return conclave_call_refuse(h, 1); }},
      {"call_remove", "call", [](auto h) { return conclave_call_remove(h, 1); }},
      {"call_command", "call", [](auto h) {
         auto command = sized<conclave_command>();
         command.kind = CONCLAVE_COMMAND_END;
         return conclave_call_command(h, &command);
       }},
      {"call_room", "call", [](auto h) { auto room = sized<conclave_room>(); return conclave_call_room(h, &room); }},
      {"call_record", "call", [](auto h) { std::size_t size = 0; return conclave_call_record(h, nullptr, &size); }},
      {"call_contacts", "call", [](auto h) { conclave_handle contacts = 0; return conclave_call_contacts(h, &contacts); }},
      {"call_rotate_keys", "call", [](auto h) { return conclave_call_rotate_keys(h); }},
      {"call_leave", "call", [](auto h) { return conclave_call_leave(h); }},
      {"call_finish", "call", [](auto h) { return conclave_call_finish(h); }},
      {"call_report", "call", [](auto h) { auto report = sized<conclave_report>(); return conclave_call_report(h, &report); }},
      {"call_member", "call", [](auto h) { auto member = sized<conclave_member>(); return conclave_call_member(h, 0, &member); }},
  };
}

}  // namespace conclave_abi
