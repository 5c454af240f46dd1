// Calls.
#include <initializer_list>
#include <utility>

#include "napi.h"

namespace conclave_node {
namespace {

bool is_function(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  return value != nullptr && napi_typeof(env, value, &type) == napi_ok && type == napi_function;
}

napi_value open_call(napi_env env, napi_callback_info info) {  // (config, video, audio, sinks, link or "", seed of the room's key, carrier or nothing, identity or nothing,
                                                               //  contacts or nothing, organisation's proof, trusted organisations)
  const Arguments given(env, info);
  const auto config_value = given.at(0);
  const auto name = text_of(env, config_value, "name"), listen = text_of(env, config_value, "listen"),
             advertise = text_of(env, config_value, "advertise"), key_file = text_of(env, config_value, "relayKeyFile"),
             relay = text_of(env, config_value, "relay"), token = text_of(env, config_value, "roomToken"), link = given.text(4);
  const auto seed = given.bytes(5);
  const auto or_null = [](const std::string& t) { return t.empty() ? nullptr : t.c_str(); };
  const auto sinks = handles_of(env, given.at(3));
  conclave_call_config config{};
  config.struct_size = sizeof config;
  config.display_name = or_null(name);
  config.video_source = given.handle(1);
  config.audio_source = given.handle(2);
  config.sinks = sinks.data();
  config.sink_count = static_cast<std::uint32_t>(sinks.size());
  config.playout_delay = integer_of(env, config_value, "playoutDelay");
  config.key_rotation = integer_of(env, config_value, "keyRotation");
  config.join_timeout = integer_of(env, config_value, "joinTimeout");
  config.connect_timeout = integer_of(env, config_value, "connectTimeout");
  config.listen = or_null(listen);
  config.advertise = or_null(advertise);
  config.relay_key_file = or_null(key_file);
  config.port = static_cast<std::uint32_t>(integer_of(env, config_value, "port"));
  config.relay = or_null(relay);
  config.room_token = or_null(token);
  config.room_key_seed = seed.size == 32 ? seed.data : nullptr;
  config.mode = static_cast<std::uint32_t>(integer_of(env, config_value, "mode"));
  config.identity = given.handle(7);
  config.contacts = given.handle(8);
  const auto organisation = given.bytes(9);
  config.organisation = organisation.data;
  config.organisation_size = organisation.size;
  const auto trusted = handles_of(env, given.at(10));
  config.trusted = trusted.data();
  config.trusted_count = static_cast<std::uint32_t>(trusted.size());
  config.reconnect_window = integer_of(env, config_value, "reconnectWindow");
  config.full_hop = static_cast<std::uint32_t>(integer_of(env, config_value, "fullHop"));
  const auto carrier = is_function(env, given.at(6)) ? carrier_of(env, given.at(6)) : conclave_carrier{};
  if (is_function(env, given.at(6)) && carrier.send == nullptr) {  // rather no call than one that opens a socket of its own
    napi_throw(env, error_value(env, CONCLAVE_OUT_OF_RESOURCES, "the carrier's queue cannot be made", false, 0));
    return nullptr;
  }
  config.carrier = carrier.send != nullptr ? &carrier : nullptr;
  conclave_handle call = 0;
  const auto result = link.empty() ? conclave_call_host(&config, &call) : conclave_call_join(&config, link.c_str(), &call);
  if (result == CONCLAVE_OK) return make_handle(env, call);
  const auto error = last_error();
  if (carrier.send != nullptr) carrier.closed(carrier.user);
  return throw_error(env, error);
}

napi_value receive(napi_env env, napi_callback_info info) {  // (call, datagram)
  const Arguments given(env, info);
  const auto datagram = given.bytes(1);
  return checked(env, conclave_call_receive(given.handle(0), datagram.data, datagram.size));
}

napi_value link(napi_env env, napi_callback_info info) {
  std::array<char, 2048> words{};
  std::size_t size = words.size();
  if (conclave_call_link(Arguments(env, info).handle(0), words.data(), &size) != CONCLAVE_OK) return throw_error(env, last_error());
  return text(env, words.data());
}

struct NextEvent final : Task {
  conclave_handle call = 0;
  std::int64_t timeout = 0;
  conclave_event event{};

  void work() override {
    event.struct_size = sizeof event;
    result = conclave_call_next_event(call, timeout, &event);
  }

  napi_value finish(napi_env env) override {
    napi_value out = nullptr;
    napi_create_object(env, &out);
    set(env, out, "kind", number(env, event.kind));
    set(env, out, "id", number(env, static_cast<double>(event.id)));
    set(env, out, "member", number(env, event.member));
    set(env, out, "flag", boolean(env, event.flag != 0));
    set(env, out, "number", number(env, event.flag));
    set(env, out, "name", text(env, event.name));
    set(env, out, "digits", text(env, event.digits));
    set(env, out, "text", text(env, event.text));
    set(env, out, "words", text(env, event.words));
    set(env, out, "authenticator", buffer(env, event.authenticator, event.authenticator_size));
    set(env, out, "verifiedBy", text(env, event.verified_by));
    set(env, out, "certifiedAs", text(env, event.certified_as));
    set_recognition(env, out, event);
    set_evidence(env, out, event);
    set(env, out, "error", error_value(env, event.code, event.detail, event.has_participant != 0, event.participant));
    return out;
  }
};

napi_value next_event(napi_env env, napi_callback_info info) {  // (call, timeout): a promise
  const Arguments given(env, info);
  auto* task = new NextEvent;
  task->call = given.handle(0);
  task->timeout = given.integer(1);
  return start(env, task);
}

/// What blocks until threads have ended: closing and finishing.
struct Ending final : Task {
  conclave_handle call = 0;
  bool close = false;
  void work() override { result = close ? conclave_close(call) : conclave_call_finish(call); }
  napi_value finish(napi_env env) override { return boolean(env, true); }
};

napi_value end_call(napi_env env, napi_callback_info info) {  // (call, close): a promise
  const Arguments given(env, info);
  auto* task = new Ending;
  task->call = given.handle(0);
  task->close = given.integer(1) != 0;
  return start(env, task);
}

napi_value tell(napi_env env, napi_callback_info info) {  // (call, what, number)
  const Arguments given(env, info);
  const auto call = given.handle(0);
  const auto id = static_cast<std::uint64_t>(given.integer(2));
  const auto what = given.text(1);
  conclave_result result = CONCLAVE_INVALID_ARGUMENT;
  if (what == "admit") result = conclave_call_admit(call, id);
  if (what == "refuse") result = conclave_call_refuse(call, id);
  if (what == "remove") result = conclave_call_remove(call, static_cast<std::uint32_t>(id));
  if (what == "rotateKeys") result = conclave_call_rotate_keys(call);
  if (what == "leave") result = conclave_call_leave(call);
  return checked(env, result);
}

napi_value object(napi_env env, std::initializer_list<std::pair<const char*, std::uint64_t>> numbers) {
  napi_value out = nullptr;
  napi_create_object(env, &out);
  for (const auto& [name, value] : numbers) set(env, out, name, number(env, static_cast<double>(value)));
  return out;
}

napi_value medium(napi_env env, const conclave_medium_report& report) {
  return object(env, {{"framesSent", report.frames_sent}, {"packetsSent", report.packets_sent}, {"bytesSent", report.bytes_sent},
                      {"retransmissions", report.retransmissions}, {"keyframes", report.keyframes}, {"framesReceived", report.frames_received},
                      {"framesLost", report.frames_lost}, {"framesDecoded", report.frames_decoded}, {"decodeFailures", report.decode_failures},
                      {"framesConcealed", report.frames_concealed}, {"packetsReceived", report.packets_received},
                      {"packetsLost", report.packets_lost}, {"packetsRecovered", report.packets_recovered}, {"bytesReceived", report.bytes_received},
                      {"keyframesRequested", report.keyframes_requested}, {"freezes", report.freezes}});
}

napi_value report(napi_env env, napi_callback_info info) {
  conclave_report told{};
  told.struct_size = sizeof told;
  if (conclave_call_report(Arguments(env, info).handle(0), &told) != CONCLAVE_OK) return throw_error(env, last_error());
  const auto out = object(env, {{"memberCount", told.member_count}, {"epoch", told.epoch}, {"malformed", told.malformed},
                                {"unknownEpoch", told.unknown_epoch}, {"unknownSender", told.unknown_sender}, {"forged", told.forged},
                                {"replayed", told.replayed}, {"incomplete", told.incomplete}, {"wrongStream", told.wrong_stream},
                                {"badMessage", told.bad_message}, {"videoCaptured", told.video_captured}, {"videoSkipped", told.video_skipped},
                                {"audioCaptured", told.audio_captured}, {"audioSkipped", told.audio_skipped}, {"mediaUnplayed", told.media_unplayed}, {"eventsLost", told.events_lost},
                                {"framesConfirmed", told.frames_confirmed}, {"framesEquivocated", told.frames_equivocated},
                                {"framesUnstated", told.frames_unstated}, {"framesMissed", told.frames_missed}, {"framesLate", told.frames_late},
                                {"framesUnwatched", told.frames_unwatched},
                                {"datagramsSent", told.datagrams_sent}, {"datagramsReceived", told.datagrams_received}});
  set(env, out, "setupTime", number(env, static_cast<double>(told.setup_time)));
  set(env, out, "video", medium(env, told.video));
  set(env, out, "audio", medium(env, told.audio));
  set(env, out, "relayAddress", text(env, told.relay_address));
  return out;
}

napi_value call_contacts(napi_env env, napi_callback_info info) {
  conclave_handle contacts = 0;
  const auto result = conclave_call_contacts(Arguments(env, info).handle(0), &contacts);
  return handle_or_throw(env, result, contacts);
}

}  // namespace

void define_calls(napi_env env, napi_value exports) {
  define(env, exports, "openCall", open_call);
  define(env, exports, "link", link);
  define(env, exports, "nextEvent", next_event);
  define(env, exports, "endCall", end_call);
  define(env, exports, "tell", tell);
  define(env, exports, "report", report);
  define(env, exports, "receive", receive);
  define(env, exports, "callContacts", call_contacts);
}

}  // namespace conclave_node
